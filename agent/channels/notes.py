"""What a channel must know after a restart, and the platform does not keep for it: a few short texts under names.

Such as which listings Stocksheet itself took off the shop, so that it may put up just those again
(agent.channels.etsy).
Losing them is a nuisance: what is not remembered is left as the shop has it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol


class Notes(Protocol):
    """Where one channel's notes are kept."""

    def read(self) -> dict[str, str]:
        """All of them."""

    def keep(self, notes: Mapping[str, str]) -> None:
        """These instead of those before. When this returns, no crash loses them. Raises OSError."""


class NotesInMemory:
    """Keeps them for as long as the program runs."""

    def __init__(self) -> None:
        self._notes: dict[str, str] = {}

    def read(self) -> dict[str, str]:
        """All of them."""
        return dict(self._notes)

    def keep(self, notes: Mapping[str, str]) -> None:
        """These instead."""
        self._notes = dict(notes)


class KeptNotes:
    """In a file of the data folder, one a channel. What is not ours in it counts as nothing."""

    def __init__(self, folder: Path, channel: str) -> None:
        self._file = folder / "notes" / f"{channel.encode().hex()}.json"

    def read(self) -> dict[str, str]:
        """All of them."""
        try:
            found = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return {str(name): str(said) for name, said in found.items()} if isinstance(found, dict) else {}

    def keep(self, notes: Mapping[str, str]) -> None:
        """A whole new file, then a rename over the old one."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        beside = self._file.with_suffix(".tmp")
        with beside.open("w", encoding="utf-8") as file:
            json.dump(dict(notes), file, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._file)
