"""Demo content: own writing, invented organisations and people, and the loader that plays it into an empty installation."""
