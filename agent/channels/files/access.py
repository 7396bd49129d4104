"""Which folder, and what the shop can export: the settings of a shop that is reached by its files.

The folder is the access; a mark in it says whose it is (agent.channels.files.place).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from agent.channels.answers import Fixes
from agent.channels.base import ChannelOut, Setting
from agent.channels.http import not_connected
from agent.words import in_words

EVERY = 24.0
"""Hours between two exports, where nothing else is said."""
SLACK = 1.25
"""An export is late when it is older than so many times its rhythm."""
SHORTEST, LONGEST = 0.05, 24.0 * 31
"""Hours between two exports that can be meant."""

FIXES = Fixes(access="Run: {connect}.", address="")

SETTINGS = (
    Setting(
        "folder",
        "Folder",
        False,
        r"A folder on this computer for the files of this shop, such as C:\Shop files. Three more are made in it.",
        tidy=lambda typed: str(Path(typed.strip()).expanduser().absolute()),
    ),
    Setting(
        "orders",
        "Does the shop export its orders, too (yes or no)",
        False,
        "yes: you put that export into the folder as well. no: a share of each item is kept for this shop alone.",
    ),
    Setting(
        "hours",
        "Hours between two exports",
        False,
        "How often there is a new export: 24 if you leave it empty. The more often, the fewer units must be kept back.",
        optional=True,
    ),
    Setting(
        "also",
        "Further columns",
        False,
        "Only if the shop's import needs more than id, SKU and quantity: their names, with commas between.",
        optional=True,
    ),
    Setting(
        "encoding",
        "Letters",
        False,
        "Only if letters such as ä or й come out wrong: how the shop writes them, such as cp1251.",
        optional=True,
    ),
)


@dataclass(frozen=True)
class Asked:
    """What was typed, understood."""

    folder: Path
    orders: bool
    hours: float
    also: tuple[str, ...]
    """Further columns of the import file."""
    encoding: str | None


def asked(name: str, settings: Mapping[str, str]) -> Asked:
    """Raises ChannelOut where a setting is missing or cannot be right."""
    given = {key: value.strip() for key, value in settings.items()}
    lacking = [each.label for each in SETTINGS if not each.optional and not given.get(each.key)]
    if lacking:
        raise not_connected(name, lacking, FIXES)
    return Asked(
        folder=Path(given["folder"]).expanduser(),
        orders=_yes(name, given["orders"].casefold()),
        hours=_hours(name, given.get("hours") or str(EVERY)),
        also=tuple(text for text in given.get("also", "").split(",") if text.strip()),
        encoding=given.get("encoding") or None,
    )


def _yes(name: str, said: str) -> bool:
    if said not in ("yes", "y", "true", "1", "no", "n", "false", "0"):
        raise ChannelOut("access", in_words("files.yes_or_no", name=name, said=said), FIXES.renewal(name))
    return said[0] in "yt1"


def _hours(name: str, said: str) -> float:
    try:
        hours = float(said)
    except ValueError:
        hours = 0.0
    if not SHORTEST <= hours <= LONGEST:  # a nan is neither
        raise ChannelOut("access", in_words("files.no_hours", name=name, said=said), FIXES.renewal(name))
    return hours
