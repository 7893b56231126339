"""The Elasticsearch engine, for a province's data: servers 8 and 9, no plug-in, no paid licence."""
