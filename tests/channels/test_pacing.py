"""Four lanes, one budget (DESIGN section 9; I13, I21)."""

from __future__ import annotations

import asyncio

from agent.channels.base import Lane
from agent.channels.pacing import LANES, Pacer
from tests.channels.clock import FakeClock


def serve(asked: list[Lane], rate: float, burst: float) -> list[tuple[Lane, float]]:
    """Who was let through, and when, if all ask at the same moment."""
    clock = FakeClock()
    pacer = Pacer(clock, rate, burst)
    served: list[tuple[Lane, float]] = []

    async def one(lane: Lane) -> None:
        await pacer.take(lane)
        served.append((lane, clock.monotonic()))

    async def everybody() -> None:
        await pacer.take("orders")  # the burst is used up first
        await asyncio.gather(*(one(lane) for lane in asked))

    asyncio.run(everybody())
    return served


def test_lowering_goes_first_and_the_audit_last() -> None:
    served = serve(["audit", "raise", "orders", "lower", "raise", "lower"], rate=1, burst=1)
    assert [lane for lane, _ in served] == ["lower", "lower", "orders", "raise", "raise", "audit"]
    assert LANES == ("lower", "orders", "raise", "audit")


def test_a_lowering_that_comes_later_overtakes_those_who_wait() -> None:
    clock = FakeClock()
    pacer = Pacer(clock, rate=1, burst=1)
    served: list[str] = []

    async def one(lane: Lane, after: float) -> None:
        await clock.sleep(after)
        await pacer.take(lane)
        served.append(lane)

    async def everybody() -> None:
        await pacer.take("orders")
        await asyncio.gather(*(one("raise", 0.0) for _ in range(3)), one("lower", 1.5))

    asyncio.run(everybody())
    assert served == ["raise", "lower", "raise", "raise"]


def test_the_budget_is_never_exceeded_I21() -> None:
    served = serve(["orders"] * 20, rate=2, burst=5)
    times = [at for _, at in served]
    for start in times:
        assert sum(start <= at < start + 3 for at in times) <= 5 + 2 * 3


def test_the_audit_takes_a_third_at_most_even_when_nobody_else_calls() -> None:
    served = serve(["audit"] * 10, rate=3, burst=3)
    last = served[-1][1]
    assert last >= 10 / (3 / 3) - 2


def test_calls_within_the_burst_do_not_wait() -> None:
    assert all(at == 0 for _, at in serve(["lower"] * 4, rate=1, burst=5))


def test_a_cancelled_caller_takes_nothing_and_blocks_nobody() -> None:
    clock = FakeClock()
    pacer = Pacer(clock, rate=1, burst=1)

    async def scenario() -> float:
        await pacer.take("orders")
        waiting = asyncio.ensure_future(pacer.take("lower"))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await pacer.take("audit")
        return clock.monotonic()

    assert asyncio.run(scenario()) <= 1.01
