"""Full-text and vector search: one port (`search.ports`), two engines (embedded, Elasticsearch)."""
