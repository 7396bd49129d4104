"""An Excel file as the seller's workbook (DESIGN section 4, Excel).

Read whole into memory and let go at once: an open handle would stop Excel from saving. Written by a package-level patch
in the folder, checked, and put in place by an exchange that verifies what it replaced. While another program has the
file open, the results go into a sidecar and a page, `status.html`. All file work runs in threads.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path

import polars as pl

from agent.ports import Clock, SystemClock
from agent.words import in_words
from agent.workbooks.base import Mark, Snapshot, WorkbookOut, Written
from agent.workbooks.tabs import Book
from agent.workbooks.watch import Watcher
from agent.workbooks.xlsx.backups import back_up
from agent.workbooks.xlsx.beside import Beside
from agent.workbooks.xlsx.elsewhere import held, open_elsewhere, open_now
from agent.workbooks.xlsx.marks import read_mark
from agent.workbooks.xlsx.mirror import Moved
from agent.workbooks.xlsx.new_rows import with_rows
from agent.workbooks.xlsx.package import Package, Refused
from agent.workbooks.xlsx.patch import Remembered
from agent.workbooks.xlsx.publish import Lost, publish, revision_of
from agent.workbooks.xlsx.reading import read_snapshot
from agent.workbooks.xlsx.selfcheck import self_check
from agent.workbooks.xlsx.sidecar import (
    Typed,
    read_sidecars,
    remove_sidecars,
    sidecar_path,
    typed_hash,
    with_typed,
    write_sidecar,
)
from agent.workbooks.xlsx.status_page import remove_status, write_status
from agent.workbooks.xlsx.writing import Built, Job, build

log = logging.getLogger(__name__)

_ATTEMPTS = 5
_PAUSE = 0.15
_SETTLED = 2.0
"""A file younger than this many seconds may change again without its stat showing it."""
_BESIDE = "+"
"""In a revision: the workbook's content, then what lies beside it."""


@dataclass(frozen=True)
class _Bytes:
    """The file's content at one moment."""

    content: bytes
    stat: tuple[int, int, int]
    revision: str

    @property
    def saved_at(self) -> datetime:
        return datetime.fromtimestamp(self.stat[0] / 1e9, UTC)


@dataclass
class _Sides:
    """The sidecars at one moment."""

    typed: Typed = field(default_factory=dict)
    seen: dict[Path, str] = field(default_factory=dict)


class ExcelWorkbook:
    """The workbook at `path`.

    `backup_dir`: where copies of earlier versions go; by default `Stocksheet backups` beside the workbook. `zone`: the
    time zone in which times are written; None is the computer's.
    """

    kind: Book = "excel"

    def __init__(
        self, path: Path, clock: Clock | None = None, *, backup_dir: Path | None = None, zone: tzinfo | None = None
    ) -> None:
        self.path = path.expanduser().resolve()
        self.name = self.path.name
        self._clock = clock or SystemClock()
        self._backups = backup_dir or self.path.parent / "Stocksheet backups"
        self._zone = zone
        self._copies = Beside(self.path)
        self._watcher: Watcher | None = None
        self._writing = asyncio.Lock()
        self._known: _Known | None = None
        self._last: Remembered | None = None
        self._known_bad: tuple[tuple[int, int, int], Refused] | None = None

    async def revision(self) -> str | None:
        """The hash of the content, computed anew only where the file's stat differs; None when it cannot be read."""
        return await asyncio.to_thread(self._revision)

    async def read(self) -> Snapshot:
        """Read all declared tabs, with what was typed in the sidecar. Raises WorkbookOut."""
        return await asyncio.to_thread(self._read)

    async def write(
        self, tabs: Mapping[str, pl.DataFrame], mirror: pl.DataFrame, mark: Mark, seen: Snapshot
    ) -> Written:
        """See `agent.workbooks.base.Workbook.write`."""
        async with self._writing:
            written = await asyncio.to_thread(self._write, tabs, mirror, mark, seen)
        if written.outcome == "written" and written.revision and self._watcher:
            self._watcher.seen(written.revision.partition(_BESIDE)[0])
        return written

    async def append_rows(self, tab: str, rows: pl.DataFrame, seen: Snapshot) -> Written:
        """See `agent.workbooks.base.Workbook.append_rows`."""
        async with self._writing:
            return await asyncio.to_thread(self._append_rows, tab, rows, seen)

    async def busy(self) -> bool:
        """Whether another program has it open now."""
        return await asyncio.to_thread(open_now, self.path) is not None

    def welcome(self) -> bool:
        """Always: a file costs nothing to write."""
        return True

    async def hold(self) -> str | None:
        """Locked by `loop.only_writer`."""
        return None

    async def changed(self) -> None:
        """Wait until the workbook, or its sidecar, may have changed."""
        if self._watcher is None:
            self._watcher = Watcher(self.path, sidecar=sidecar_path(self.path))
        await self._watcher.changed()

    async def close(self) -> None:
        """Stop watching."""
        watcher, self._watcher = self._watcher, None
        if watcher is not None:
            await watcher.close()

    # --- reading

    def _revision(self) -> str | None:
        try:
            stat = _stat(self.path)
            known = self._known
            if known is None or known.stat != stat or not known.settled:
                found = self._bytes()
                self._known = known = _Known(found.stat, found.revision, _settled(found.stat))
        except OSError:
            return None
        return self._token(known.revision, self._sides())

    def _token(self, revision: str, sides: _Sides) -> str:
        """The content's hash, and what lies beside: what was typed in the sidecar, other copies."""
        beside = "".join([typed_hash(sides.typed), *(copy.revision[:16] for copy in self._copies.look())])
        return f"{revision}{_BESIDE}{beside}" if beside else revision

    def _bytes(self) -> _Bytes:
        """All bytes in one go, of one moment. Raises OSError."""
        for attempt in range(_ATTEMPTS):
            before = _stat(self.path)
            content = self.path.read_bytes()
            if _stat(self.path) == before and len(content) == before[1]:
                return _Bytes(content, before, revision_of(content))
            time.sleep(_PAUSE * (attempt + 1))
        raise OSError(in_words("excel.being_saved_again_again"))

    def _sides(self) -> _Sides:
        return _Sides(*read_sidecars(self.path))

    def _read(self) -> Snapshot:
        self._refuse_again()
        for attempt in range(_ATTEMPTS):
            try:
                found = self._bytes()
                return self._snapshot(found)
            except IsADirectoryError:
                fix = in_words("excel.move_folder_away_put", parent=self.path.parent)
                out = WorkbookOut(in_words("excel.folder_stands_where_workbook", name=self.name), fix)
                break
            except FileNotFoundError:
                out = WorkbookOut(
                    in_words("excel.workbook_not_there", name=self.name),
                    in_words("excel.put_back_into", parent=self.path.parent),
                )
            except OSError as error:
                reason = error.strerror or str(error)
                out = WorkbookOut(
                    in_words("excel.cannot_read_now", name=self.name, reason=reason),
                    in_words("excel.close_programs_hold"),
                )
            except Refused as refused:
                out = WorkbookOut(f"{self.name}: {refused.what}", refused.fix)
                self._known_bad = (found.stat, refused)
                if not refused.half_saved:
                    break
            except Exception:  # a file that we stumble over must not stop the shops from being lowered
                log.exception("the workbook could not be read")
                what = in_words("excel.cannot_read_stocksheet_stumbled", name=self.name)
                raise WorkbookOut(what, in_words("excel.open_excel_save_again")) from None
            time.sleep(_PAUSE * (attempt + 1))  # half saved, or between a delete and a rename
        raise out

    def _refuse_again(self) -> None:
        """A file that was refused and lies there unchanged is not read again in every cycle: lowering waits for none of
        it. Raises WorkbookOut."""
        if self._known_bad is None:
            return
        stat, refused = self._known_bad
        try:
            same = _stat(self.path) == stat and _settled(stat)
        except OSError:
            same = False
        if same:
            raise WorkbookOut(f"{self.name}: {refused.what}", refused.fix)
        self._known_bad = None

    def _snapshot(self, found: _Bytes) -> Snapshot:
        snapshot = read_snapshot(found.content, found.saved_at, open_now(self.path) is not None)
        self._known = _Known(found.stat, found.revision, _settled(found.stat))
        sides = self._sides()
        tabs = with_typed(snapshot.tabs, sides.typed)
        token = self._token(found.revision, sides)
        return replace(snapshot, tabs=tabs, revision=token, copies=self._copies.look())

    # --- writing (excel.md section 6)

    def _write(self, tabs: Mapping[str, pl.DataFrame], mirror: pl.DataFrame, mark: Mark, seen: Snapshot) -> Written:
        who = open_elsewhere(self.path)
        if who is not None:
            return self._beside(tabs, mark, who)
        try:
            found = self._bytes()
        except OSError:
            return Written("moved", detail=in_words("excel.not_there_or_being", name=self.name))
        if found.revision != seen.revision.partition(_BESIDE)[0]:
            return Written("moved", detail=in_words("excel.saved_meanwhile", name=self.name))
        sides, letters = self._sides(), seen.letters.get("Item Master", {})
        try:
            job = Job(tabs, mirror, mark, letters, sides.typed, self._zone, now=self._clock.now())
            return self._patch(found, job, sides)
        except Moved as moved:
            return Written("moved", detail=f"{self.name}: {moved.what}.")
        except Refused as refused:
            return self._refused(tabs, mark, refused)

    def _append_rows(self, tab: str, rows: pl.DataFrame, seen: Snapshot) -> Written:
        who = open_elsewhere(self.path)
        if who is not None:
            return Written("open", detail=in_words("excel.open_rows_added_when", name=self.name, who=who))
        try:
            found = self._bytes()
            if found.revision != seen.revision.partition(_BESIDE)[0]:
                return Written("moved", detail=in_words("excel.saved_meanwhile", name=self.name))
            content = with_rows(Package.open(found.content), tab, rows, seen)
            back_up(self._backups, self.name, found.content, self._clock.now())
            publish(self.path, content, found.revision, held)
        except Refused as refused:
            return Written("refused", detail=f"{refused.what} {refused.fix}")
        except Lost as lost:
            return Written("moved", detail=f"{self.name}: {lost}.")
        except OSError as error:  # held by another program, or between a delete and a rename
            return Written(
                "open", detail=in_words("excel.cannot_written_now", name=self.name, reason=error.strerror or error)
            )
        self._known, self._last = None, None
        return Written("written", self._revision(), datetime.fromtimestamp(_stat(self.path)[0] / 1e9, UTC))

    def _patch(self, found: _Bytes, job: Job, sides: _Sides) -> Written:
        last = self._last if self._last is not None and self._last.revision == found.revision else None
        package = Package.open(found.content, checked=False)
        built = build(package, job, last)
        if last is None:  # what was published here was checked
            package.archive.check()
        if not built.changed:
            self._remember(found.revision, built, last)
            return self._unchanged(package, found, sides)
        self_check(package, built)
        written = self._publish(found, built, job, sides)
        if written.outcome == "written" and self._known is not None:
            self._remember(self._known.revision, built, last)
        return written

    def _remember(self, revision: str, built: Built, last: Remembered | None) -> None:
        """What stands in the file now, so that the next write need not look for it."""
        ours = (last.ours if last is not None else frozenset()) | (built.whole if built.changed else set())
        self._last = Remembered(revision, dict(built.frames), frozenset(ours), built.looked_up)

    def _unchanged(self, package: Package, found: _Bytes, sides: _Sides) -> Written:
        self._fold_in(sides)
        now = read_mark(package)
        token = self._token(found.revision, self._sides())
        return Written("unchanged", token, found.saved_at, now.generation if now else None)

    def _publish(self, found: _Bytes, built: Built, job: Job, sides: _Sides) -> Written:
        try:
            back_up(self._backups, self.name, found.content, self._clock.now())
            who = open_now(self.path)
            if who is not None:
                return self._beside(job.tabs, job.mark, who)
            published = publish(self.path, built.content, found.revision, held)
        except Lost as lost:
            return Written("moved", detail=f"{self.name}: {lost}.")
        except PermissionError:
            return self._beside(job.tabs, job.mark, "another program")
        except OSError as error:
            fix = in_words("excel.free_some_space_disk")
            raise Refused(
                in_words("excel.folder_workbook_cannot_written", reason=error.strerror or error), fix
            ) from error
        return self._done(built, job.mark, sides, _key(published))

    def _done(self, built: Built, mark: Mark, sides: _Sides, stat: tuple[int, int, int]) -> Written:
        revision = revision_of(built.content)
        self._known = _Known(stat, revision, settled=False)
        self._fold_in(sides)
        saved_at = datetime.fromtimestamp(stat[0] / 1e9, UTC)
        return Written("written", self._token(revision, self._sides()), saved_at, mark.generation)

    def _fold_in(self, sides: _Sides) -> None:
        """What stood beside the workbook stands in it now."""
        remove_sidecars(sides.seen)
        remove_status(self.path)

    def _beside(self, tabs: Mapping[str, pl.DataFrame], mark: Mark, who: str) -> Written:
        try:
            place = write_sidecar(self.path, tabs, mark, self._clock.now(), self._zone)
        except (Refused, OSError) as error:
            detail = in_words("excel.open_results_no_place", name=self.name, who=who, error=error)
        else:
            detail = in_words("excel.open_results_stand", name=self.name, who=who, place=place.name)
        write_status(self.path, tabs, detail, self._clock.now(), self._zone)
        return Written("open", detail=detail)

    def _refused(self, tabs: Mapping[str, pl.DataFrame], mark: Mark, refused: Refused) -> Written:
        detail = f"{self.name}: {refused.what} {refused.fix}"
        with suppress(Refused, OSError):
            place = write_sidecar(self.path, tabs, mark, self._clock.now(), self._zone)
            detail = in_words("excel.results_stand", detail=detail, place=place.name)
        write_status(self.path, tabs, detail, self._clock.now(), self._zone)
        return Written("refused", detail=detail)


@dataclass(frozen=True)
class _Known:
    """The revision of a stat."""

    stat: tuple[int, int, int]
    revision: str
    settled: bool
    """The stat is old enough that the content cannot have changed behind it."""


def _stat(path: Path) -> tuple[int, int, int]:
    return _key(path.stat())


def _key(found: os.stat_result) -> tuple[int, int, int]:
    return found.st_mtime_ns, found.st_size, found.st_ino


def _settled(stat: tuple[int, int, int]) -> bool:
    return time.time() - stat[0] / 1e9 > _SETTLED
