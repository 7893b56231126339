"""Bringing tables in: `readers` (JSONL, CSV, xlsx → raw rows), `columns` (heads → fields), `importer` (check all, then write all)."""
