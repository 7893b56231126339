"""Matching of needs (challenges) and results: text in, ranked and explained matches out. Knows no Flask and no SQL."""
