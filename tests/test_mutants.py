"""Every planted fault is found: by a seed of the simulation, or by the pure test of the decision table.

A mutant that survives means that the simulation has grown blind to something.
"""

from __future__ import annotations

import polars as pl
import pytest

from agent.core import plan
from tests.core.test_plan import CALM, CASES
from tests.mutants import MUTANTS, Mutant
from tests.world.run import simulate

NEARBY = 4
"""Seeds tried from the recorded one on: the agent's own changes shift what a seed does."""

SIMULATED = [mutant for mutant in MUTANTS if mutant.seed is not None]
PURE = [mutant for mutant in MUTANTS if mutant.row is not None]


def found_by(mutant: Mutant, seed: int) -> bool:
    """Whether this seed breaks an invariant, or breaks down altogether, with the fault planted."""
    with mutant.plant():
        try:
            return bool(simulate(seed).violations)
        except Exception:  # an agent that falls over is found, too
            return True


@pytest.mark.parametrize("mutant", SIMULATED, ids=lambda mutant: mutant.name)
def test_the_simulation_finds(mutant: Mutant) -> None:
    assert mutant.seed is not None
    assert any(found_by(mutant, seed) for seed in range(mutant.seed, mutant.seed + NEARBY)), f"{mutant.name} survives"


@pytest.mark.parametrize("mutant", PURE, ids=lambda mutant: mutant.name)
def test_the_pure_table_finds(mutant: Mutant) -> None:
    case = pl.DataFrame([{**CALM, **CASES[str(mutant.row)]}], schema=plan.CELLS)
    sane = plan.decide(case).select("action", "reason", "row").row(0)
    with mutant.plant():
        assert plan.decide(case).select("action", "reason", "row").row(0) != sane


def test_every_row_of_the_table_has_its_mutant_and_every_mutant_is_looked_for() -> None:
    assert {mutant.row for mutant in PURE} == {row.number for row in plan.TABLE}
    assert all(mutant.seed is not None or mutant.row is not None for mutant in MUTANTS)
