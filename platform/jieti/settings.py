"""Settings: read once from the environment into a frozen, validated object. Importing this does no I/O."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jieti.domain.regions import regions

ROOT = Path(__file__).resolve().parents[2]
"""The checkout: templates/ and the shipped model lie under it."""


class SettingsError(Exception):
    """A variable has a value that cannot be used; the message names the variable and what is expected."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting, with the variable that sets it in the README's table."""

    var: Path
    database_url: str
    search_url: str  # http(s)://… or a folder
    search_prefix: str
    encoder: str | None
    policy: frozenset[str] | None  # names of the policy weights that are on; None: all
    secret_key: str
    mail_url: str  # smtp(s)://user:password@host:port or file:FOLDER
    mail_sender: str
    public_url: str
    demo: bool
    secure_cookies: bool
    upload_limit: int  # bytes a file
    home_region: str  # the county whose name and telephone stand in the footer
    bureau_phone: str
    reply_days: int  # working days in which the bureau usually answers
    log_level: str

    @property
    def uploads(self) -> Path:
        return self.var / "uploads"


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the environment. Makes `var/` and the secret key in it on first start.

    Raises SettingsError naming the variable.
    """
    env = os.environ if environ is None else environ
    var = Path(env.get("JIETI_VAR", ROOT / "var")).resolve()
    var.mkdir(parents=True, exist_ok=True)
    home_region = env.get("JIETI_HOME_REGION", "330521")
    if home_region not in regions():
        raise SettingsError(
            f"JIETI_HOME_REGION={home_region!r}: expected the 6-digit code of a Zhejiang county, such as 330521"
        )
    search_url = env.get("JIETI_SEARCH_URL", str(var / "search"))
    database_url = env.get("JIETI_DATABASE_URL", f"sqlite:///{var / 'jieti.sqlite'}")
    if not database_url.startswith(("sqlite:", "postgresql:", "postgresql+psycopg:")):
        raise SettingsError("JIETI_DATABASE_URL: expected sqlite:///… or postgresql://…")
    mail_url = env.get("JIETI_MAIL_URL", f"file:{var / 'outbox'}")
    if not mail_url.startswith(("smtp:", "smtps:", "file:")):
        raise SettingsError("JIETI_MAIL_URL: expected smtp://, smtps:// or file:FOLDER")
    return Settings(
        var=var,
        database_url=database_url,
        search_url=search_url,
        search_prefix=env.get("JIETI_SEARCH_PREFIX", "jieti"),
        encoder=env.get("JIETI_ENCODER") or None,
        policy=_policy(env),
        secret_key=env.get("JIETI_SECRET_KEY") or _stored_key(var / "secret_key"),
        mail_url=mail_url,
        mail_sender=env.get("JIETI_MAIL_SENDER", "jieti@example.com"),
        public_url=env.get("JIETI_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/"),
        demo=_flag(env, "JIETI_DEMO"),
        secure_cookies=_flag(env, "JIETI_SECURE_COOKIES"),
        upload_limit=_positive(env, "JIETI_UPLOAD_LIMIT_MB", 20) * 1024 * 1024,
        home_region=home_region,
        bureau_phone=env.get("JIETI_BUREAU_PHONE", ""),
        reply_days=_positive(env, "JIETI_REPLY_DAYS", 3),
        log_level=env.get("JIETI_LOG_LEVEL", "INFO"),
    )


def _flag(env: Mapping[str, str], name: str) -> bool:
    value = env.get(name, "0").strip().lower()
    if value not in {"0", "1", "", "true", "false", "yes", "no"}:
        raise SettingsError(f"{name}={value!r}: expected 1 or 0")
    return value in {"1", "true", "yes"}


def _policy(env: Mapping[str, str]) -> frozenset[str] | None:
    """JIETI_POLICY: names with commas between them, `all` or `none`."""
    value = env.get("JIETI_POLICY", "").strip()
    if value in {"", "all"}:
        return None
    if value == "none":
        return frozenset()
    from matcher.policy import NAMES  # takes a moment to import, and is seldom asked for

    names = frozenset(name.strip() for name in value.split(",") if name.strip())
    unknown = sorted(names - set(NAMES))
    if unknown:
        raise SettingsError(
            f"JIETI_POLICY: {', '.join(unknown)} is no policy weight; expected {', '.join(NAMES)}, or none"
        )
    return names


def _positive(env: Mapping[str, str], name: str, default: int) -> int:
    value = env.get(name, str(default))
    if not value.isdecimal() or int(value) == 0:
        raise SettingsError(f"{name}={value!r}: expected a whole number above 0")
    return int(value)


def _stored_key(path: Path) -> str:
    """The secret key of this installation, made on first start and readable by its owner only."""
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text().strip()
