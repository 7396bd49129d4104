"""The brake: what the sheet says now against what was last accepted from it, before it is accepted (DESIGN section 8).

A held edit is simply not accepted: targets go on from the accepted values, lowered by orders (I6). A wild single value
holds its SKU; a pattern holds every changed SKU. `causes` binds an approval to exactly these cells and what they hold.
Only the sheet is looked at, so lowering by orders can never be held. Headers, tabs and marks that are missing are a
rejected snapshot, not a matter of the brake.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from agent.frames import Schema, frame

CODES: dict[str, tuple[str, ...]] = {
    "wild_value": ("sku", "row", "old", "value"),
    "vanished": ("count", "total", "blank", "skus", "rows"),
    "zeros": ("count", "total", "skus", "rows"),
    "zeros_in_a_row": ("count", "total", "skus", "rows"),
    "halved": ("count", "total", "before", "after", "rows"),
    "doubled": ("count", "total", "before", "after", "rows"),
    "shuffled": ("count", "total", "skus", "rows"),
    "filled_down": ("count", "total", "skus", "rows"),
    "rule_sweep": ("count", "total", "down", "up", "zero"),
}
"""Pattern (a code of agent.words) -> the keys of its facts. `skus` are examples; `rows`: where in the sheet, as runs of
rows one below the other, [first, last], the topmost ones."""

HELD: Schema = {"sku": pl.String, "pattern": pl.String, "causes": pl.String}
"""An item whose row is not accepted; one row for each pattern that holds it."""
PATTERNS: Schema = {
    "pattern": pl.String,
    "sku": pl.String,  # of a wild single value; null: the whole sheet
    "count": pl.Int64,
    "total": pl.Int64,
    "causes": pl.String,
    "facts": pl.String,  # JSON object
}

WILD_TIMES, WILD_FROM, WILD_STEP = 10, 50, 10_000
"""A single value is wild above 10 x what is usual and 50, or 10,000 above the one before."""
UNITS = 50
"""All units: half or double means something only from here on."""
EXAMPLES = 5
RUNS = 12
TOGETHER = 5
"""So many zeros one below the other are a paste."""
CHANCE = math.log(1 / 50)
"""Values in another's place are an accident where honest edits would look like that less often (a logarithm)."""

_C = pl.col
_WATCHED = ("stocked", "tracked", "active", "bundle", "feed")
"""The columns of ITEMS that stock follows from: a difference in one of them is a change."""


class Judged(NamedTuple):
    """What the brake says of a snapshot."""

    held: pl.DataFrame
    """HELD"""
    patterns: pl.DataFrame
    """PATTERNS: one row a question to the person"""


def judge(before: pl.DataFrame, now: pl.DataFrame, aliases: pl.DataFrame, approved: Collection[str] = ()) -> Judged:
    """Compare the sheet with what was last accepted.

    `before`, `now`: ITEMS; an empty `before` was never accepted (then the first plan is approved as a whole).
    `aliases`: ALIASES, so that a renamed item has not vanished. `approved`: the causes that a person said `yes` to.
    """
    same = ["sku", *_WATCHED, "frozen"]
    if before.is_empty() or before.select(same).equals(now.select(same)):
        return Judged(frame([], HELD), frame([], PATTERNS))
    rows = _compare(before, now, aliases)
    total = before.height
    zeros = _zeros(rows, total)
    rest = rows.filter(~_typed_zero()) if zeros else rows  # one slip, one question: zeros halve the sum, too
    whole = [*_vanished(rows, total), *zeros, *_filled_down(rows, total), *_units(rest, total), *_moved(rows, total)]
    found = [hit for hit in _told_once(rows, total, whole) if hit.key not in approved]
    changed = rows.filter("changed")["sku"].to_list()
    held: list[tuple[object, ...]] = [
        (sku, hit.pattern, hit.key) for hit in found for sku in ([hit.sku] if hit.sku else changed)
    ]
    return Judged(frame(held, HELD).sort(*HELD), frame([hit.row() for hit in found], PATTERNS))


def _told_once(rows: pl.DataFrame, total: int, whole: list[_Hit]) -> list[_Hit]:
    """With the wild values, and without what another question says already: one slip is one question."""
    names = {hit.pattern for hit in whole}
    if "doubled" in names and _many_wild(rows, total):
        return whole
    wild = _wild(rows, total)
    if "shuffled" not in names:
        return [*wild, *whole]
    moved = set(rows.filter("edited")["was"].to_list())  # a number that stood elsewhere has come here
    wild = [hit for hit in wild if hit.facts["value"] not in moved]
    return [*wild, *(hit for hit in whole if hit.pattern not in ("filled_down", "zeros_in_a_row"))]


def judge_rules(
    before: pl.DataFrame,
    now: pl.DataFrame,
    rules_before: pl.DataFrame | None = None,
    rules_now: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """A rule edit that moves more than 30 % of the listings: PATTERNS with one row, or none.

    `before`, `now`: channel, listing, target by the accepted rules and by those of the sheet, of the same stock.
    `rules_before`, `rules_now`: RULES; with them the causes are the cells that differ, whatever orders do meanwhile;
    without them the listings that move.
    """
    moved, facts = _rule_moves(before, now), rule_counts(before, now)
    count, total = facts["count"], facts["total"]
    if count < 2 or count * 10 <= total * 3:
        return frame([], PATTERNS)
    if rules_before is None or rules_now is None:
        causes = moved.select(pl.format("{} {}", "channel", "listing")).to_series()
    else:
        causes = pl.concat([_cells(rules_before, rules_now, "-"), _cells(rules_now, rules_before, "+")])
    return frame([_Hit("rule_sweep", causes, count, total, facts).row()], PATTERNS)


def rule_counts(before: pl.DataFrame, now: pl.DataFrame) -> dict[str, int]:
    """What a rule edit does: `count` of `total` listings, and of these how many go `down`, `up`, and down to
    `zero`. `before`, `now`: as `judge_rules`."""
    moved = _rule_moves(before, now)
    down, up = _C("then") < _C("target"), _C("then") > _C("target")
    zero = down & (_C("then") == 0)
    counts = moved.select(down.sum().alias("down"), up.sum().alias("up"), zero.sum().alias("zero")).row(0, named=True)
    total = before.join(now, on=["channel", "listing"], how="semi").height
    return {"count": moved.height, "total": total, **counts}


def _rule_moves(before: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    both = before.join(now.select("channel", "listing", _C("target").alias("then")), on=["channel", "listing"])
    return both.filter(_C("target").ne_missing(_C("then")))


def _cells(rules: pl.DataFrame, others: pl.DataFrame, sign: str) -> pl.Series:
    """The rule cells that the other frame does not have, as text; rows of the tab mean nothing."""
    what = ["channel", "sku", "tag", "setting", "value", "text", "none"]
    own = rules.join(others.select(what), on=what, how="anti", nulls_equal=True)
    return own.select(pl.lit(sign) + pl.struct(what).struct.json_encode()).to_series()


@dataclass(frozen=True)
class _Hit:
    """A pattern that was found."""

    pattern: str
    causes: pl.Series
    """What it was found in, as texts."""
    count: int
    total: int
    facts: Mapping[str, object]
    sku: str | None = None

    @property
    def key(self) -> str:
        """The causes as one short text, the same in each run and whatever the order of the rows."""
        text = "\n".join([self.pattern, *sorted(self.causes.to_list())])
        return hashlib.sha256(text.encode()).hexdigest()[:20]

    def row(self) -> dict[str, object]:
        facts = {"count": self.count, "total": self.total, **self.facts}
        facts = {name: facts[name] for name in CODES[self.pattern]}
        return {
            "pattern": self.pattern,
            "sku": self.sku,
            "count": self.count,
            "total": self.total,
            "causes": self.key,
            "facts": json.dumps(facts),
        }


def _compare(before: pl.DataFrame, now: pl.DataFrame, aliases: pl.DataFrame) -> pl.DataFrame:
    """One row an item of either side: `was` and `stocked`, flags, and `cause`: what its cells hold now.

    `edited`: a number became another. A frozen row (bad, duplicate) says nothing: its cells are not accepted anyway.
    """
    watched = [name for name in _WATCHED if name != "stocked"]
    old = (
        _renamed(before, now, aliases)
        .select(
            "sku",
            _C("stocked").alias("was"),
            _C("row").alias("old_row"),
            *(_C(name).name.prefix("was_") for name in watched),
        )
        .with_columns(pl.lit(value=True).alias("there"))
    )
    new = now.select("sku", *_WATCHED, "row", "frozen", pl.lit(value=True).alias("here"))
    rows = (
        old.join(new, on="sku", how="full", coalesce=True)
        .with_columns(_C("there").fill_null(value=False), _C("here").fill_null(value=False))
        .filter(_C("frozen").is_null())
    )
    differs = pl.any_horizontal(
        _C("was").ne_missing(_C("stocked")), *(_C(f"was_{name}").ne_missing(_C(name)) for name in watched)
    )
    said = pl.when("here").then(pl.struct(_WATCHED).struct.json_encode()).otherwise(pl.lit("gone"))
    return rows.with_columns(
        (differs | (_C("there") != _C("here"))).alias("changed"),
        (_C("was") != _C("stocked")).fill_null(value=False).alias("edited"),
        (_C("sku") + " " + said).alias("cause"),
    ).sort("sku")


def _renamed(before: pl.DataFrame, now: pl.DataFrame, aliases: pl.DataFrame) -> pl.DataFrame:
    """`before` with the present names of renamed items: the old name is gone, the new one was not there."""
    names = (
        aliases.join(before, left_on="alias", right_on="sku", how="semi")
        .join(now, left_on="alias", right_on="sku", how="anti")
        .join(now, on="sku", how="semi")
        .join(before, on="sku", how="anti")
        .unique("alias", keep="first")
        .unique("sku", keep="first")
    )
    if names.is_empty():
        return before
    return before.join(names.rename({"alias": "sku", "sku": "new"}), on="sku", how="left").with_columns(
        pl.coalesce("new", "sku").alias("sku")
    )


def _wild_rows() -> pl.Expr:
    """A value far above the one before, and above what the shop holds of a thing: its middle one where there was none,
    half of that where little was left (a delivery of 60 is no slip where 40 is usual)."""
    middle = _C("was").filter(_C("was") > 0).median()
    usual = pl.when(_C("was") > 0).then(pl.max_horizontal("was", middle / 2)).when("there").then(middle)
    many = (_C("stocked") > usual * WILD_TIMES) & (_C("stocked") > WILD_FROM)
    far = _C("stocked") - _C("was").fill_null(0) > WILD_STEP
    changed = _C("was").ne_missing(_C("stocked")) & _C("stocked").is_not_null()
    return changed & (many.fill_null(value=False) | far)


def _many_wild(rows: pl.DataFrame, total: int) -> bool:
    """A column was pasted, not one number mistyped."""
    return _beyond(rows.filter(_wild_rows()).height, total, 2, 50)


def _wild(rows: pl.DataFrame, total: int) -> list[_Hit]:
    """Each wild value by itself."""
    wild = rows.filter(_wild_rows())
    return [
        _Hit("wild_value", pl.Series([cause]), 1, total, {"sku": sku, "row": row, "old": was, "value": value}, sku)
        for cause, sku, row, was, value in wild.select("cause", "sku", "row", "was", "stocked").iter_rows()  # a few
    ]


def _vanished(rows: pl.DataFrame, total: int) -> list[_Hit]:
    """Rows that are gone, and counted items whose number is."""
    counted = _C("tracked") & ~_C("bundle")
    blank = _C("here") & _C("was").is_not_null() & _C("stocked").is_null() & counted
    gone = rows.filter((_C("there") & ~_C("here")) | blank)
    if not _beyond(gone.height, total, 2, 50):
        return []
    facts = {"blank": int(gone["here"].sum()), "skus": _examples(gone), "rows": _runs(gone.filter("here"))}
    return [_Hit("vanished", gone["cause"], gone.height, total, facts)]


def _typed_zero() -> pl.Expr:
    return ((_C("stocked") == 0) & (_C("was").is_null() | (_C("was") > 0))).fill_null(value=False)


def _zeros(rows: pl.DataFrame, total: int) -> list[_Hit]:
    """Zeros typed (or items set inactive) on many items, or zeros one below the other."""
    typed = _typed_zero()
    off = (_C("was_active") & ~_C("active")).fill_null(value=False)
    zeros = rows.filter(_C("there") & _C("here") & (typed | off))
    nothing = rows.filter(_C("here") & (_C("stocked") == 0)).sort(
        "row"
    )  # a zero that stood between is in the fill, too
    runs = nothing.select((_C("row") - pl.int_range(pl.len())).alias("run"), (typed & _C("there")).alias("typed"))
    longest: int = max(runs.group_by("run").agg(_C("typed").sum())["typed"].to_list(), default=0)
    facts = {"skus": _examples(zeros), "rows": _runs(zeros)}
    if _beyond(zeros.height, total, 10, 10):
        return [_Hit("zeros", zeros["cause"], zeros.height, total, facts)]
    if longest >= TOGETHER:
        return [_Hit("zeros_in_a_row", zeros["cause"], zeros.height, total, facts)]
    return []


def _filled_down(rows: pl.DataFrame, total: int) -> list[_Hit]:
    """Cells one below (or above) the other that all took the number of the untouched cell at their end."""
    here = rows.filter("here").sort("row")
    found = [hit for side in (here, here.reverse()) if (hit := _filled(side)) is not None]
    if not found:
        return []
    filled = pl.concat(found).unique("sku").sort("sku")
    facts = {"skus": _examples(filled), "rows": _runs(filled)}
    return [_Hit("filled_down", filled["cause"], filled.height, total, facts)]


def _filled(here: pl.DataFrame) -> pl.DataFrame | None:
    """The rows of such runs, in one direction; zeros aside, which are asked about as zeros."""
    same = (_C("row") - _C("row").shift(1)).abs().eq(1) & (_C("stocked") == _C("stocked").shift(1))
    follows = (same & (_C("stocked") > 0)).fill_null(value=False)
    runs = here.with_columns((~follows).cum_sum().alias("run"))
    source_untouched = (~_C("edited").first() & _C("there").first()).over("run")
    several = _C("was").filter("edited").n_unique().over("run") >= 3
    long = _C("edited").sum().over("run") >= TOGETHER
    filled = runs.filter(_C("edited") & source_untouched & several & long)
    return filled.select(here.columns) if filled.height else None


def _units(rows: pl.DataFrame, total: int) -> list[_Hit]:
    """All units half or less, or double or more. One cell alone is no pattern; a few wild ones are asked singly."""
    counted = rows.filter(_C("was").is_not_null() & _C("stocked").is_not_null())
    if not _many_wild(rows, total):
        counted = counted.filter(~_wild_rows())
    edited = counted.filter("edited")
    was, now = int(counted["was"].sum()), int(counted["stocked"].sum())
    if edited.height < 2 or abs(now - was) <= UNITS or was < 2 * now < 4 * was:
        return []
    pattern = "halved" if now < was else "doubled"
    causes = rows.filter("changed")["cause"]
    return [_Hit(pattern, causes, edited.height, total, {"before": was, "after": now, "rows": _runs(edited)})]


def _moved(rows: pl.DataFrame, total: int) -> list[_Hit]:
    """Values that hold another's old value: one column sorted alone, shifted or pasted in another order."""
    olds = (
        rows.filter("there")
        .sort("old_row")
        .with_columns(_C("was").shift(1).alias("above"), _C("was").shift(-1).alias("below"))
    )
    edited = olds.filter("edited")
    count = edited.height
    if count < 3:
        return []
    values = _different_values(olds["was"].drop_nulls(), edited)
    overlap, ways = _overlap(edited)
    beside = [int((edited["stocked"] == edited[side]).sum()) for side in ("above", "below")]
    chances = [_some(count, overlap) + ways - overlap * values, *(_some(count, m) - m * values for m in beside)]
    matches = [overlap, *beside]
    if not any(m * 10 >= count * 8 and c <= CHANCE for m, c in zip(matches, chances, strict=True)):
        return []
    facts = {"skus": _examples(edited), "rows": _runs(edited)}
    return [_Hit("shuffled", edited["cause"], max(matches), count, facts)]


def _runs(rows: pl.DataFrame) -> list[list[int]]:
    """Where these items stand now: runs of rows one below the other, [first, last], from the top."""
    run = (_C("row") - pl.int_range(pl.len())).alias("run")
    runs = rows.filter(_C("row").is_not_null()).sort("row").select("row", run).group_by("run", maintain_order=True)
    return [
        list(pair)
        for pair in runs.agg(_C("row").min(), _C("row").max().alias("to")).head(RUNS).select("row", "to").iter_rows()
    ]


def _examples(rows: pl.DataFrame) -> list[str]:
    return rows["sku"].head(EXAMPLES).to_list()


def _different_values(olds: pl.Series, edited: pl.DataFrame) -> float:
    """How many values an honest edit chooses from (its logarithm): as varied as the shop's own, within their span."""
    counts = olds.value_counts()["count"]
    pairs = int((counts * (counts - 1)).sum())
    both = pl.concat([edited["was"], edited["stocked"]])
    span = float(int(both.max()) - int(both.min()) + 1)  # type: ignore[arg-type]
    varied = len(olds) * (len(olds) - 1) / pairs if pairs else span
    return math.log(min(span, varied))


def _overlap(edited: pl.DataFrame) -> tuple[int, float]:
    """How many edited cells hold another's old value, one to one; and in how many ways they can (its logarithm)."""
    old = edited["was"].value_counts(name="old").rename({"was": "value"})
    new = edited["stocked"].value_counts(name="new").rename({"stocked": "value"})
    overlap = int(old.join(new, on="value").select(pl.min_horizontal("old", "new").sum()).item())
    repeats = sum(math.lgamma(count + 1) for count in old["old"])
    return overlap, math.lgamma(edited.height + 1) - math.lgamma(edited.height - overlap + 1) - repeats


def _some(count: int, matches: int) -> float:
    """In how many ways `matches` of `count` can be chosen (its logarithm)."""
    return math.lgamma(count + 1) - math.lgamma(matches + 1) - math.lgamma(count - matches + 1)


def _beyond(count: int, total: int, least: int, share: int) -> bool:
    """More than `least` and more than one in `share` of all."""
    return count > least and count * share > total
