"""Posting step by step, for challenges and results alike: labels, forms, the wizard's views."""
