"""Writing the settings file, keeping what people wrote in it: comments, order, blank lines (tomlkit).

What is written is checked first: a file that could be read before can be read afterwards.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import Table

from agent.config import ConfigProblems, read
from agent.config_check import Platforms
from agent.config_keys import example
from agent.words import say


def set_value(file: Path, key: str, value: str | float | bool, platforms: Platforms | None = None) -> None:
    """Set one of the settings at the top, such as `workbook`. Raises ConfigProblems."""
    document = _document(file)
    document[key] = value
    _save(file, document, platforms)


def add_channel(
    file: Path, name: str, values: Mapping[str, str | float | bool | None], platforms: Platforms | None = None
) -> None:
    """Add a shop, or change the given keys of one that is there. None takes a key away.

    `values`: `platform`, `account_id` ... and what its platform asked for; never a secret. Raises ConfigProblems.
    """
    document = _document(file)
    section = _section(document, name)
    for key, value in values.items():
        if value is not None:
            section[key] = value
        elif key in section:
            del section[key]
    _save(file, document, platforms)


def remove_channel(file: Path, name: str, platforms: Platforms | None = None) -> None:
    """Take a shop out; nothing happens where there is none of that name. Raises ConfigProblems."""
    document = _document(file)
    channels = document.get("channels", {})
    if name in channels:
        del channels[name]
        _save(file, document, platforms)


def _document(file: Path) -> tomlkit.TOMLDocument:
    """The file as it is; a new one begins as the example, in which everything is switched off."""
    if not file.exists():
        return tomlkit.parse(example())
    try:
        return tomlkit.parse(file.read_bytes().decode("utf-8-sig"))
    except (OSError, ValueError):
        raise ConfigProblems([str(say("config_unreadable", {"file": file}))]) from None


def _section(document: tomlkit.TOMLDocument, name: str) -> Any:
    if "channels" not in document:
        document["channels"] = tomlkit.table(is_super_table=True)
    channels: Any = document["channels"]
    if name not in channels:
        table: Table = tomlkit.table()
        channels[name] = table
    return channels[name]


def _save(file: Path, document: tomlkit.TOMLDocument, platforms: Platforms | None) -> None:
    """Check, write beside, put in place: never half a file."""
    text = tomlkit.dumps(document)
    read(text, file, platforms)
    beside = file.with_name(f".{file.name}.new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("w", encoding="utf-8", newline="\n") as out:
            beside.chmod(0o600)
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        beside.replace(file)
    except OSError as error:
        words = say("config_unwritable", {"file": file, "detail": error.strerror})
        raise ConfigProblems([str(words)]) from None
    finally:
        beside.unlink(missing_ok=True)
