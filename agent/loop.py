"""Run for ever: wake on a save, on the channels' rhythm and on *Sync now*; one instance a data folder; end cleanly."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Callable, Collection
from datetime import timedelta
from pathlib import Path

from filelock import FileLock, Timeout

from agent import act
from agent.cycle import cycle
from agent.deciding.decide import Decision
from agent.state import Agent
from agent.telling import away
from agent.words import in_words

log = logging.getLogger(__name__)

PAUSE = timedelta(seconds=10)
"""After a cycle that failed."""
LONGEST = 60.0
"""Never sleep longer than this, whatever the rhythm says."""


class AlreadyRunning(Exception):
    """Another agent works with this data folder."""


def only_one(folder: Path) -> FileLock:
    """Take the lock of a data folder, held by the operating system until this process ends. Raises AlreadyRunning."""
    lock = FileLock(folder / "stocksheet.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as held:
        raise AlreadyRunning(in_words("loop.stocksheet_already_running_with", folder=folder)) from held
    return lock


def only_writer(workbook: Path) -> FileLock | None:
    """Take the lock beside an Excel workbook: another agent, with another data folder, must not write it too. None
    where the folder takes no such file (read-only, some network shares). Raises AlreadyRunning."""
    lock = FileLock(workbook.with_name(f".{workbook.name}.stocksheet-lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout as held:
        raise AlreadyRunning(in_words("loop.another_stocksheet_already_works", workbook=workbook)) from held
    except (OSError, NotImplementedError):
        return None
    return lock


async def run(
    agent: Agent,
    stop: asyncio.Event,
    tell: Callable[[Decision], None] | None = None,
    leave: Callable[[away.Away], None] | None = None,
) -> None:
    """Cycle until `stop` is set. A fault in one cycle is logged and does not end the run.

    `leave`: told what a stop means for the shops, after what the seller wants done before it was done.
    """
    act.recover(agent)
    wake = asyncio.Event()
    watcher = asyncio.ensure_future(_watch(agent, wake))
    try:
        while not stop.is_set():
            wake.clear()
            decision = await _guarded(agent)
            if decision is not None and tell is not None:
                tell(decision)
            await _until(agent, wake, stop)
        await _leave(agent, leave)
    finally:
        watcher.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watcher
        await finish(agent)


async def _leave(agent: Agent, leave: Callable[[away.Away], None] | None) -> None:
    try:
        left = await away.go(agent)
    except Exception:
        log.exception("what is to be done at a stop failed; the shops stay as they are")
        return
    if leave is not None:
        leave(left)


async def _guarded(agent: Agent) -> Decision | None:
    try:
        return await cycle(agent, due_now(agent))
    except Exception:
        log.exception("this cycle failed; the next one starts afresh")
        agent.due.update({name: agent.clock.now() + PAUSE for name in agent.channels})
        return None


def due_now(agent: Agent) -> list[str]:
    """The channels to look at in this cycle."""
    now = agent.clock.now()
    return [name for name in agent.channels if agent.due.get(name, now) <= now]


async def _watch(agent: Agent, wake: asyncio.Event) -> None:
    while True:
        await agent.workbook.changed()
        wake.set()


async def _until(agent: Agent, wake: asyncio.Event, stop: asyncio.Event) -> None:
    """Wait for the next thing to do: a save, a channel that is due, the end of what a slow channel has under way."""
    now = agent.clock.now()
    idle = [name for name in agent.channels if name not in agent.looking]  # a slow look is not due: it is under way
    nearest = min((agent.due.get(name, now) for name in idle), default=now + timedelta(seconds=LONGEST))
    at_once = agent.came_late or agent.withheld - agent.catching_up.keys()
    seconds = 0.05 if at_once else min(LONGEST, max(0.05, (nearest - now).total_seconds()))
    caught_up = (known.wait() for known in agent.catching_up.values())
    waits = [asyncio.ensure_future(w) for w in (wake.wait(), stop.wait(), agent.clock.sleep(seconds), *caught_up)]
    if agent.pushing:
        waits.append(asyncio.ensure_future(_any(agent.pushing)))
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waits:
            task.cancel()


async def _any(under_way: Collection[asyncio.Future[object]]) -> None:
    await asyncio.wait(set(under_way), return_when=asyncio.FIRST_COMPLETED)


async def finish(agent: Agent, patience: float = 10.0) -> None:
    """Let what is under way end, then let go of everything."""
    if agent.pushing:
        await asyncio.wait(set(agent.pushing), timeout=patience)
    for channel in (*agent.channels.values(), *agent.retired):
        await channel.close()
    await agent.workbook.close()
    agent.store.close()


def stop_on_signals(stop: asyncio.Event) -> None:
    """Ctrl-C and SIGTERM end the run cleanly."""
    loop = asyncio.get_running_loop()
    for name in ("SIGINT", "SIGTERM"):
        try:
            loop.add_signal_handler(getattr(signal, name), stop.set)
        except NotImplementedError:  # Windows
            signal.signal(getattr(signal, name), lambda *_: loop.call_soon_threadsafe(stop.set))
