"""An installation with data comes to the newest schema with nothing lost."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from sqlalchemy import text

from jieti.persistence import migrate
from jieti.persistence.database import Database

AT = "2026-01-02 03:04:05"
ROWS = (
    "INSERT INTO organisation (id, ref, kind, name, sort_key, uscc, region_code, served_regions, address, phone, "
    "contact_name, intro, tags, verification, verification_reason, version, created_at) "
    f"VALUES (1, 'o', 'enterprise', 'n', '', '', '330521', '[]', '', '', '', '', '[]', 'verified', '', 1, '{AT}')",
    "INSERT INTO role (id, name, update_datetime) VALUES (1, 'broker', :at), (2, 'officer', :at)",
    "INSERT INTO user_account (id, ref, name, title, phone, membership, organisation_admin, locale, theme, density, shortcuts, "
    "email, active, fs_uniquifier, create_datetime, update_datetime) "
    "VALUES (1, 'u', 'n', '', '', 'active', 1, 'zh', 'light', 'normal', 1, 'a@example.com', 1, 'f', :at, :at)",
    "INSERT INTO roles_users (user_id, role_id) VALUES (1, 2), (1, 1)",
    "INSERT INTO expert (id, ref, version, listed, name, sort_key, title, directions, fields, keywords, provides, bio, projects, "
    "region_code, created_at, updated_at) VALUES (7, 'e', 1, 1, 'n', '', '', '', '[]', '[]', '', '', '[]', '330521', :at, :at)",
    "INSERT INTO challenge (id, ref, status, version, title, keywords, indicators, modes, field, industry, region_code, "
    "contact_name, contact_phone, draft, draft_version, draft_saved_by, created_at, updated_at, organisation_id, main_problem, "
    "tech_requirements, expected_goal, sealed_text, sealed_indicators, activity_type, ip_terms, solver_conditions, "
    "intended_partner, anonymous) VALUES (1, 'c', 'published', 1, 't', '[]', '[]', '[]', '', '', '330521', '', '', '{}', 0, '', "
    ":at, :at, 1, '', '', '', '', '[]', '', '', '', '', 0)",
    'INSERT INTO "match" (id, ref, challenge_id, expert_id, open_score, open_level, open_explanation, full_score, full_level, '
    "full_explanation, matcher_version, challenge_version, offer_version, current, created_at, refreshed_at) "
    "VALUES (1, 'm', 1, 7, 0.5, 3, '{}', 0.5, 4, '{}', 'v', 1, 1, 1, :at, :at)",
    "INSERT INTO match_verdict (id, match_id, user_id, fits, reason, note, at) VALUES (1, 1, 1, 1, '', '', :at)",
    "INSERT INTO deal (id, ref, title, stage, version, challenge_id, match_id, buyer_id, broker_id, region_code, next_step, "
    "stage_since, created_at, updated_at) VALUES (1, 'd', 't', 'intent', 1, 1, 1, 1, 1, '330521', '', :at, :at, :at)",
    "INSERT INTO deal_note (id, deal_id, author_id, text, at) VALUES (1, 1, 1, 'x', :at)",
)


def test_verdicts_and_deals_of_the_first_schema(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'old.sqlite'}")
    try:
        config = migrate._config()
        with database.engine.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "0001")
            connection.commit()
        with database.engine.begin() as connection:
            for row in ROWS:
                connection.execute(text(row.replace(":at", f"'{AT}'")))
        migrate.upgrade(database)
        with database.engine.begin() as connection:
            verdict = connection.execute(text("SELECT level, matcher_version, role FROM match_verdict")).one()
            deal = connection.execute(text("SELECT ref, expert_id FROM deal")).one()
            notes = connection.execute(text("SELECT count(*) FROM deal_note")).scalar()
            broken = connection.execute(text("PRAGMA foreign_key_check")).all()
        assert tuple(verdict) == (3, "v", "broker"), "the open level, the versions, and the role that judges first"
        assert tuple(deal) == ("d", 7) and notes == 1 and broken == []
    finally:
        database.dispose()
