"""对接项目: list, board, a deal's page and its forms."""
