"""`stocksheet run` for as long as a seller makes mistakes: a file that cannot be used is named, holds what only the
sheet says, lets sales lower, and is forgotten as soon as it is mended. One real process, real files, real HTTP."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import openpyxl
import pytest

from tests.input.files import NOT_READ, NOT_USED, edited
from tests.input.seller import Seller, place, seller

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
"""Seconds after which a test gives up; nothing is measured by it."""


class Running:
    """`stocksheet run` in a process of its own, and what it has said so far."""

    def __init__(self, one: Seller) -> None:
        command = [sys.executable, "-u", "-m", "agent", "run", "--config", str(one.config)]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True
        )
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.lines.extend(iter(self.process.stdout.readline, ""))

    def said(self, words: str, since: int = 0) -> bool:
        return any(words in line for line in self.lines[since:])

    def ends(self) -> int:
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(30)
        self._reader.join(10)
        return code


def until(true: Callable[[], bool], what: str, running: Running) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert running.process.poll() is None, "".join(running.lines)
        assert time.monotonic() < end, f"{what}; it said: {''.join(running.lines[-12:])}"
        time.sleep(0.1)


@contextmanager
def living(folder: Path) -> Iterator[tuple[Seller, Running]]:
    """A seller of two items whose first plan was approved, and the agent that runs for them."""
    with seller(folder) as one:
        for sku in "AB":
            one.sells(sku, 20)
        one.writes([{"SKU": sku, "Title": f"Item {sku}", "Stocked": 30} for sku in "AB"])
        one.goes_live()
        assert [one.shows(sku) for sku in "AB"] == [30, 30]
        running = Running(one)
        try:
            until(lambda: running.said("Ctrl-C ends it"), "it starts", running)
            yield one, running
        finally:
            if running.process.poll() is None:
                running.process.kill()
                running.process.wait(30)


def typed(number: int) -> Callable[[openpyxl.Workbook], None]:
    def change(book: openpyxl.Workbook) -> None:
        place(book["Item Master"], "B", "Stocked").value = number

    return change


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Seller, Running]]:
    """One agent that runs through all tests of this file."""
    with living(tmp_path_factory.mktemp("running") / "seller") as made:
        yield made


def quiet(one: Seller) -> bytes:
    """The workbook once the agent has written what it has to say: whoever saves over that brings an older copy back."""
    content, since = one.workbook.read_bytes(), time.monotonic()
    while time.monotonic() - since < 2:
        time.sleep(0.1)
        if one.workbook.read_bytes() != content:
            content, since = one.workbook.read_bytes(), time.monotonic()
    return content


READ = ["empty", "random bytes", "half a file", "web page", "password"]


@pytest.mark.parametrize("name", READ)
def test_a_running_agent_names_a_bad_file_pushes_nothing_and_goes_on_when_it_is_mended(
    both: tuple[Seller, Running], name: str
) -> None:
    (one, running), (change, sentence) = both, NOT_READ[name]
    good, since, before = quiet(one), len(running.lines), one.shows("B") or 0
    bad = change(edited(good, typed(before + 5)))  # whatever else it says, B may not be raised by it
    one.workbook.write_bytes(bad)
    until(lambda: running.said(sentence[:50], since), "it is named", running)
    time.sleep(1)
    assert one.shows("B") == before
    assert one.workbook.read_bytes() == bad, "the seller's file is left alone"
    one.workbook.write_bytes(edited(good, typed(before + 1)))
    until(lambda: one.shows("B") == before + 1, "it goes on with the mended file", running)


@pytest.mark.parametrize(
    ("name", "cell", "header"), [("header missing", "C1", "Stocked"), ("header doubled", "D1", "x")]
)
def test_a_heading_that_is_lost_or_doubled_holds_until_it_is_typed_again(
    both: tuple[Seller, Running], name: str, cell: str, header: str
) -> None:
    (one, running), (change, sentence, _) = both, NOT_USED[name]
    since, before = len(running.lines), one.shows("B") or 0
    one.workbook.write_bytes(change(edited(quiet(one), typed(before + 1))))
    until(lambda: running.said(sentence.rpartition(": ")[2][:50], since), "it is named", running)
    quiet(one)
    assert one.shows("B") == before

    def mend(book: openpyxl.Workbook) -> None:
        book["Item Master"][cell] = header

    one.changes(mend)
    until(lambda: one.shows("B") == before + 1, "what was typed meanwhile counts", running)


def test_orders_are_read_while_the_workbook_is_away_and_a_ctrl_c_ends_it(both: tuple[Seller, Running]) -> None:
    one, running = both
    good, since = quiet(one), len(running.lines)
    one.workbook.unlink()
    until(lambda: running.said("The workbook Stock.xlsx is not there", since), "it is named", running)
    one.shop.sell(one.ids["A"], 1)
    until(lambda: running.said("Sold on my-shop: 1 x A", since), "orders are read meanwhile", running)
    one.workbook.write_bytes(good)
    until(lambda: running.said("The workbook can be read again", since), "it goes on", running)
    assert running.ends() == 0
    told = "".join(running.lines)
    assert "Traceback" not in told and "mistake of its own" not in told
    assert running.said("Stocksheet has ended")
