"""Putting a new version in place: no save of a person is ever lost, nothing is written under an open program."""

from __future__ import annotations

import asyncio
import os
import socket
import stat
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from made import agent_frames, mirror_frame, opened, saved, seller_book

from agent.frames import MIRROR, empty
from agent.workbooks.base import Mark, WorkbookOut, Written
from agent.workbooks.cells import letters_of
from agent.workbooks.excel import ExcelWorkbook
from agent.workbooks.starter import make_starter
from agent.workbooks.tabs import BY_NAME
from agent.workbooks.xlsx import publish as publishing
from agent.workbooks.xlsx.backups import DAYS, LAST, back_up, backups
from agent.workbooks.xlsx.elsewhere import open_elsewhere
from agent.workbooks.xlsx.marks import read_mark
from agent.workbooks.xlsx.package import Package
from agent.workbooks.xlsx.publish import Lost, publish, revision_of

NOTHING = empty(MIRROR)
LINK = letters_of(BY_NAME["Imports"].names.index("Link to SKU"))


class Book:
    """An ExcelWorkbook in a folder, used from plain tests."""

    def __init__(self, folder: Path, content: bytes | None = None) -> None:
        self.path = folder / "Shop.xlsx"
        self.path.write_bytes(make_starter(example=False) if content is None else content)
        self.backups = folder / "backups"
        self.workbook = ExcelWorkbook(self.path, backup_dir=self.backups)

    def read(self):
        return asyncio.run(self.workbook.read())

    def write(self, rows: int = 3, mirror=NOTHING, generation: int = 1, seen=None) -> Written:
        seen = seen or self.read()
        tabs = agent_frames(rows)
        return asyncio.run(self.workbook.write(tabs, mirror, Mark("shop", generation), seen))

    @property
    def sidecar(self) -> Path:
        return self.path.with_name("Shop - results.xlsx")

    @property
    def owner(self) -> Path:
        return self.path.with_name("~$Shop.xlsx")


@pytest.fixture
def book(tmp_path):
    return Book(tmp_path)


def left_over(folder: Path) -> list[str]:
    return [p.name for p in folder.iterdir() if ".tmp" in p.name or "kept" in p.name]


def test_a_write_stands_in_the_file_and_is_what_is_read_next(book):
    written = book.write(3)
    snapshot = book.read()
    assert written.outcome == "written" and written.generation == 1
    assert snapshot.revision == written.revision == revision_of(book.path.read_bytes())
    assert snapshot.saved_at == written.saved_at and snapshot.mark == Mark("shop", 1)
    assert asyncio.run(book.workbook.revision()) == written.revision
    assert left_over(book.path.parent) == []


def test_a_write_that_changes_nothing_but_the_mark_is_not_done(book):
    book.write(3)
    before = book.path.stat()
    again = book.write(3, generation=2)
    assert again.outcome == "unchanged" and again.generation == 1
    assert book.path.stat().st_mtime_ns == before.st_mtime_ns and book.path.stat().st_ino == before.st_ino


def test_what_excel_wrote_in_other_bytes_is_still_unchanged(book):
    book.write(3)
    book.path.write_bytes(saved(opened(book.path.read_bytes())))  # same values, every part in other bytes
    assert book.write(3, generation=2).outcome == "unchanged"


def test_another_content_than_the_snapshots_moves_the_write(book):
    seen = book.read()
    person = opened(book.path.read_bytes())
    person["Item Master"]["A2"].value = "NEW"
    book.path.write_bytes(saved(person))
    content = book.path.read_bytes()
    assert book.write(seen=seen).outcome == "moved"
    assert book.path.read_bytes() == content


def test_the_mirror_reaches_the_file(tmp_path):
    book = Book(tmp_path, seller_book())
    assert book.write(mirror=mirror_frame((3, "SKU-3", "30", 29))).outcome == "written"
    assert openpyxl.load_workbook(book.path)["Item Master"]["C3"].value == 29
    moved = book.write(mirror=mirror_frame((3, "SKU-3", "30", 28)))
    assert moved.outcome == "moved" and "C3 holds 29" in moved.detail


def test_mode_bits_and_the_target_of_a_link_stay(tmp_path):
    (tmp_path / "real").mkdir()
    book = Book(tmp_path / "real")
    book.path.chmod(0o640)
    link = tmp_path / "link.xlsx"
    link.symlink_to(book.path)
    book.workbook = ExcelWorkbook(link, backup_dir=book.backups)
    assert book.write().outcome == "written"
    assert stat.S_IMODE(book.path.stat().st_mode) == 0o640 and link.is_symlink()


# --- racing with a person who saves


def _save(path: Path, content: bytes) -> None:
    temporary = path.with_name("0ABCDEF01")
    temporary.write_bytes(content)
    temporary.replace(path)


@pytest.mark.skipif(sys.platform != "linux", reason="the exchange of two files is tried on Linux")
def test_a_save_in_the_very_moment_of_the_exchange_goes_back_in(tmp_path, monkeypatch):
    path = tmp_path / "Shop.xlsx"
    path.write_bytes(b"base")
    real, saves = publishing._swap, iter([b"first save", b"second save"])

    def save_then_swap(one: Path, other: Path) -> None:
        content = next(saves, None)
        if content is not None:
            _save(one, content)
        real(one, other)

    monkeypatch.setattr(publishing, "_swap", save_then_swap)
    with pytest.raises(Lost):
        publish(path, b"ours", revision_of(b"base"))
    assert path.read_bytes() == b"second save" and left_over(tmp_path) == []


def test_where_files_cannot_be_exchanged_it_still_looks_first(tmp_path, monkeypatch):
    monkeypatch.setattr(publishing, "_exchanges", lambda _: False)
    path = tmp_path / "Shop.xlsx"
    path.write_bytes(b"base")
    publish(path, b"ours", revision_of(b"base"))
    assert path.read_bytes() == b"ours"
    with pytest.raises(Lost):
        publish(path, b"again", revision_of(b"base"))
    assert path.read_bytes() == b"ours" and left_over(tmp_path) == []


def test_a_failed_write_leaves_the_workbook_as_it_was(book, monkeypatch):
    content = book.path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(publishing.os, "fsync", full)
    refused = book.write()
    assert refused.outcome == "refused" and "No space left" in refused.detail
    assert book.path.read_bytes() == content and left_over(book.path.parent) == []


# --- open elsewhere


def test_while_excel_has_it_open_the_results_go_into_a_sidecar_and_fold_in_later(book):
    content = book.path.read_bytes()
    book.owner.write_bytes(b"Anna")
    result = book.write(4)
    assert result.outcome == "open" and "Shop - results.xlsx" in result.detail
    assert book.path.read_bytes() == content
    sidecar = opened(book.sidecar.read_bytes())
    assert sidecar.worksheets[0]["A1"].value.startswith("Stocksheet's results, while Shop.xlsx is open")
    assert sidecar["Listings"]["A7"].value == "Channel 3"
    assert book.read().open_elsewhere
    book.owner.unlink()
    assert book.write(4).outcome == "written"
    assert not book.sidecar.exists() and not book.read().open_elsewhere


def test_beside_an_open_workbook_stands_a_page_that_goes_away_when_it_is_closed(book):
    page = book.path.with_name("status.html")
    book.owner.write_bytes(b"Anna")
    tabs = agent_frames(2) | {"Attention": agent_frames(2)["Attention"].with_columns(What=pl.lit("<b>Mug</b> & co"))}
    asyncio.run(book.workbook.write(tabs, NOTHING, Mark("shop", 1), book.read()))
    text = page.read_text(encoding="utf-8")
    assert "Shop.xlsx is open in Excel. The results stand in Shop - results.xlsx." in text
    assert "&lt;b&gt;Mug&lt;/b&gt; &amp; co" in text and "<b>Mug" not in text and "<a " not in text
    assert "Stock Levels" in text and "Channel Status" in text
    book.owner.unlink()
    assert book.write(2).outcome == "written" and not page.exists()


def test_a_persons_own_status_page_is_not_touched(book):
    own = book.path.with_name("status.html")
    own.write_text("<h1>My shop</h1>")
    book.owner.write_bytes(b"Anna")
    book.write(2)
    assert "is open in Excel" in book.path.with_name("Shop - status.html").read_text(encoding="utf-8")
    book.owner.unlink()
    book.write(2)
    assert own.read_text() == "<h1>My shop</h1>" and not book.path.with_name("Shop - status.html").exists()


def test_where_both_sidecars_are_open_the_page_still_says_how_things_stand(book):
    book.owner.write_bytes(b"Anna")
    for name in ("Shop - results.xlsx", "Shop - results (2).xlsx"):
        book.path.with_name(f"~${name}").write_bytes(b"Anna")
        book.path.with_name(name).write_bytes(seller_book())
    result = book.write(2)
    assert result.outcome == "open" and "have no place" in result.detail
    assert "have no place" in book.path.with_name("status.html").read_text(encoding="utf-8")


def type_into(path: Path, tab: str, cell: str, text: str) -> None:
    sidecar = opened(path.read_bytes())
    sidecar[tab][cell].value = text
    path.write_bytes(saved(sidecar))


def test_what_is_typed_in_the_sidecar_counts_and_moves_into_the_workbook(book):
    book.write(2)
    book.owner.write_bytes(b"Anna")
    book.write(3)
    type_into(book.sidecar, "Attention", "H5", "yes")
    type_into(book.sidecar, "Imports", LINK + "6", "MUG-1")
    seen = book.read()
    answers = seen.tabs["Attention"]
    assert answers.filter(answers["Id"] == "Id 1")["Answer"].to_list() == ["yes"]
    links = seen.tabs["Imports"]
    assert links.filter(links["Listing"] == "Listing 2")["Link to SKU"].to_list() == ["MUG-1"]
    assert asyncio.run(book.workbook.revision()) == seen.revision != revision_of(book.path.read_bytes())
    book.write(4, seen=seen)
    assert opened(book.sidecar.read_bytes())["Attention"]["H5"].value == "yes"  # kept when it is written again
    book.owner.unlink()
    assert book.write(4, seen=seen).outcome == "written"
    folded = opened(book.path.read_bytes())
    assert folded["Attention"]["H5"].value == "yes" and folded["Imports"][LINK + "6"].value == "MUG-1"
    assert not book.sidecar.exists()


def test_a_sidecar_that_is_open_itself_gets_a_second_one_and_is_kept_until_closed(book):
    book.owner.write_bytes(b"Anna")
    book.write(2)
    owner = book.path.with_name("~$Shop - results.xlsx")
    owner.write_bytes(b"Anna")
    assert "results (2)" in book.write(3).detail
    book.owner.unlink()
    assert book.write(3).outcome == "written"
    assert book.sidecar.exists() and not book.path.with_name("Shop - results (2).xlsx").exists()
    owner.unlink()
    assert book.write(3).outcome == "unchanged" and not book.sidecar.exists()


def test_a_persons_own_file_of_the_sidecars_name_is_not_touched(book):
    own = seller_book()
    book.sidecar.write_bytes(own)
    book.owner.write_bytes(b"Anna")
    assert "results (2)" in book.write(2).detail
    assert book.sidecar.read_bytes() == own


@pytest.mark.skipif(sys.platform != "linux", reason="who holds a file is seen on Linux")
def test_a_program_that_holds_the_file_is_seen_and_one_that_lets_go_is_not(book):
    script = "import sys, time; f = open(sys.argv[1]); print('open', flush=True); time.sleep(60)"
    holder = subprocess.Popen([sys.executable, "-c", script, str(book.path)], stdout=subprocess.PIPE)
    try:
        holder.stdout.readline()
        assert open_elsewhere(book.path) is not None
        assert book.write().outcome == "open"
    finally:
        holder.kill()
        holder.wait()
    assert open_elsewhere(book.path) is None


def test_a_lock_that_libre_office_left_behind_is_seen_through(book):
    lock = book.path.with_name(".~lock.Shop.xlsx#")
    lock.write_text(f",anna,{socket.gethostname()},22.11.2026 14:03,file:///home/anna;")
    assert open_elsewhere(book.path) == "LibreOffice"
    long_ago = time.time() - 3600
    os.utime(lock, (long_ago, long_ago))
    if Path("/proc/self/fd").exists():
        assert open_elsewhere(book.path) is None
    lock.write_text(",anna,another-computer,22.11.2026 14:03,file:///home/anna;")
    os.utime(lock, (long_ago, long_ago))
    assert open_elsewhere(book.path) == "LibreOffice"


# --- reading


def test_a_missing_or_broken_workbook_is_out_in_plain_words(book, monkeypatch):
    monkeypatch.setattr("agent.workbooks.excel._PAUSE", 0.001)
    whole = book.path.read_bytes()
    book.path.write_bytes(whole[:500])
    with pytest.raises(WorkbookOut, match="half saved"):
        book.read()
    book.path.unlink()
    with pytest.raises(WorkbookOut, match="not there"):
        book.read()
    assert asyncio.run(book.workbook.revision()) is None


def test_a_workbook_that_cannot_be_written_is_refused_and_the_results_stand_beside_it(tmp_path):
    person = opened(seller_book())
    person.security = openpyxl.workbook.protection.WorkbookProtection(lockStructure=True)
    book = Book(tmp_path, saved(person))
    refused = book.write(2)
    assert refused.outcome == "refused" and "Protect Workbook" in refused.detail
    assert "Shop - results.xlsx" in refused.detail and book.sidecar.exists()


def test_a_save_wakes_who_waits_and_our_own_write_does_not(book):
    async def play() -> list[str]:
        woken: list[str] = []

        async def wait() -> None:
            await book.workbook.changed()
            woken.append("changed")

        seen = await book.workbook.read()
        waiting = asyncio.create_task(wait())
        await asyncio.sleep(0.3)
        await book.workbook.write(agent_frames(2), NOTHING, Mark("shop", 1), seen)
        await asyncio.sleep(1.5)
        after_own = list(woken)
        person = opened(book.path.read_bytes())
        person["Item Master"]["A9"].value = "NEW"
        book.path.write_bytes(saved(person))
        await asyncio.wait_for(waiting, 20)
        await book.workbook.close()
        return after_own

    assert asyncio.run(play()) == []


# --- backups


def test_every_write_keeps_what_was_there_before(book):
    first = book.path.read_bytes()
    book.write(1)
    second = book.path.read_bytes()
    book.write(2, generation=2)
    assert (book.backups / "first - Shop.xlsx").read_bytes() == first
    assert [p.read_bytes() for p in backups(book.backups, "Shop.xlsx")] == [second]
    assert read_mark(Package.open(second)) == Mark("shop", 1)


def test_old_backups_go_but_the_first_the_last_ten_and_one_a_day_stay(tmp_path):
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    for hours in range(24 * 45, 0, -6):
        back_up(tmp_path, "Shop.xlsx", b"x", now - timedelta(hours=hours))
    kept = backups(tmp_path, "Shop.xlsx")
    assert (tmp_path / "first - Shop.xlsx").exists()
    assert LAST <= len(kept) <= LAST + DAYS + 1
    assert len({p.name[:10] for p in kept}) >= DAYS - 1
    assert all(p.name[:10] >= "2026-10-22" for p in kept)
