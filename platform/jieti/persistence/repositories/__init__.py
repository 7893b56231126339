"""Queries. A repository reads and adds; it never commits, and every read of a person's goes through the audience rule."""
