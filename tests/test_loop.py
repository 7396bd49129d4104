"""Running for ever, in virtual time: what wakes the agent, what stops, and what does not (DESIGN sections 2 and 9)."""

from __future__ import annotations

import asyncio
import itertools
import logging
import signal
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from agent import loop as agent_loop
from agent.deciding.decide import Decision
from agent.loop import AlreadyRunning, only_one, only_writer
from agent.workbooks.base import Snapshot
from tests.scenarios.stage import POLL, Stage, scene

REPOSITORY = Path(__file__).parents[1]


@asynccontextmanager
async def running(stage: Stage) -> AsyncIterator[list[float]]:
    """The agent runs beside the story; gives the times of its cycles. Ends with a clean stop."""
    cycles: list[float] = []
    stop = asyncio.Event()

    def told(_: Decision) -> None:
        cycles.append(stage.loop.time())

    run = asyncio.ensure_future(agent_loop.run(stage.agent, stop, told))
    try:
        yield cycles
    finally:
        stop.set()
        await asyncio.wait_for(run, 30)


async def live(stage: Stage) -> None:
    stage.sells("A", north=5, south=5)
    stage.types("A", stocked=20)
    await stage.goes_live()


def requests(stage: Stage, shop: str) -> list[tuple[float, str]]:
    """Each request that reaches the shop from now on: when, and what."""
    seen: list[tuple[float, str]] = []
    stage.shops[shop].on_exchange = lambda request, _: seen.append(
        (stage.loop.time(), f"{request.method} {request.path}")
    )
    return seen


# --- what wakes it


@scene()
async def test_a_save_wakes_it_at_once(stage: Stage) -> None:
    """In the middle of a long rhythm, the number typed is in the shops within a second."""
    await live(stage)
    stage.agent.poll = 50.0
    async with running(stage):
        await asyncio.sleep(20)
        stage.types("A", stocked=30)
        stage.saves()
        await asyncio.sleep(1)
        assert (stage.shows("north", "A"), stage.shows("south", "A")) == (30, 30)


@scene()
async def test_it_looks_at_each_shop_in_the_platforms_rhythm(stage: Stage) -> None:
    await live(stage)
    seen = requests(stage, "north")
    async with running(stage):
        await asyncio.sleep(95)
    looks = [when for when, what in seen if what.endswith("/orders")]
    assert 9 <= len(looks) <= 11
    assert all(abs(later - earlier - POLL) < 2 for earlier, later in itertools.pairwise(looks))


@scene()
async def test_an_order_lowers_the_other_shop_within_one_look(stage: Stage) -> None:
    await live(stage)
    async with running(stage):
        await asyncio.sleep(33)
        stage.buys("north", "A", 2)
        await asyncio.sleep(POLL + 1)
        assert stage.shows("south", "A") == 18


@scene()
async def test_sync_now_looks_at_every_shop_at_once(stage: Stage) -> None:
    """Whatever is typed there: it acts when the content changes, and once."""
    await live(stage)
    stage.agent.poll = 55.0
    stage.agent.due.clear()
    async with running(stage):
        await asyncio.sleep(10)
        stage.buys("north", "A", 2)
        await asyncio.sleep(5)
        assert stage.shows("south", "A") == 20
        stage.switches("Sync now", "x")
        stage.saves()
        await asyncio.sleep(1)
        assert stage.shows("south", "A") == 18
        seen = requests(stage, "north")
        stage.types("A", title="Another title")
        stage.saves()
        await asyncio.sleep(1)
        assert seen == []


@scene()
async def test_a_quiet_time_pushes_nothing(stage: Stage) -> None:
    """I4: equal stays equal, and nothing is written into the workbook but the times."""
    await live(stage)
    seen = requests(stage, "north")
    pushed = len(stage.log("north"))
    before = stage.book.saved.stamp
    async with running(stage):
        await asyncio.sleep(600)
    assert seen
    assert [what for _, what in seen if not what.startswith("GET")] == []
    assert len(stage.log("north")) == pushed
    assert stage.book.saved.stamp - before <= 600 / stage.agent.workbook_refresh + 1


# --- what stops


@scene()
async def test_a_shop_that_is_down_stops_only_itself_and_is_tried_less_and_less_often(stage: Stage) -> None:
    await live(stage)
    async with running(stage):
        stage.shops["south"].faults.down = True
        seen = requests(stage, "south")
        await asyncio.sleep(160)
        tries = {round(when / 5) for when, _ in seen}
        assert len(tries) < 12
        late = [when for when, _ in seen]
        assert max(b - a for a, b in itertools.pairwise(late)) > 3 * POLL
        stage.types("A", stocked=9)
        stage.saves()
        await asyncio.sleep(1)
        assert (stage.shows("north", "A"), stage.shows("south", "A")) == (9, 20)
        stage.shops["south"].faults.down = False
        await asyncio.sleep(170)
        assert stage.shows("south", "A") == 9


@scene()
async def test_a_slow_shop_does_not_keep_the_other_waiting(stage: Stage) -> None:
    """The south takes half a minute for each answer: what the north sells is still seen in time."""
    await live(stage)
    stage.agent.patience = 2.0
    async with running(stage):
        stage.shops["south"].faults.slow = 30.0
        await asyncio.sleep(60)
        seen = requests(stage, "north")
        await asyncio.sleep(60)
        assert len([what for _, what in seen if what.endswith("/orders")]) >= 4


@scene()
async def test_a_sale_lowers_the_quick_shops_at_once_while_a_slow_one_is_waited_for_I13(stage: Stage) -> None:
    """The south takes half a minute for each answer, in the rhythm that everybody has: what the north sells is off the
    west in one look and a few seconds, time and again; and the south follows, down and up, as fast as it can."""
    stage.opens("west")
    stage.sells("A", north=5, south=5, west=5)
    stage.types("A", stocked=20)
    await stage.goes_live()
    async with running(stage):
        stage.shops["south"].faults.slow = 30.0
        await asyncio.sleep(15)
        left = 20
        for _ in range(6):
            stage.buys("north", "A", 1)
            left -= 1
            await asyncio.sleep(POLL + 4)
            assert stage.shows("west", "A") == left
            await asyncio.sleep(7)
        await asyncio.sleep(240)
        assert stage.shows("south", "A") == left
        stage.types("A", stocked=30)
        stage.saves()
        await asyncio.sleep(400)
        assert stage.shows("south", "A") == left + 10
        assert stage.shows("west", "A") == left  # what the south shows, and may have sold meanwhile, is kept back


@scene()
async def test_a_shop_is_looked_at_by_one_look_at_a_time(stage: Stage) -> None:
    """A slow shop: no second look begins before the first has its answer, whatever is typed meanwhile."""
    await live(stage)
    under_way: list[int] = []
    channel = stage.agent.channels["south"]
    asked = channel.orders

    async def orders(*given: Any, **more: Any) -> Any:
        under_way.append(1)
        assert len(under_way) == 1
        try:
            return await asked(*given, **more)
        finally:
            under_way.pop()

    channel.orders = orders  # type: ignore[method-assign]
    async with running(stage) as cycles:
        stage.shops["south"].faults.slow = 8.0
        for stocked in range(21, 33):
            stage.types("A", stocked=stocked)
            stage.saves()
            await asyncio.sleep(5)
        await asyncio.sleep(90)
        assert len(cycles) > 12
        assert stage.shows("south", "A") == 32


@scene()
async def test_a_fault_in_a_cycle_is_logged_and_does_not_end_the_run(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    """Our own mistake in one cycle: the next one starts afresh."""
    await live(stage)
    read = stage.book.read
    broken = [True]

    async def stumbles() -> Snapshot:
        if broken[0]:
            raise ZeroDivisionError
        return await read()

    stage.book.read = stumbles  # type: ignore[method-assign]
    with caplog.at_level(logging.CRITICAL, logger="agent.loop"):
        async with running(stage) as cycles:
            stage.types("A", stocked=30)
            stage.saves()
            await asyncio.sleep(40)
            assert cycles == []
            broken[0] = False
            await asyncio.sleep(60)
            assert len(cycles) >= 1
            assert stage.shows("north", "A") == 30


@scene()
async def test_a_stop_lets_a_push_finish(stage: Stage) -> None:
    """Ctrl-C while a quantity is on its way: the answer is still waited for and kept."""
    await live(stage)
    stage.agent.patience = 1.0
    outcomes: list[Any] = []
    close = stage.agent.store.close

    def closes() -> None:
        outcomes.extend(stage.agent.store.table("push").sort("id")["outcome"].to_list())
        close()

    stage.agent.store.close = closes  # type: ignore[method-assign]
    async with running(stage):
        await asyncio.sleep(12)
        stage.shops["north"].faults.slow = 6.0
        stage.types("A", stocked=3)
        stage.saves()
        await asyncio.sleep(2)
        assert stage.shows("north", "A") == 20
    assert stage.shows("north", "A") == 3
    assert None not in outcomes
    assert len(outcomes) == 4


@scene()
async def test_a_restart_takes_what_was_in_flight_for_unknown_and_reads_it_first_I5(stage: Stage) -> None:
    """The power goes while a raise is on its way. Nobody knows whether it arrived: it is read, not sent blindly."""
    await live(stage)
    stage.agent.patience = 1.0
    stage.types("A", stocked=30)
    waiting = ["'include'", "orders"]

    def exchanged(request: Any, _: Any) -> None:
        if waiting and waiting[0] in f"{request.path} {request.query}":
            waiting.pop(0)
        if not waiting:
            stage.shops["north"].faults.slow = 50.0

    stage.shops["north"].on_exchange = exchanged
    await stage.cycle()
    pushes = stage.agent.store.table("push").filter(channel="north").sort("id")
    assert pushes["outcome"].to_list() == ["accepted", None]
    stage.shops["north"].faults.slow = 0.0
    stage.shops["north"].on_exchange = None
    await stage.restarts()
    last = stage.agent.store.table("push").filter(channel="north").sort("id").row(-1, named=True)
    assert (last["outcome"], last["finished_at"]) == ("unknown", stage.clock.now())
    await stage.waits(60)
    await stage.cycle()
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.listing("north", "A").status) == (30, "in sync")
    outcomes = stage.agent.store.table("push").filter(channel="north").sort("id")["outcome"].to_list()
    assert outcomes == ["accepted", "landed"]


@scene()
async def test_it_does_not_sleep_longer_than_a_minute_whatever_the_rhythm_says(stage: Stage) -> None:
    await live(stage)
    stage.agent.poll = 100_000.0
    async with running(stage) as cycles:
        await asyncio.sleep(400)
    gaps = [later - earlier for earlier, later in itertools.pairwise(cycles)]
    assert gaps
    assert max(gaps) <= agent_loop.LONGEST + 1


def test_a_stop_before_the_start_ends_at_once() -> None:
    from tests.scenarios.stage import perform

    async def story(stage: Stage) -> None:
        stop = asyncio.Event()
        stop.set()
        await agent_loop.run(stage.agent, stop)
        assert stage.loop.time() < 1

    perform(story)


# --- one agent a data folder: real processes


def program(folder: Path, then: str) -> subprocess.Popen[str]:
    """Another process that takes the lock of the folder."""
    code = textwrap.dedent(f"""
        import sys
        from pathlib import Path
        from agent.loop import AlreadyRunning, only_one
        try:
            lock = only_one(Path(sys.argv[1]))
        except AlreadyRunning as held:
            print("refused:", held)
            sys.exit(2)
        print("taken", flush=True)
        {then}
    """)
    return subprocess.Popen(
        [sys.executable, "-c", code, str(folder)], stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
    )


def test_a_second_process_is_refused_until_the_first_one_is_killed_I17(tmp_path: Path) -> None:
    """The lock is the operating system's: whoever dies lets go, no file is left that would lock for ever."""
    first = program(tmp_path, "__import__('time').sleep(60)")
    try:
        assert first.stdout is not None
        assert first.stdout.readline() == "taken\n"
        with pytest.raises(AlreadyRunning, match="already running"):
            only_one(tmp_path)
        first.send_signal(signal.SIGTERM)
        first.wait(10)
        lock = only_one(tmp_path)
        second = program(tmp_path, "pass")
        said, _ = second.communicate(timeout=30)
        assert (second.returncode, said.startswith("refused: Stocksheet is already running")) == (2, True)
        lock.release()
    finally:
        first.kill()
        first.wait(10)
        if first.stdout is not None:
            first.stdout.close()


def test_two_agents_with_folders_of_their_own_cannot_both_have_one_workbook_I17(tmp_path: Path) -> None:
    lock = only_writer(tmp_path / "Stock.xlsx")
    assert lock is not None
    with pytest.raises(AlreadyRunning, match="Another Stocksheet already works with the workbook"):
        only_writer(tmp_path / "Stock.xlsx")
    other = only_writer(tmp_path / "Other.xlsx")
    assert other is not None
    other.release()
    lock.release()
    again = only_writer(tmp_path / "Stock.xlsx")
    assert again is not None
    again.release()


def test_another_folder_is_another_agent(tmp_path: Path) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    locks = []
    for folder in folders:
        folder.mkdir()
        locks.append(only_one(folder))
    for lock in locks:
        lock.release()
