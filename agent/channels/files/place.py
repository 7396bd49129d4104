"""The folder of one shop: what lies in it, which files are whole, and what is kept beside them.

FOLDER/stocksheet.json     whose folder it is, what the columns mean, what was sent (no secrets, nothing of buyers)
FOLDER/from shop/          the shop's own export of its products: the newest whole file counts
FOLDER/orders from shop/   its export of orders, where there is one
FOLDER/to shop/            the import files that are to be carried into the shop
FOLDER/to shop/done/       those that were
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from agent.channels.base import ChannelOut
from agent.tables import BOOKS
from agent.words import in_words, typed
from agent.workbooks.xlsx.publish import write_new

FROM, ORDERS, TO, DONE = "from shop", "orders from shop", "to shop", "done"
MARK = "stocksheet.json"
TEXTS = (".csv", ".tsv", ".tab", ".txt")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
QUIET = timedelta(seconds=3)
"""A file that was written to more lately may be half there."""


@dataclass(frozen=True)
class Found:
    """One whole file."""

    path: Path
    at: datetime
    """When it was written: what it says held then."""
    token: str


@dataclass(frozen=True)
class Sent:
    """A quantity that stands in an import file and was not yet seen in an export."""

    quantity: int
    before: int | None
    """What the export showed when it was written."""
    at: str
    file: str
    taken: str | None = None
    """When the file was first found carried away; null: it lies there still."""


@dataclass(frozen=True)
class Kept:
    """What stands in the mark."""

    id: str
    shop: str
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """products, orders -> meaning -> header."""
    key: str | None = None
    """id or sku: what tells listings apart, settled with the first export."""
    sent: Mapping[str, Sent] = field(default_factory=dict)
    """By stock cell."""
    old: tuple[str, ...] = ()
    """Import files that a later one stands for, and that could not be removed yet."""


class Place:
    """The folder. Its methods raise ChannelOut: `host` while it cannot be reached, `access` where it is not ours."""

    def __init__(self, name: str, path: Path, rng: random.Random) -> None:
        self._name, self.path, self._rng = name, path, rng
        self._known: str | None = None

    def folder(self, name: str) -> Path:
        return self.path / name

    def kept(self) -> Kept:
        """What is kept; a folder without a mark is made ours, but for one that has lost it while we run."""
        if not self.path.is_dir():
            raise ChannelOut("host", self._say("files.no_folder"), in_words("files.fix_no_folder"))
        mark = self.path / MARK
        try:
            found = _of_json(mark.read_text(encoding="utf-8")) if mark.exists() else None
        except (OSError, UnicodeDecodeError, ValueError, TypeError, KeyError):
            raise ChannelOut("access", self._say("files.mark_unreadable", mark=MARK), self._again()) from None
        if found is None:
            return self._made()
        if found.shop != self._name:
            raise ChannelOut("access", self._say("files.folder_of_another", other=found.shop), self._again())
        self._known = self._known or found.id
        if found.id != self._known:
            raise ChannelOut("access", self._say("files.folder_changed"), self._again())
        return found

    def _made(self) -> Kept:
        if self._known is not None:
            raise ChannelOut("access", self._say("files.mark_gone", mark=MARK), self._again())
        made = Kept(f"{self._rng.getrandbits(64):016x}", self._name)
        for name in (FROM, ORDERS, TO):
            self._do(partial(self.folder(name).mkdir, exist_ok=True))
        self.keep(made)
        self._known = made.id
        return made

    def keep(self, kept: Kept) -> None:
        """Write the mark, whole or not at all."""
        plain = {**vars(kept), "sent": {cell: vars(each) for cell, each in kept.sent.items()}}
        text = json.dumps(plain, ensure_ascii=False)
        self._do(lambda: write_new(self.path / MARK, text.encode()))

    def write(self, file: str, content: bytes) -> None:
        """Put an import file where it is taken from, whole or not at all."""
        self._do(partial(self.folder(TO).mkdir, exist_ok=True))
        self._do(lambda: write_new(self.folder(TO) / file, content))

    def _do(self, work: Callable[[], object]) -> None:
        try:
            work()
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise ChannelOut(
                "host", self._say("files.cannot_write", why=why), in_words("files.fix_cannot_write")
            ) from None

    def whole(self, name: str, now: datetime) -> list[Found]:
        """The files of a folder that are whole, the newest first. What was written to just now is left for later."""
        folder = self.folder(name)
        if not folder.is_dir():
            raise ChannelOut("host", self._say("files.no_subfolder", folder=folder), in_words("files.fix_no_subfolder"))
        found = []
        for path in folder.iterdir():
            if path.name.startswith((".", "~$")) or path.suffix.lower() not in (*TEXTS, *BOOKS):
                continue
            try:
                stat = path.stat()
            except OSError:
                continue  # taken away meanwhile
            at = min(
                EPOCH + timedelta(microseconds=stat.st_mtime_ns // 1000), now
            )  # a clock that is ahead makes nothing younger
            if path.is_file() and (now - at >= QUIET or stat.st_mtime > now.timestamp() + QUIET.total_seconds()):
                found.append(Found(path, at, _token(path, stat)))
        return sorted(found, key=lambda each: (each.at, each.path.name), reverse=True)

    def waits(self, file: str) -> bool:
        """An import file was not carried away yet."""
        return (self.folder(TO) / file).exists()

    def read(self, found: Found) -> bytes | None:
        """Its content; None where it changed or went while it was read, or another program holds it."""
        try:
            content = found.path.read_bytes()
            stat = found.path.stat()
        except OSError:
            return None
        same = found.token == _token(found.path, stat)
        return content if same and len(content) == stat.st_size else None

    def remove(self, file: str) -> bool:
        """An import file that a later one stands for; False: another program holds it."""
        try:
            (self.folder(TO) / file).unlink(missing_ok=True)
        except OSError:
            return False
        return True

    def put_away(self, file: str) -> None:
        """An import file that the shop shows as carried out is no longer to be carried."""
        source, done = self.folder(TO) / file, self.folder(TO) / DONE
        self._do(partial(done.mkdir, exist_ok=True))
        if source.exists():
            self._do(lambda: source.replace(done / file))

    def _say(self, what: str, **facts: object) -> str:
        return in_words(what, name=self._name, path=self.path, **facts)

    def _again(self) -> str:
        return in_words("files.fix_connect", name=typed(self._name))


def _token(path: Path, stat: os.stat_result) -> str:
    return f"{path.name}/{stat.st_ino}/{stat.st_mtime_ns}/{stat.st_size}"


def _of_json(text: str) -> Kept:
    found = json.loads(text)
    sent = {cell: Sent(**each) for cell, each in found["sent"].items()}
    return replace(Kept(**{**found, "old": tuple(found["old"])}), sent=sent)
