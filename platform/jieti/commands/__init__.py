"""The commands of the `jieti` console script, one module a capability."""
