"""What the person said about listings: rows of Matches, and decisions typed into Imports and Listings (DESIGN 6).

A word that cannot be understood, or two that disagree, hold what was: the learned link stays, nothing new is linked.
"""

from __future__ import annotations

import polars as pl

from agent.core.cells import clean
from agent.core.evidence import IDENTITY
from agent.core.known import Known
from agent.frames import ISSUES, empty

KEY = ["channel", "listing"]
WORDS = ("ignore", "unlink")
NO_DECISION = ("pause", "new")
SAID = {"channel": pl.String, "listing": pl.String, "word": pl.String, "reason": pl.String} | {
    "sku": pl.String,
    "units": pl.Int64,
    "how": pl.String,
}
"""A person's word on a listing: `link` (a row for each item), `held`, `ignore` or `unlink`; why it is held."""


def issues_of(rows: pl.DataFrame, code: str, tab: str, facts: dict[str, str]) -> pl.DataFrame:
    """ISSUES, one a row; the cell is not known here. `facts`: key -> column."""
    if rows.is_empty():
        return empty(ISSUES)
    said = pl.struct([pl.col(column).alias(name) for name, column in facts.items()])
    return rows.select(
        pl.lit(code).alias("code"),
        pl.lit(tab).alias("tab"),
        pl.lit(None, dtype=pl.String).alias("cell"),
        pl.col("listing").alias("sku"),
        said.struct.json_encode().alias("facts"),
    )


def read_said(
    rows: pl.DataFrame, known: Known, matches: pl.DataFrame, decisions: pl.DataFrame, learned: pl.DataFrame
) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """SAID and issues: Matches and decisions as one. Where the two disagree, nothing new is done (held)."""
    written, issues = _written(rows, matches) if matches.height else (pl.DataFrame(schema=SAID), [])
    typed, more = _typed(rows, known, decisions, learned) if decisions.height else (pl.DataFrame(schema=SAID), [])
    issues += more
    if written.height and typed.height:
        agreed = typed.join(written, on=[*KEY, "sku"], how="semi")
        both = typed.join(written, on=KEY, how="semi")
        against = both.join(agreed, on=KEY, how="anti")
        issues.append(_disagreements(against, written))
        typed = pl.concat([typed.join(both, on=KEY, how="anti"), _hold(against, "match_unclear")])
        written = written.join(against, on=KEY, how="anti")
    said = pl.concat([written, typed])
    doubtful = known.items.filter(pl.col("frozen").is_in(IDENTITY))
    if said.height and doubtful.height:
        bad = said.join(doubtful, on="sku", how="semi")
        said = pl.concat([said.join(bad, on=KEY, how="anti"), _hold(bad, "item_unclear")])
    return said, issues


def _hold(said: pl.DataFrame, reason: str) -> pl.DataFrame:
    held = said.unique(KEY, maintain_order=True)
    return held.with_columns(
        word=pl.lit("held"), reason=pl.lit(reason), sku=pl.lit(None, dtype=pl.String), how=pl.lit(None, dtype=pl.String)
    )


def _written(rows: pl.DataFrame, matches: pl.DataFrame) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """SAID by Matches. A row names a listing by its id or its SKU there; a row with a channel wins over one without."""
    hits = pl.concat(
        _hits(rows, matches.filter(some), column, rank)
        for column, some, rank in (
            ("listing", pl.col("channel").is_not_null(), 0),
            ("there", pl.col("channel").is_not_null(), 1),
            ("listing", pl.col("channel").is_null(), 2),
            ("there", pl.col("channel").is_null(), 3),
        )
    )
    channels = rows["channel"].unique().implode()
    lost = matches.join(hits, on="row", how="anti")
    lost = lost.filter(pl.col("channel").is_null() | pl.col("channel").is_in(channels))
    issues = [issues_of(lost, "match_no_listing", "Matches", {"listing": "listing", "row": "row"})]
    hits = hits.sort("rank").unique([*KEY, "row"], keep="first", maintain_order=True)
    by_id = (pl.col("rank") % 2 == 0).any().over("channel", "row")
    hits = hits.with_columns(ambiguous=by_id & (pl.col("listing").n_unique().over("channel", "row") > 1))
    facts = {"channel": "channel", "listing": "named", "row": "row"}
    issues.append(issues_of(hits.filter("ambiguous").unique("row"), "match_ambiguous", "Matches", facts))
    hits = hits.filter(pl.col("rank") == pl.col("rank").min().over(KEY)).with_columns(
        held=(pl.col("ambiguous") | pl.col("sku").is_null()).any().over(KEY)
    )
    said = hits.select(
        *KEY,
        pl.lit("link").alias("word"),
        pl.lit(None, dtype=pl.String).alias("reason"),
        "sku",
        "units",
        pl.lit("matches").alias("how"),
        "held",
    )
    links, held = said.filter(~pl.col("held")).drop("held"), said.filter("held").drop("held")
    return pl.concat([links, _hold(held, "match_unclear")]), issues


def _hits(rows: pl.DataFrame, matches: pl.DataFrame, column: str, rank: int) -> pl.DataFrame:
    """The listings that these rows of Matches mean by `column` (the listing's id, or its SKU there)."""
    wanted = matches.rename({"listing": "named"})
    on = ["channel"] if rank < 2 else []
    here = rows.select(*KEY, named=pl.col(column))
    found = here.join(wanted if on else wanted.drop("channel"), on=[*on, "named"])
    return found.select(*KEY, "named", "sku", "units", "row", rank=pl.lit(rank))


def _typed(
    rows: pl.DataFrame, known: Known, decisions: pl.DataFrame, learned: pl.DataFrame
) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """SAID by typed decisions on present listings. An unknown SKU holds (no news where it is the learned link's)."""
    found = clean(pl.col("value"))
    last = decisions.unique(KEY, keep="last", maintain_order=True)
    last = last.with_columns(found.alias("found"), found.str.to_lowercase().alias("lower"))
    last = last.filter(~pl.col("lower").is_in(NO_DECISION)).select(*KEY, "found", "lower")
    last = known.resolve(last.join(rows, on=KEY, how="semi"), "found", "meant")
    is_word = pl.col("lower").is_in(WORDS)
    is_sku = pl.col("meant").is_not_null()
    typed = last.select(
        *KEY,
        pl.when(is_word).then("lower").when(is_sku).then(pl.lit("link")).otherwise(pl.lit("held")).alias("word"),
        pl.when(pl.col("lower") == "unlink")
        .then(pl.lit("unlinked"))
        .when(~is_word & ~is_sku)
        .then(pl.lit("decision_unclear"))
        .alias("reason"),
        pl.when(~is_word).then("meant").alias("sku"),
        pl.lit(1, dtype=pl.Int64).alias("units"),
        pl.when(is_sku & ~is_word).then(pl.lit("decision")).alias("how"),
    )
    unknown = last.filter(~is_word & ~is_sku)
    news = unknown.join(learned, left_on=[*KEY, "found"], right_on=[*KEY, "sku"], how="anti")
    facts = {"channel": "channel", "listing": "listing", "found": "found"}
    return typed, [issues_of(news, "decision_unknown_sku", "Imports", facts)]


def _disagreements(against: pl.DataFrame, written: pl.DataFrame) -> pl.DataFrame:
    sheet = written.group_by(KEY, maintain_order=True).agg(pl.col("sku").sort().str.join(", ").alias("matches"))
    both = against.join(sheet, on=KEY).with_columns(decision=pl.coalesce("sku", "word"))
    facts = {"channel": "channel", "listing": "listing", "decision": "decision", "matches": "matches"}
    return issues_of(both, "match_disagrees", "Matches", facts)
