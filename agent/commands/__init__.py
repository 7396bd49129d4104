"""One file a command, found by its name: `stocksheet plan` -> `plan.py`.

A command's module has `HELP` (one sentence), `arguments(parser)` and `run(chosen, screen) -> int`, which gives the exit
code: `DONE`, `NEEDS_YOU` or `FAILED`. What a command raises becomes a sentence in `agent.__main__`. Modules that begin
with `_` are shared by several commands.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
from typing import Protocol, cast

from agent.commands._screen import Screen

DONE, NEEDS_YOU, FAILED = 0, 1, 2
ORDER = ("demo", "init", "connect", "check", "verify", "plan", "sync", "run", "explain", "channels")
"""As people meet them; others follow in alphabetical order."""


class Command(Protocol):
    """What a command's module offers."""

    HELP: str

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare what the command takes."""

    def run(self, chosen: argparse.Namespace, screen: Screen) -> int:
        """Do it; gives the exit code."""


def names() -> list[str]:
    """The names of all commands, in the order in which people meet them."""
    found = [module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")]
    return sorted(found, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name))


def find(name: str) -> Command:
    """The command's module."""
    return cast(Command, importlib.import_module(f"{__name__}.{name}"))
