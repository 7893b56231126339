"""A person's own settings: who they are to others, and how the pages look to them."""

from __future__ import annotations

from dataclasses import dataclass

from jieti.domain.errors import Invalid, Problem
from jieti.domain.identity import Identity
from jieti.domain.permissions import Permission, require
from jieti.persistence.models import User
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.organisations_input import one_line

LONGEST = {"name": 40, "title": 40, "phone": 40}
LOCALES = ("zh", "en")
THEMES = ("light", "dark", "auto")
DENSITIES = ("normal", "compact")


@dataclass(frozen=True, slots=True)
class Display:
    """None: leave as it is."""

    locale: str | None = None
    theme: str | None = None
    density: str | None = None
    shortcuts: bool | None = None

    def known(self) -> Display:
        """Without what is not offered."""
        return Display(
            self.locale if self.locale in LOCALES else None,
            self.theme if self.theme in THEMES else None,
            self.density if self.density in DENSITIES else None,
            self.shortcuts,
        )


class OwnAccount:
    def __init__(self, uow: UnitOfWork, identity: Identity) -> None:
        require(identity, Permission.SIGNED_IN)
        self._uow = uow
        self._identity = identity

    def user(self) -> User:
        return self._uow.session.get_one(User, self._identity.user_id)

    def change_profile(self, *, name: str, title: str, phone: str) -> User:
        """Raises Invalid (`required`, `too_long`)."""
        values = {"name": one_line(name), "title": one_line(title), "phone": one_line(phone)}
        problems = [] if values["name"] else [Problem("name", "required")]
        problems += [
            Problem(key, "too_long", {"limit": LONGEST[key], "over": len(value) - LONGEST[key]})
            for key, value in values.items()
            if len(value) > LONGEST[key]
        ]
        if problems:
            raise Invalid(problems)
        user = self.user()
        user.name, user.title, user.phone = values["name"], values["title"], values["phone"]
        return user

    def change_display(self, display: Display) -> User:
        user, known = self.user(), display.known()
        user.locale = known.locale or user.locale
        user.theme = known.theme or user.theme
        user.density = known.density or user.density
        user.shortcuts = user.shortcuts if known.shortcuts is None else known.shortcuts
        return user
