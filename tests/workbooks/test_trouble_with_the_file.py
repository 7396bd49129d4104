"""The workbook's file in trouble: slow editors, folders that go and come, a full disk. Nothing is lost, all is said."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC
from pathlib import Path

import pytest
from made import agent_frames, mirror_frame, opened, seller_book
from test_watch import QUIET, by_replace, content, deliveries

from agent.frames import MIRROR, empty
from agent.workbooks import watch
from agent.workbooks.base import Mark, WorkbookOut, Written
from agent.workbooks.excel import ExcelWorkbook
from agent.workbooks.watch import Watcher


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "Shop"
    folder.mkdir()
    (folder / "Stock.xlsx").write_bytes(content(tmp_path, 1))
    return folder / "Stock.xlsx"


def until_delivered(watcher: Watcher, data: bytes) -> None:
    """Wait until this content is what the watcher knows; at most half a minute."""
    wanted, end = hashlib.sha256(data).hexdigest(), time.monotonic() + 30
    while watcher._files[0].revision != wanted and time.monotonic() < end:
        time.sleep(QUIET / 4)


def woken(path: Path, act: Callable[[], None], **more: float) -> int:
    """How often what `act` does wakes who waits."""

    async def run() -> int:
        return await deliveries(Watcher(path, QUIET, **more), act, QUIET * 8)

    return asyncio.run(run())


def test_an_editor_that_writes_for_long_in_many_pieces_wakes_once_and_at_its_end(path: Path, tmp_path: Path) -> None:
    """Pieces closer together than the quiet time, and some pauses that are longer."""
    data, ended = content(tmp_path, 2), []

    def act() -> None:
        size = len(data) // 24 + 1
        with path.open("wb") as file:
            for number, start in enumerate(range(0, len(data), size)):
                file.write(data[start : start + size])
                file.flush()
                time.sleep(QUIET * (1.8 if number % 6 == 5 else 0.4))
        ended.append(hashlib.sha256(path.read_bytes()).hexdigest())

    assert woken(path, act) == 1
    assert ended == [hashlib.sha256(data).hexdigest()]


def test_two_saves_within_the_quiet_time_wake_once_with_the_second(path: Path, tmp_path: Path) -> None:
    first, second = content(tmp_path, 2), content(tmp_path, 3)
    watcher = Watcher(path, quiet=1.0)

    def act() -> None:
        by_replace(path, first)
        time.sleep(QUIET / 4)
        by_replace(path, second)
        until_delivered(watcher, second)

    assert asyncio.run(deliveries(watcher, act)) == 1
    assert watcher._files[0].revision == hashlib.sha256(second).hexdigest()


def test_a_name_that_changes_in_case_only_and_back_loses_no_save(path: Path, tmp_path: Path) -> None:
    data = content(tmp_path, 2)

    def act() -> None:
        other = path.with_name("STOCK.xlsx")
        path.rename(other)
        time.sleep(QUIET * 3)
        other.write_bytes(data)
        time.sleep(QUIET * 3)
        other.rename(path)

    assert woken(path, act) == 1


def test_a_folder_in_the_workbooks_place_does_not_wake_and_its_return_does(path: Path, tmp_path: Path) -> None:
    data = content(tmp_path, 2)

    def act() -> None:
        path.unlink()
        path.mkdir()
        time.sleep(QUIET * 4)
        path.rmdir()
        path.write_bytes(data)
        until_delivered(watcher, data)

    watcher = Watcher(path, QUIET)
    assert asyncio.run(deliveries(watcher, act)) == 1


@pytest.mark.parametrize("polling", [False, True], ids=["events", "polling"])
def test_a_folder_that_goes_and_comes_back_is_watched_again(path: Path, tmp_path: Path, polling: bool) -> None:
    """A network drive that was away; a folder that a sync service moved."""
    away, later = tmp_path / "away", content(tmp_path, 3)
    came_back = content(tmp_path, 2)

    def act() -> None:
        path.parent.rename(away)
        time.sleep(QUIET * 4)
        (away / path.name).write_bytes(came_back)
        shutil.copytree(away, path.parent)
        until_delivered(watcher, came_back)
        by_replace(path, later)
        until_delivered(watcher, later)

    watcher = Watcher(path, QUIET, poll=0.1, polling=polling)
    assert asyncio.run(deliveries(watcher, act)) == 2


def test_a_file_that_may_not_be_read_for_a_while_is_delivered_when_it_may(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when a scanner or Excel itself holds it on Windows."""
    data, read, until = content(tmp_path, 2), watch._read, []

    def denied(file: Path) -> tuple[watch.Stat | None, bytes | None]:
        stat, found = read(file)
        return stat, None if until and time.monotonic() < until[0] else found

    monkeypatch.setattr(watch, "_read", denied)

    def act() -> None:
        until.append(time.monotonic() + QUIET * 6)
        by_replace(path, data)
        time.sleep(QUIET * 7)

    assert woken(path, act) == 1


# --- reading and writing


class Shop:
    """An Excel workbook used from plain tests."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "Shop.xlsx"
        self.path.write_bytes(seller_book())
        self.workbook = ExcelWorkbook(self.path, backup_dir=folder / "backups", zone=UTC)

    def write(self, rows: int, generation: int) -> Written:
        seen = asyncio.run(self.workbook.read())
        item = seen.tabs["Item Master"].row(1, named=True)
        mirror = mirror_frame((item["row"], item["SKU"], item["Stocked"], int(item["Stocked"]) - 1))
        return asyncio.run(self.workbook.write(agent_frames(rows), mirror, Mark("shop", generation), seen))


@contextlib.contextmanager
def room_for(size: int) -> Iterator[None]:
    """No file may grow beyond so many bytes: what a full disk does to a write."""
    import resource  # not on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.skipif(sys.platform == "win32", reason="a limit of files is known to POSIX systems only")
@pytest.mark.parametrize("room", [0, 3_000, 8_000, 12_000])
def test_a_full_disk_loses_nothing_and_is_said_and_the_next_write_succeeds(tmp_path: Path, room: int) -> None:
    shop = Shop(tmp_path)
    before = shop.path.read_bytes()
    with room_for(room):
        written = shop.write(3, 1)
    assert written.outcome == "refused" and "Free some space" in written.detail, written
    assert shop.path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir() if ".tmp" in p.name or "kept" in p.name] == []
    assert shop.write(3, 2).outcome == "written"
    assert opened(shop.path.read_bytes())["Item Master"]["C3"].value == 29
    assert (tmp_path / "backups" / "first - Shop.xlsx").read_bytes() == before


def test_a_folder_in_the_workbooks_place_is_said_and_the_file_is_read_when_it_is_back(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    content = shop.path.read_bytes()
    shop.path.unlink()
    shop.path.mkdir()
    with pytest.raises(WorkbookOut, match="A folder stands where the workbook"):
        asyncio.run(shop.workbook.read())
    assert asyncio.run(shop.workbook.revision()) is None
    shop.path.rmdir()
    shop.path.write_bytes(content)
    assert shop.write(2, 1).outcome == "written"


def test_a_folder_that_is_gone_is_said_and_nothing_is_made_in_its_place(tmp_path: Path) -> None:
    folder = tmp_path / "drive"
    folder.mkdir()
    shop = Shop(folder)
    seen = asyncio.run(shop.workbook.read())
    folder.rename(tmp_path / "away")
    with pytest.raises(WorkbookOut, match="is not there"):
        asyncio.run(shop.workbook.read())
    written = asyncio.run(shop.workbook.write(agent_frames(2), empty(MIRROR), Mark("shop", 1), seen))
    assert written.outcome == "moved" and not folder.exists()
    (tmp_path / "away").rename(folder)
    assert shop.write(2, 1).outcome == "written"
