"""Schema migrations, run from code: no ini file, the database's own engine."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from jieti.persistence.database import Database


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def upgrade(database: Database) -> None:
    """Bring the schema to the newest revision; does nothing where it is there already."""
    config = _config()
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()


def revise(database: Database, message: str, revision: str | None = None) -> None:
    """Write a new revision from the difference between models and database (a developer's command)."""
    config = _config()
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.revision(config, message=message, autogenerate=True, rev_id=revision)


def revisions(database: Database) -> tuple[str | None, str | None]:
    """(the database's revision, the code's newest)."""
    with database.engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
    return present, ScriptDirectory.from_config(_config()).get_current_head()
