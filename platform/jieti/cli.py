"""The `jieti` console script. Each group of commands lives with its capability; this only gathers them."""

from __future__ import annotations

import os
from importlib import import_module

import click

# Before NumPy is imported. Several processes share few cores here, and matrix products that each want them all wait for
# one another: encoding took ten times the processor time with two threads on two busy cores.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

COMMANDS: tuple[tuple[str, str], ...] = (
    ("serve", "jieti.commands.serve:serve"),
    ("worker", "jieti.commands.worker:worker"),
    ("demo", "jieti.commands.demo:demo"),
    ("import", "jieti.commands.import_:import_"),
    ("reindex", "jieti.commands.reindex:reindex"),
    ("match", "jieti.commands.match:match"),
    ("feedback", "jieti.commands.feedback:feedback"),
    ("doctor", "jieti.commands.doctor:doctor"),
    ("backup", "jieti.commands.backup:backup"),
    ("restore", "jieti.commands.backup:restore"),
    ("migrate", "jieti.commands.migrate:migrate"),
    ("user", "jieti.commands.users:user"),
)
"""(name, module:attribute). Loaded when called, so that `jieti --help` starts at once."""


class LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name, _target in COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        target = dict(COMMANDS).get(cmd_name)
        if target is None:
            return None
        module, attribute = target.split(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command


@click.group(cls=LazyGroup)
def main() -> None:
    """Jieti 解题: serve, worker, migrate, demo, import, reindex, match, doctor, backup, restore."""
