"""Virtual time: an event loop that jumps to the next timer as soon as nothing is ready. Nothing ever really sleeps."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from contextvars import Context, ContextVar
from datetime import UTC, datetime, timedelta
from typing import Any

EPOCH = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
OWNER: ContextVar[int] = ContextVar("owner", default=0)
"""Which life of the agent a task belongs to; 0: the world."""


class Still(Exception):
    """Nothing is ready and no timer is set: the world would stand still for ever."""


class _Jump(selectors.SelectSelector):
    loop: VirtualLoop

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise Still
        self.loop.jumped += max(0.0, timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """An asyncio loop whose time is virtual. Knows the tasks of each life of the agent."""

    def __init__(self) -> None:
        self.jumped = 0.0
        self.steps = 0
        selector = _Jump()
        selector.loop = self
        super().__init__(selector)
        self.counted = self.stepped = 0
        """The life whose awaits are counted, and how many there were."""
        self.tasks_of: dict[int, set[asyncio.Task[Any]]] = {}
        self.set_task_factory(self._new_task)

    def time(self) -> float:
        return self.jumped

    def end(self) -> None:
        """Nothing runs any more."""
        for task in asyncio.all_tasks(self):
            task.cancel()
        for _ in range(2):  # who was cancelled tidies up, and may wait once more for it
            self.run_until_complete(asyncio.sleep(0))
        asyncio.set_event_loop(None)
        self.close()

    def _run_once(self) -> None:
        self.steps += 1
        super()._run_once()  # type: ignore[misc]

    def crash_at(self, owner: int, number: int | None, crash: Callable[[], None]) -> None:
        """Count the awaits of the tasks of a life from now on (`stepped`); at the so many-th: `crash`."""
        if self.counted != owner:
            self.counted, self.stepped = owner, 0
        self._crash_at, self._crash = number, crash

    def step(self, owner: int) -> None:
        """A task of a life goes on after an await."""
        if owner == self.counted:
            self.stepped += 1
            if self.stepped == self._crash_at:
                self._crash()

    def _new_task(self, loop: Any, coro: Any, context: Context | None = None) -> asyncio.Task[Any]:
        owner = context.get(OWNER, 0) if context is not None else OWNER.get()
        if owner and owner == self.counted:
            coro = _Counted(coro, self, owner)
        task: asyncio.Task[Any] = asyncio.Task(coro, loop=loop, context=context)
        mine = self.tasks_of.setdefault(owner, set())
        mine.add(task)
        task.add_done_callback(mine.discard)
        return task


class _Counted(Coroutine[Any, Any, Any]):
    """A coroutine of which each step is counted."""

    def __init__(self, coro: Coroutine[Any, Any, Any], loop: VirtualLoop, owner: int) -> None:
        self._coro, self._loop, self._owner = coro, loop, owner

    def send(self, value: Any) -> Any:
        self._loop.step(self._owner)
        return self._coro.send(value)

    def throw(self, *error: Any) -> Any:
        return self._coro.throw(*error)

    def close(self) -> None:
        self._coro.close()

    def __await__(self) -> Any:
        return self._coro.__await__()


class VirtualClock:
    """agent.ports.Clock over the loop's time. `ahead`: how far this clock goes wrong."""

    def __init__(self, loop: VirtualLoop, ahead: float = 0.0) -> None:
        self._loop = loop
        self.ahead = ahead

    def now(self) -> datetime:
        return EPOCH + timedelta(seconds=round(self._loop.jumped + self.ahead, 6))

    def monotonic(self) -> float:
        return self._loop.jumped

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
