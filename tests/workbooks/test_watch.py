"""The watcher against real files, in every way that programs save (excel.md sections 4.1, 4.2, 4.4)."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from agent.workbooks.watch import Watcher, is_complete

QUIET = 0.15


def content(tmp_path: Path, value: int) -> bytes:
    """A small workbook."""
    book = openpyxl.Workbook()
    book.worksheets[0].append(["SKU", value])
    book.save(tmp_path / "made.xlsx")
    return (tmp_path / "made.xlsx").read_bytes()


def by_rename(path: Path, data: bytes) -> None:
    """Excel: a temporary file, the old one renamed away, the new one renamed in."""
    temporary, old = path.with_name("1A2B3C4D"), path.with_name("5E6F7A8B.tmp")
    temporary.write_bytes(data)
    path.rename(old)
    temporary.rename(path)
    old.unlink()


def by_replace(path: Path, data: bytes) -> None:
    """One atomic rename over the file."""
    temporary = path.with_name("~WRD0001.tmp")
    temporary.write_bytes(data)
    temporary.replace(path)


def in_place(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def slowly_in_place(path: Path, data: bytes) -> None:
    """Written bit by bit, with rests longer than the quiet time."""
    with path.open("wb") as file:
        for start in range(0, len(data), len(data) // 4 + 1):
            file.write(data[start : start + len(data) // 4 + 1])
            file.flush()
            time.sleep(QUIET * 1.6)


def delete_and_create(path: Path, data: bytes) -> None:
    path.unlink()
    time.sleep(QUIET * 0.5)
    path.write_bytes(data)


def touched_twice(path: Path, data: bytes) -> None:
    """Excel touches the file again after it has saved."""
    by_replace(path, data)
    time.sleep(QUIET * 0.5)
    os.utime(path)
    time.sleep(QUIET * 3)
    os.utime(path)


def like_libreoffice(path: Path, data: bytes) -> None:
    """The lock goes and comes back, a temporary file is moved over the workbook: no event names it but the move."""
    lock = path.with_name(f".~lock.{path.name}#")
    lock.write_text(",user,host,;")
    lock.unlink()
    lock.write_text(",user,host,;")
    temporary = path.with_name("lu12345.tmp")
    temporary.write_bytes(data)
    shutil.move(temporary, path)
    lock.unlink()


SAVES: list[Callable[[Path, bytes], None]] = [
    by_rename, by_replace, in_place, slowly_in_place, delete_and_create, touched_twice, like_libreoffice,
]  # fmt: skip


async def deliveries(watcher: Watcher, act: Callable[[], None], wait: float = QUIET * 6) -> int:
    """How often the watcher wakes because of what `act` does."""
    count = 0

    async def listen() -> None:
        nonlocal count
        while True:
            await watcher.changed()
            count += 1

    task = asyncio.create_task(listen())
    await asyncio.sleep(QUIET)
    await asyncio.to_thread(act)
    await asyncio.sleep(wait)
    task.cancel()
    await watcher.close()
    return count


async def waits_and_is_closed(path: Path) -> None:
    """Somebody waits for a change while the watcher is closed: the wait ends."""
    watcher = Watcher(path, QUIET)
    waiting = asyncio.create_task(watcher.changed())
    await asyncio.sleep(QUIET)
    await watcher.close()
    await asyncio.wait_for(waiting, 5)


@pytest.mark.parametrize("save", SAVES, ids=lambda save: save.__name__)
@pytest.mark.parametrize("polling", [False, True], ids=["events", "polling"])
def test_every_way_of_saving_wakes_exactly_once(
    tmp_path: Path, save: Callable[[Path, bytes], None], polling: bool
) -> None:
    path = tmp_path / "Stock.xlsx"
    path.write_bytes(content(tmp_path, 1))
    new = content(tmp_path, 2)

    async def run() -> int:
        return await deliveries(Watcher(path, QUIET, polling=polling), lambda: save(path, new), QUIET * 10)

    assert asyncio.run(run()) == 1


def test_a_half_written_file_is_not_delivered(tmp_path: Path) -> None:
    path = tmp_path / "Stock.xlsx"
    path.write_bytes(content(tmp_path, 1))
    new = content(tmp_path, 2)

    async def run() -> int:
        return await deliveries(Watcher(path, QUIET), lambda: path.write_bytes(new[: len(new) // 2]) and None)

    assert asyncio.run(run()) == 0


def test_temporary_lock_and_owner_files_do_not_wake(tmp_path: Path) -> None:
    path = tmp_path / "Stock.xlsx"
    path.write_bytes(content(tmp_path, 1))

    def act() -> None:
        for name in ("~$Stock.xlsx", ".~lock.Stock.xlsx#", "1A2B3C4D", "Stock (1).xlsx", "other.tmp"):
            (tmp_path / name).write_text("x")

    assert asyncio.run(deliveries(Watcher(path, QUIET), act)) == 0


def test_what_the_agent_wrote_itself_does_not_wake(tmp_path: Path) -> None:
    path = tmp_path / "Stock.xlsx"
    path.write_bytes(content(tmp_path, 1))
    new = content(tmp_path, 2)
    watcher = Watcher(path, QUIET)

    def act() -> None:
        watcher.seen(hashlib.sha256(new).hexdigest())
        by_replace(path, new)

    assert asyncio.run(deliveries(watcher, act)) == 0


def test_an_older_copy_of_the_agents_own_content_wakes(tmp_path: Path) -> None:
    path = tmp_path / "Stock.xlsx"
    path.write_bytes(content(tmp_path, 1))
    own, other = content(tmp_path, 2), content(tmp_path, 3)
    watcher = Watcher(path, QUIET)

    def act() -> None:
        watcher.seen(hashlib.sha256(own).hexdigest())
        for data in (own, other, own):
            by_replace(path, data)
            time.sleep(QUIET * 4)

    assert asyncio.run(deliveries(watcher, act)) == 2


def test_a_save_before_the_first_wait_is_not_missed(tmp_path: Path) -> None:
    path = tmp_path / "Stock.xlsx"
    path.write_bytes(content(tmp_path, 1))
    watcher = Watcher(path, QUIET)
    by_replace(path, content(tmp_path, 2))
    assert asyncio.run(deliveries(watcher, lambda: None)) == 1


def test_a_file_that_was_away_and_comes_back_wakes(tmp_path: Path) -> None:
    path = tmp_path / "Stock.xlsx"
    path.write_bytes(content(tmp_path, 1))

    def act() -> None:
        path.rename(tmp_path / "away.xlsx")
        time.sleep(QUIET * 4)
        (tmp_path / "away.xlsx").rename(path)

    assert asyncio.run(deliveries(Watcher(path, QUIET), act)) == 1


def test_a_save_of_the_sidecar_wakes(tmp_path: Path) -> None:
    path, sidecar = tmp_path / "Stock.xlsx", tmp_path / "Stock - results.xlsx"
    path.write_bytes(content(tmp_path, 1))
    data = content(tmp_path, 2)
    watcher = Watcher(path, QUIET, sidecar=sidecar)
    assert asyncio.run(deliveries(watcher, lambda: by_replace(sidecar, data))) == 1


def test_without_events_the_stat_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No inotify watches left on this computer."""

    def none_left(*_: object, **__: object) -> None:
        raise OSError("inotify watch limit reached")

    monkeypatch.setattr("watchdog.observers.api.BaseObserver.start", none_left)
    path = tmp_path / "Stock.xlsx"
    path.write_bytes(content(tmp_path, 1))
    new = content(tmp_path, 2)
    watcher = Watcher(path, QUIET, poll=0.1)
    assert asyncio.run(deliveries(watcher, lambda: by_replace(path, new))) == 1


def test_closing_ends_the_wait(tmp_path: Path) -> None:
    path = tmp_path / "Stock.xlsx"
    path.write_bytes(content(tmp_path, 1))

    asyncio.run(waits_and_is_closed(path))


def test_a_wrong_checksum_is_not_complete(tmp_path: Path) -> None:
    data = bytearray(content(tmp_path, 1))
    assert is_complete(bytes(data))
    data[60] ^= 0xFF
    assert not is_complete(bytes(data))


def test_closing_prints_nothing_though_a_thread_is_just_about_to_look_again(tmp_path, caplog, monkeypatch):
    """watchdog's own thread, woken in the moment in which it is stopped, logs an error that means nothing."""
    emitter = pytest.importorskip("watchdog.observers.inotify").InotifyEmitter
    look = emitter.queue_events

    def look_once_too_often(self, timeout, **more):
        while self.should_keep_running():
            time.sleep(0.005)
        look(self, timeout, **more)

    monkeypatch.setattr(emitter, "queue_events", look_once_too_often)
    path = tmp_path / "Shop.xlsx"
    path.write_bytes(content(tmp_path, 1))

    asyncio.run(waits_and_is_closed(path))
    assert caplog.text == ""


def test_closing_does_not_wait_for_ever_for_a_thread_that_hangs(tmp_path, monkeypatch):
    emitter = pytest.importorskip("watchdog.observers.inotify").InotifyEmitter
    go_on = threading.Event()
    monkeypatch.setattr(emitter, "queue_events", lambda *_, **__: go_on.wait(30))
    monkeypatch.setattr("agent.workbooks.watch._LONGEST_STOP", 0.2)
    path = tmp_path / "Shop.xlsx"
    path.write_bytes(content(tmp_path, 1))

    try:
        asyncio.run(waits_and_is_closed(path))
        assert not go_on.is_set()
    finally:
        go_on.set()
