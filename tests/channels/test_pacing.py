"""Four lanes, one budget (DESIGN section 9; I13, I21)."""

from __future__ import annotations

import asyncio

import pytest

from agent.channels.answers import Budget
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


# --- where calls have prices ------------------------------------------------------------------------------------------


def priced(rate: float, burst: float, costs: list[float], lane: Lane = "orders") -> list[float]:
    """When each of these calls was let through, one after the other."""
    clock = FakeClock()
    pacer = Pacer(clock, rate, burst)

    async def everybody() -> list[float]:
        times = []
        for cost in costs:
            await pacer.take(lane, cost)
            times.append(clock.monotonic())
        return times

    return asyncio.run(everybody())


def test_a_call_waits_until_its_price_has_come_together() -> None:
    assert priced(100, 1000, [600, 600, 100]) == pytest.approx([0, 2, 3], abs=0.01)


def test_a_call_that_costs_more_than_there_ever_is_waits_for_all_of_it() -> None:
    assert priced(100, 500, [500, 900]) == pytest.approx([0, 5], abs=0.01)
    assert priced(90, 900, [300, 900], "audit") == pytest.approx([0, 10], abs=0.01)


def test_what_a_call_did_not_cost_is_given_back_and_the_platforms_own_figure_is_the_ceiling() -> None:
    clock = FakeClock()
    pacer = Pacer(clock, 100, 1000)

    async def scenario() -> list[float]:
        await pacer.take("orders", 900)
        pacer.settle("orders", 900, Budget(spent=100, available=900, maximum=1000, rate=100))
        await pacer.take("orders", 900)
        before = clock.monotonic()
        pacer.settle("orders", 900, Budget(spent=0, available=50, maximum=1000, rate=100))  # others spend of it, too
        await pacer.take("orders", 150)
        return [before, clock.monotonic()]

    assert asyncio.run(scenario()) == pytest.approx([0, 1], abs=0.01)


def test_a_smaller_or_larger_plan_is_learned_from_the_answers() -> None:
    clock = FakeClock()
    pacer = Pacer(clock, 100, 1000)

    async def scenario() -> float:
        await pacer.take("orders", 10)
        pacer.settle("orders", 10, Budget(spent=10, available=0, maximum=20_000, rate=1000))
        await pacer.take("lower", 5000)
        return clock.monotonic()

    assert asyncio.run(scenario()) == pytest.approx(5, abs=0.01)
    assert not pacer.slowed
