"""Other copies of the workbook in its folder, as sync services leave them when two computers saved at the same time.

They are recognised by their names (OneDrive `NAME-PC.xlsx`, Dropbox `NAME (conflicted copy).xlsx`, iCloud
`NAME 2.xlsx`, Google Drive `NAME (1).xlsx`), looked into for our mark, and never merged (DESIGN section 5, *Mirror*;
excel.md 4.3).
"""

from __future__ import annotations

import re
import socket
import unicodedata
from pathlib import Path

from agent.workbooks.base import Copy
from agent.workbooks.xlsx.marks import read_mark
from agent.workbooks.xlsx.package import Package, Refused
from agent.workbooks.xlsx.publish import revision_of

MOST = 8
"""Copies that are looked into."""
_SURE = re.compile(
    r" ?\([^()]*(conflict|konflikt|conflit|conflito|競合)[^()]*\)"
    r"|\.sync-conflict-[\w-]+"
    r"|-(desktop|laptop)-\w+(-\d+)?",
    re.IGNORECASE,
)
_MAYBE = re.compile(r" [2-9]| ?\(\d{1,2}\)|-[a-z0-9][a-z0-9-]{1,30}", re.IGNORECASE)

Stat = tuple[int, int]


class Beside:
    """The copies beside one workbook. Files that did not change are not read again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[Path, tuple[Stat, Copy | None]] = {}

    def look(self) -> tuple[Copy, ...]:
        """Those that have a mark of ours. Never raises."""
        try:
            named = sorted(file for file in self._path.parent.iterdir() if is_copy(self._path.name, file.name))[:MOST]
        except OSError:
            return ()
        self._known = {file: found for file in named if (found := self._look_into(file)) is not None}
        return tuple(copy for _, copy in self._known.values() if copy is not None)

    def _look_into(self, file: Path) -> tuple[Stat, Copy | None] | None:
        try:
            found = file.stat()
            stat = (found.st_mtime_ns, found.st_size)
            known = self._known.get(file)
            return known if known is not None and known[0] == stat else (stat, self._copy(file, file.read_bytes()))
        except OSError:
            return None

    def _copy(self, file: Path, content: bytes) -> Copy | None:
        try:
            mark = read_mark(Package.open(content, checked=False))
        except Refused:
            return None
        sure = is_copy(self._path.name, file.name) == "sure"
        return Copy(file.name, revision_of(content), mark, sure) if mark is not None else None


def is_copy(workbook: str, name: str, computer: str | None = None) -> str | None:
    """`sure` or `maybe`, where a file's name is that of a sync service's copy of `workbook`."""
    stem, _, ending = _plain(workbook).rpartition(".")
    own, _, other_ending = _plain(name).rpartition(".")
    if other_ending != ending or not own.startswith(stem) or own == stem:
        return None
    added = own[len(stem) :]
    here = (socket.gethostname() if computer is None else computer).lower()
    if _SURE.fullmatch(added) or (here and added in {f"-{here}", f"-{here}-2"}):
        return "sure"
    return "maybe" if _MAYBE.fullmatch(added) else None


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).lower()
