"""Waits until a workbook file was saved: settled, complete, and of another content than before (excel.md section 4.4).

Spreadsheet programs save by temporary files and renames, in every order of events. So the folder is watched, never the
file; events only wake; what the file is, its own stat and content decide. Reads take all bytes at once and let go:
an open handle would stop Excel from saving.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import os
import threading
import unicodedata
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver
from watchdog.observers.polling import PollingObserver

from agent.workbooks.xlsx.archive import Archive, Refused

Stat = tuple[int, int, int]
"""Change time (ns), size (bytes), file id."""

_FIRST_RETRY, _LAST_RETRY = 0.25, 60.0
"""Seconds between looks at a file that is not complete."""
_LONGEST_STOP = 5.0


@dataclass
class _File:
    """What is known of one watched file."""

    path: Path
    stat: Stat | None = None
    """When it was last looked into."""
    revision: str | None = None
    """Hash of the content that was last delivered; None = absent."""


class Watcher:
    """Watches a workbook (and the sidecar beside it). One task at a time may wait in `changed`.

    `quiet`: seconds without an event before the file is looked at. `poll`: seconds between looks at the stat alone, for
    folders that send no events. `polling`: for network drives, where events of others never come.
    """

    def __init__(
        self, path: Path, quiet: float = 0.5, *, sidecar: Path | None = None, poll: float = 5.0, polling: bool = False
    ) -> None:
        self._quiet, self._poll = quiet, poll
        self._files = [_File(file.resolve()) for file in (path, sidecar) if file is not None]
        self._polling = polling
        self._own: deque[str] = deque(maxlen=8)
        self._observer: BaseObserver | None = None
        self._dirty = asyncio.Event()
        self._closed = False
        for file in self._files:
            file.stat, content = _read(file.path)
            file.revision = _revision(content)

    def seen(self, revision: str) -> None:
        """The agent itself has written this content (sha256, hex): it is no change."""
        self._own.append(revision)

    async def changed(self) -> None:
        """Wait until a complete file of another content stands there. Returns at once when closed."""
        self._start()
        retry = _FIRST_RETRY
        incomplete = False
        while not self._closed:
            woken = await self._wait(min(retry, self._poll) if incomplete else self._poll)
            if woken:
                await self._settle()
            if self._closed or not (woken or incomplete or self._differs()):
                continue
            found, incomplete = await self._look(woken)
            if found:
                return
            retry = min(retry * 2, _LAST_RETRY) if incomplete else _FIRST_RETRY

    async def close(self) -> None:
        """Stop watching; a waiting `changed` returns."""
        self._closed = True
        self._dirty.set()
        observer, self._observer = self._observer, None
        if observer is not None:
            stopping = threading.Thread(target=_stop, args=(observer,), daemon=True)
            stopping.start()
            await asyncio.to_thread(stopping.join, _LONGEST_STOP)  # watchdog itself would wait for ever

    # --- within

    def _start(self) -> None:
        if self._observer is not None or self._closed:
            return
        loop = asyncio.get_running_loop()
        handler = _Handler({_plain(file.path.name) for file in self._files}, loop, self._dirty)
        observer = PollingObserver(timeout=self._quiet) if self._polling else Observer()
        with contextlib.suppress(OSError):  # no such folder, or no watches left: the stat alone has to do
            observer.schedule(handler, str(self._files[0].path.parent), recursive=False)
            observer.start()
            self._observer = observer
        if self._differs():
            self._dirty.set()

    async def _wait(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self._dirty.wait(), seconds)
        except TimeoutError:
            return False
        return True

    async def _settle(self) -> None:
        """Wait until nothing happened for the quiet time."""
        while self._dirty.is_set() and not self._closed:
            self._dirty.clear()
            await self._wait(self._quiet)

    def _differs(self) -> bool:
        return any(_stat(file.path) != file.stat for file in self._files)

    async def _look(self, woken: bool) -> tuple[bool, bool]:
        """Look into every file: (another content was found, one is not complete yet).

        After an event also where the stat is the same: two writes may share one tick of the file system's clock.
        """
        found = incomplete = False
        for file in self._files:
            whole, other = await asyncio.to_thread(self._look_into, file, woken)
            found, incomplete = found or other, incomplete or not whole
        return found, incomplete

    def _look_into(self, file: _File, woken: bool) -> tuple[bool, bool]:
        """(complete or absent, of another content than delivered)."""
        stat = _stat(file.path)
        if stat == file.stat and not woken:
            return True, False
        stat, content = _read(file.path)
        if content is None:
            absent = stat is None
            if absent:
                file.stat = file.revision = None
            return absent, False
        if _stat(file.path) != stat or not is_complete(content):
            return False, False
        revision = _revision(content)
        other = revision != file.revision and revision not in self._own
        file.stat, file.revision = stat, revision
        self._own.clear()  # what was the agent's once may come back as an older copy
        return True, other


def _stop(observer: BaseObserver) -> None:
    """End its threads, the watches first. watchdog calls it an error when one of them is just about to look again."""
    log = logging.getLogger("watchdog.observers.inotify")
    log.addFilter(_not_at_the_end)
    try:
        observer.unschedule_all()
        observer.stop()
        observer.join()
    finally:
        log.removeFilter(_not_at_the_end)


def _not_at_the_end(record: logging.LogRecord) -> bool:
    return "thread is inactive" not in record.getMessage()


class _Handler(FileSystemEventHandler):
    """Wakes the waiting task for every event that names a watched file, whatever it says happened."""

    def __init__(self, names: set[str], loop: asyncio.AbstractEventLoop, dirty: asyncio.Event) -> None:
        self._names, self._loop, self._dirty = names, loop, dirty

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type in ("opened", "closed_no_write"):
            return  # a reader, perhaps ourselves
        names = {_plain(Path(os.fsdecode(path)).name) for path in (event.src_path, event.dest_path) if path}
        if names & self._names:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
                self._loop.call_soon_threadsafe(self._dirty.set)


def is_complete(content: bytes) -> bool:
    """A whole zip file: its directory stands at the end, and every member's checksum is right.

    What is whole and cannot be a workbook (too large to unpack, with a password) is complete, and for the reader to
    refuse.
    """
    try:
        Archive.open(content).check()
    except Refused as refused:
        return not refused.half_saved
    return True


def _read(path: Path) -> tuple[Stat | None, bytes | None]:
    """The file's stat before and its bytes, in one go; the bytes None when it cannot be read now."""
    stat = _stat(path)
    if stat is None:
        return None, None
    try:
        return stat, path.read_bytes()
    except OSError:
        return stat, None


def _stat(path: Path) -> Stat | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _revision(content: bytes | None) -> str | None:
    return None if content is None else hashlib.sha256(content).hexdigest()


def _plain(name: str) -> str:
    return os.path.normcase(unicodedata.normalize("NFC", name))
