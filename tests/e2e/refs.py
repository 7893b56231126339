"""Where the demo content is: addresses of records by what they are, read from the installation's database."""

from __future__ import annotations

import sqlite3
from pathlib import Path

OWN = "SELECT id FROM user_account WHERE email = 'demo.{}@example.com'"
COUNTY = "region_code = '330521'"


class Refs:
    """`refs.challenge("status = 'published'")` → /challenges/{ref}; each raises LookupError where there is none."""

    def __init__(self, var: Path) -> None:
        self._path = var / "jieti.sqlite"

    def challenge(self, where: str) -> str:
        return "/challenges/" + self.one(f"SELECT ref FROM challenge WHERE {where} ORDER BY id")

    def result(self, where: str) -> str:
        return "/results/" + self.one(f"SELECT ref FROM result WHERE {where} ORDER BY id")

    def deal(self, where: str) -> str:
        return "/deals/" + self.one(f"SELECT ref FROM deal WHERE {where} ORDER BY id")

    def match(self, where: str) -> str:
        statement = f"""SELECT m.ref FROM "match" m JOIN challenge c ON c.id = m.challenge_id LEFT JOIN result r
            ON r.id = m.result_id LEFT JOIN deal d ON d.match_id = m.id WHERE m.current AND {where} ORDER BY m.id"""
        return "/matches/" + self.one(statement)

    def one(self, statement: str) -> str:
        found = self.rows(statement)
        if not found:
            raise LookupError(statement)
        return str(found[0][0])

    def rows(self, statement: str) -> list[tuple[object, ...]]:
        connection = sqlite3.connect(f"file:{self._path}?mode=ro", uri=True)
        try:
            return connection.execute(statement).fetchall()
        finally:
            connection.close()
