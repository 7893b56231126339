"""Jieti 解题: the web application."""
