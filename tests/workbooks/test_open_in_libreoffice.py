"""A real LibreOffice opens, edits, saves and closes the workbook while the agent goes on writing.

No save is lost, nothing that would be a dialog for the person comes up, each edit arrives once (DESIGN section 4).
"""

from __future__ import annotations

import asyncio
import random
import threading
import time
from datetime import UTC
from pathlib import Path

import pytest
from made import CORPUS, agent_frames, corpus, opened
from office import Office, why_not

from agent.frames import MIRROR, empty
from agent.workbooks.base import Mark
from agent.workbooks.charts import CHARTS
from agent.workbooks.excel import ExcelWorkbook
from agent.workbooks.starter import make_starter
from agent.workbooks.tabs import AGENT_TABS
from agent.workbooks.xlsx.marks import find_tabs, read_mark
from agent.workbooks.xlsx.package import Package
from agent.workbooks.xlsx.writing import Job, build

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not() or "-")
NOTHING = empty(MIRROR)


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    with Office(tmp_path_factory.mktemp("office")) as running:
        yield running


class Agent(threading.Thread):
    """The agent's workbook side: reads and writes all the time, each time with other results."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.workbook = ExcelWorkbook(path, backup_dir=path.parent / "backups", zone=UTC)
        self.stocked: list[str | None] = []
        """What stood in the first item's Stocked, each time it had changed."""
        self.outcomes: list[str] = []
        self.failure: BaseException | None = None
        self._enough = threading.Event()

    def run(self) -> None:
        try:
            asyncio.run(self._work())
        except BaseException as error:
            self.failure = error

    async def _work(self) -> None:
        turn = 0
        while not self._enough.is_set():
            turn += 1
            await self.turn(turn)

    async def turn(self, number: int) -> str:
        seen = await self.workbook.read()
        value = seen.tabs["Item Master"]["Stocked"].to_list()[0]
        if self.stocked[-1:] != [value]:
            self.stocked.append(value)
        written = await self.workbook.write(agent_frames(2 + number % 3), NOTHING, Mark("shop", number), seen)
        self.outcomes.append(written.outcome)
        assert written.outcome in ("written", "unchanged", "open", "moved"), written
        return written.outcome

    def stop(self) -> None:
        self._enough.set()
        self.join()
        if self.failure is not None:
            raise self.failure


def test_libreoffice_edits_and_saves_while_the_agent_runs_and_nothing_is_lost(office, tmp_path):
    path = tmp_path / "Shop.xlsx"
    path.write_bytes(make_starter())
    agent, rng = Agent(path), random.Random(11)
    asyncio.run(agent.turn(0))
    agent.start()
    typed = [str(100 + n) for n in range(4)]
    try:
        for value in typed:
            assert office.do("open", path) == "open"
            time.sleep(rng.random())
            office.do("type", "Item Master", "C2", value)
            office.do("save")
            time.sleep(rng.random())
            office.do("save")
            office.do("close")
            time.sleep(rng.random() * 1.5)
    finally:
        agent.stop()
    while asyncio.run(agent.turn(99)) not in ("written", "unchanged"):
        time.sleep(0.2)
    assert agent.stocked[1:] == typed
    assert opened(path.read_bytes())["Item Master"]["C2"].value == int(typed[-1])
    assert "open" in agent.outcomes
    left = sorted(p.name for p in tmp_path.iterdir() if p.is_file())
    assert left == ["Shop.xlsx"]


def test_what_libreoffice_saved_is_found_again_after_a_rename_and_a_move(office, tmp_path):
    path = tmp_path / "Shop.xlsx"
    path.write_bytes(make_starter())
    agent = Agent(path)
    asyncio.run(agent.turn(1))
    office.do("open", path)
    before = path.read_bytes()
    assert asyncio.run(agent.turn(2)) == "open"
    assert path.read_bytes() == before and (tmp_path / "Shop - results.xlsx").exists()
    office.do("rename", "Listings", "My listings")
    office.do("move", "My listings", 0)
    office.do("save")
    office.do("close")
    assert asyncio.run(agent.turn(2)) == "written"
    assert asyncio.run(agent.turn(2)) == "unchanged"
    package = Package.open(path.read_bytes())
    found = find_tabs(package)
    assert {tab.name for tab in AGENT_TABS} <= set(found) and found["Listings"].name == "My listings"
    assert len(package.sheets) == len(Package.open(make_starter()).sheets)
    assert read_mark(package) == Mark("shop", 2)
    assert not (tmp_path / "Shop - results.xlsx").exists()


def test_charts_that_libreoffice_saved_go_on_with_the_numbers_and_are_not_made_twice(office, tmp_path):
    path = tmp_path / "Shop.xlsx"
    path.write_bytes(make_starter())
    agent = Agent(path)
    asyncio.run(agent.turn(1))
    office.do("open", path)
    office.do("rename", "Chart Data", "Anna's numbers")
    office.do("rename", "Dashboard", "My dashboard")
    office.do("save")
    office.do("close")
    assert asyncio.run(agent.turn(2)) == "written"  # four rows now
    shown = opened(path.read_bytes())["My dashboard"]._charts
    drawn = [series.val.numRef for chart in shown for series in chart.series]
    assert len(shown) == len(CHARTS)
    assert {reference.f[:16] for reference in drawn} == {"'Anna''s numbers"}
    assert all(reference.f.endswith("$5") and len(reference.numCache.pt) == 4 for reference in drawn)


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus of real workbooks is not here (../shared/xlsx_corpus)")
@pytest.mark.slow
@pytest.mark.parametrize(("path", "refused"), corpus("real", 10))
def test_libreoffice_opens_a_real_workbook_with_our_tabs_and_tables(office, path, refused, tmp_path):
    if refused:
        return
    package = Package.open(path.read_bytes())
    copy = tmp_path / path.name
    copy.write_bytes(build(package, Job(agent_frames(3), NOTHING, Mark("shop", 1), zone=UTC)).content)
    office.do("open", copy)
    tabs, tables = office.do("tabs").split("|"), office.do("tables")
    office.do("close")
    new = [sheet.name for sheet in Package.open(copy.read_bytes()).sheets[len(package.sheets) :]]
    assert len(new) == len(AGENT_TABS) and set(new) <= set(tabs)
    assert all(f"Stocksheet_{tab.name.replace(' ', '_')}" in tables for tab in AGENT_TABS)
