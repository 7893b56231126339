"""The embedded engine: SQLite FTS5 and memory-mapped vectors in a folder, no server. For one county's data."""
