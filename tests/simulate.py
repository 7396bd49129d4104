"""`python -m tests.simulate --seeds 300`: many worlds, one closing line. Exit 1 when an invariant is broken."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing.queues import SimpleQueue

os.environ.setdefault("POLARS_MAX_THREADS", "1")  # frames of twenty rows: more threads only get in each other's way

from tests.cores import stay_on_one
from tests.world.manners import MANNERS
from tests.world.run import Outcome, simulate

LINES = 40
"""Lines of the trace that are shown of a seed that fails."""


def outcomes(
    seeds: Iterable[int],
    jobs: int,
    only: tuple[str, ...] | None = None,
    *,
    google: bool = False,
    platform: str | None = None,
) -> Iterator[Outcome]:
    """The outcome of each seed, in order."""
    run = partial(simulate, only=only, google=google, platform=platform)
    if jobs <= 1:
        yield from map(run, seeds)
        return
    numbers: SimpleQueue[int] = multiprocessing.SimpleQueue()
    for number in range(jobs):
        numbers.put(number)
    with ProcessPoolExecutor(jobs, initializer=_settle, initargs=(numbers,)) as pool:
        yield from pool.map(run, seeds, chunksize=1)


def _settle(numbers: SimpleQueue[int]) -> None:
    stay_on_one(numbers.get())


def report(outcome: Outcome) -> str:
    """What went wrong in a seed, with the last lines before it."""
    first = next((at for at, line in enumerate(outcome.trace) if "!!!" in line), len(outcome.trace))
    lines = outcome.trace[max(0, first - LINES) : first + 1]
    broken = "\n".join(f"  {line}" for line in outcome.violations[:8])
    return f"seed {outcome.seed} is broken:\n{broken}\n  the last lines before it:\n" + "\n".join(
        f"    {x}" for x in lines
    )


def main(arguments: list[str] | None = None) -> int:
    """Run the seeds; 0 when nothing is broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulate", description=__doc__)
    parser.add_argument("--seeds", type=int, default=300, help="how many worlds")
    parser.add_argument("--start", type=int, default=0, help="the first seed")
    parser.add_argument("--only", action="append", help="what of tests/world/kinds every world has, such as rival")
    parser.add_argument("--google", action="store_true", help="the workbook is a Google Sheet")
    parser.add_argument("--platform", choices=sorted(MANNERS), help="what the northern shop is of")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes side by side")
    chosen = parser.parse_args(arguments)
    began = time.perf_counter()
    seeds = steps = cycles = sold = violations = lag = agent = asked = held = 0
    days, waits, kinds, lags = 0.0, list[int](), Counter[str](), Counter[str]()
    for outcome in outcomes(
        range(chosen.start, chosen.start + chosen.seeds),
        chosen.jobs,
        tuple(chosen.only) if chosen.only else None,
        google=chosen.google,
        platform=chosen.platform,
    ):
        seeds, steps, cycles = seeds + 1, steps + outcome.steps, cycles + outcome.cycles
        sold, lag, agent = sold + outcome.sold, lag + outcome.by_lag, agent + outcome.by_agent
        violations += len(outcome.violations)
        if outcome.violations:
            sys.stdout.write(report(outcome) + "\n")
            sys.stdout.flush()
        waits += outcome.waits
        days, asked, held = days + outcome.virtual / 86400, asked + outcome.asked, held + outcome.false_holds
        kinds.update(outcome.kinds or ("nothing rare",))
        lags.update(outcome.lags)
    seconds = time.perf_counter() - began
    sys.stdout.write(
        f"{seeds} seeds, {steps} steps, {cycles} cycles, {sold} units sold, {violations} violations, "
        f"oversold by lag {lag}, oversold by the agent {agent} ({seeds / seconds:.2f} seeds a second)\n"
    )
    sys.stdout.write(_courage(waits, days, asked, held) + "\n")
    sys.stdout.write("with " + ", ".join(f"{name} {times}" for name, times in sorted(kinds.items())) + "\n")
    if lags:
        sys.stdout.write("late: " + ", ".join(f"{name} {times}" for name, times in sorted(lags.items())) + "\n")
    return 1 if violations or agent else 0


def _courage(waits: list[int], days: float, asked: int, held: int) -> str:
    """And not by cowardice: raises that nothing stood in the way of, brakes without a cause, questions."""
    ordered = sorted(waits) or [0]
    p50, p95 = (ordered[min(len(ordered) - 1, int(len(ordered) * part))] for part in (0.5, 0.95))
    return (
        f"{len(waits)} raises left in cycle {p50} (p50), {p95} (p95), {ordered[-1]} at the latest; "
        f"{held} false holds and {asked} questions in {days:.1f} stormy days ({asked / max(days, 0.01):.1f} a day)"
    )


if __name__ == "__main__":
    sys.exit(main())
