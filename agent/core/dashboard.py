"""The figures of the tab Dashboard and the numbers behind its charts. Pure: frames in, frames out.

What is not known stays null, never zero (I11): a shop that was never read shows no units, an item with too little
history sells out at no known time. The sentences are made elsewhere (`agent.telling.dashboard`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import polars as pl

from agent.core import report
from agent.frames import TIME, Schema, frame
from agent.workbooks import tabs

CELL = ["channel", "cell"]
LISTING = ["channel", "listing"]

SOON = 5.0
"""Days: what sells out within them is told."""
WINDOW = timedelta(days=28)
"""The pace of an item is that of its sales in this time."""
LEAST_HISTORY = timedelta(days=7)
LEAST_SALES = 3
"""Below either, nothing is said about an item's pace: one busy afternoon is no pace."""
MOST_BARS = 8
LONGEST_LABEL = 18

SHOPS: Schema = {
    "channel": pl.String,
    "linked": pl.Int64,  # listings linked to an item
    "waiting": pl.Int64,  # listings that wait in Imports
    "synced": pl.Int64,  # of the linked ones, in sync
    "held": pl.Int64,  # of the linked ones, held by Stocksheet itself
    "shown": pl.Int64,  # units that the linked listings show; null: never read
    "loose": pl.Int64,  # units that the waiting listings show: nobody counts them (S0-25)
    "above": pl.Int64,  # units shown beyond the target
    "kept": pl.Int64,  # units that are not raised, because a shop's orders could not be read
}
"""One row a shop, in the order of the settings. Null: its listings were never read."""

DAYS: Schema = {"label": pl.String, "begins": TIME}
"""Days as a person's wall clock has them, oldest first; each ends where the next one begins."""
PUSHED: Schema = {"label": pl.String, "lowered": pl.Int64, "raised": pl.Int64, "refused": pl.Int64}
PACE: Schema = {"sku": pl.String, "units": pl.Int64, "days": pl.Float64, "left": pl.Float64, "known": pl.Boolean}
"""One row an item with stock: units sold in `days`, days until it is sold out at that pace (null: it does not sell)."""


def shops(
    names: list[str], seen: pl.DataFrame, linked: pl.DataFrame, waiting: pl.DataFrame, plan: pl.DataFrame
) -> pl.DataFrame:
    """SHOPS. `seen`: listing rows that are there; `linked`: Decision.targets; `waiting`: IMPORTS that need somebody;
    `plan`: one row a stock cell."""
    there = linked.filter(pl.col("absent") < 2)
    cells = plan.join(there.select(CELL), on=CELL, how="semi")
    units = cells.group_by("channel").agg(
        pl.when(pl.col("shown").count() > 0).then(pl.col("shown").clip(0).sum()).alias("shown"),
        (pl.col("shown") - pl.col("target")).clip(0).sum().alias("above"),
        (pl.col("target") - pl.col("safe")).clip(0).filter(pl.col("reason") == "kept_back").sum().alias("kept"),
    )
    free = pl.col("parked").is_null()
    links = (
        there.drop("reason", "action", strict=False)
        .join(cells.select(*CELL, "reason", "action"), on=CELL, how="left")
        .group_by("channel")
        .agg(
            pl.len().alias("linked"),
            (free & (pl.col("reason") == "in_sync")).sum().alias("synced"),
            (free & (pl.col("action") == "hold")).sum().alias("held"),
        )
    )
    loose = (
        waiting.select(LISTING)
        .join(seen.select(*LISTING, "quantity"), on=LISTING)
        .group_by("channel")
        .agg(pl.len().alias("waiting"), pl.col("quantity").clip(0).sum().alias("loose"))
    )
    read = seen.select("channel").unique().with_columns(read=pl.lit(value=True))
    rows = pl.DataFrame({"channel": names}, schema={"channel": pl.String})
    for counted_so in (links, units, loose, read):
        rows = rows.join(counted_so, on="channel", how="left", maintain_order="left")
    counted = [name for name in SHOPS if name not in ("channel", "shown")]
    return rows.select(
        "channel", *(pl.when("read").then(pl.col(name).fill_null(0)).alias(name) for name in counted), "shown"
    ).select(pl.col(name).cast(kind) for name, kind in SHOPS.items())


def pushed(pushes: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame:
    """PUSHED: quantities sent on each of DAYS. `pushes`: push rows. What did not arrive is not counted."""
    sent = pl.col("outcome").is_in(["accepted", "landed", "sent"])
    down = pl.col("quantity") < pl.col("old")
    counts = (
        pushes.filter(pl.col("sent_at") >= days["begins"].min())
        .sort("sent_at")
        .join_asof(days.sort("begins"), left_on="sent_at", right_on="begins")
        .group_by("begins")
        .agg(
            (sent & down.fill_null(value=False)).sum().alias("lowered"),
            (sent & ~down.fill_null(value=False)).sum().alias("raised"),
            (pl.col("outcome") == "refused").sum().alias("refused"),
        )
    )
    rows = days.join(counts, on="begins", how="left", maintain_order="left")
    return rows.select("label", *(pl.col(c).fill_null(0).cast(pl.Int64) for c in ("lowered", "raised", "refused")))


def pace(sold: pl.DataFrame, stock: pl.DataFrame, opened: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """PACE of the items that have stock to sell. `sold`: of `lines.sold`; `stock`: STOCK; `opened`: level rows.

    Sales count from the item's opening on, in item units, less what was cancelled again. Nothing is said (`known` is
    false) of an item that was opened less than a week ago, or that sold only once or twice in the last four weeks.
    """
    free = (pl.col("available") - pl.col("missing")).alias("free")
    items = stock.select("sku", free).join(opened.select("sku", "opened_at"), on="sku").filter(pl.col("free") > 0)
    since = pl.max_horizontal("opened_at", pl.lit(now - WINDOW, TIME))
    moved = (
        sold.rename({"part": "sku"})
        .join(items.select("sku", "opened_at"), on="sku")
        .filter(pl.col("at") >= since)
        .group_by("sku")
        .agg(
            (-pl.col("change")).sum().clip(0).alias("units"),
            pl.struct("channel", "order").filter(pl.col("kind") == "sale").n_unique().alias("sales"),
        )
    )
    rows = items.join(moved, on="sku", how="left").with_columns(
        pl.col("units").fill_null(0),
        pl.col("sales").fill_null(0),
        ((pl.lit(now, TIME) - since).dt.total_seconds() / 86_400).alias("days"),
    )
    old = pl.col("opened_at") <= pl.lit(now - LEAST_HISTORY, TIME)
    enough = old & ((pl.col("sales") == 0) | (pl.col("sales") >= LEAST_SALES))
    left = pl.col("free") * pl.col("days") / pl.col("units")
    return rows.select(
        "sku",
        "units",
        "days",
        pl.when(enough & (pl.col("units") > 0)).then(left).alias("left"),
        enough.alias("known"),
    ).select(pl.col(name).cast(kind) for name, kind in PACE.items())


def soon(paces: pl.DataFrame) -> pl.DataFrame:
    """The rows of PACE that sell out within five days, the first one first."""
    return paces.filter(pl.col("left") <= SOON).sort("left", "sku")


def unlisted(stock: pl.DataFrame, items: pl.DataFrame, parts: pl.DataFrame, linked: pl.DataFrame) -> pl.DataFrame:
    """`sku, title`: active items with units to sell that no listing sells, alone or in a bundle (S0-25, undersell)."""
    sold = parts.join(linked.filter(pl.col("absent") < 2), on=LISTING, how="semi")
    free = stock.filter(pl.col("available") - pl.col("missing") > 0)
    return (
        items.filter("active").select("sku", "title").join(free, on="sku", how="semi")
        .join(sold, left_on="sku", right_on="part", how="anti")
    )  # fmt: skip


# --- the figures

GOOD, LOOK, STOP, NOT_YET = "good", "look", "stop", "not yet"
FIGURES: Schema = {"figure": pl.String, "number": pl.Int64, "of": pl.Int64, "status": pl.String}
"""One row a figure, always the same ones in the same order. `number` null: it cannot be known yet."""


def figures(shops: pl.DataFrame, pushed: pl.DataFrame, paces: pl.DataFrame, counts: Mapping[str, int]) -> pl.DataFrame:
    """FIGURES. `counts`: silent (shops that do not answer), questions (open), stops (in force), oversold (items),
    missing (units), unlisted (items), off (listings that may oversell while this computer is off)."""
    total = {name: _total(shops[name]) for name in SHOPS if name != "channel"}
    linked = total["linked"]
    read = shops["linked"].count()
    risk = _both(total["above"], total["loose"])
    today = pushed.tail(1).to_dicts()[0]
    known = paces["known"].any()
    rows: list[tuple[str, int | None, int | None, str | None]] = [
        ("looked", read, shops.height, NOT_YET if not read else LOOK if counts["silent"] else GOOD),
        _share("matched", linked, _both(linked, total["waiting"])),
        _share("synced", total["synced"], linked),
        ("questions", counts["questions"], None, _none_is_good(counts["questions"])),
        ("held", total["held"], linked, _none_is_good(total["held"])),
        ("stops", counts["stops"], None, _none_is_good(counts["stops"])),
        ("oversold", counts["oversold"], None, STOP if counts["oversold"] else GOOD),
        ("risk", risk, None, _none_is_good(risk)),
        ("off", counts["off"] if read else None, None, NOT_YET if not read else None if counts["off"] else GOOD),
        ("kept", total["kept"], None, _none_is_good(total["kept"])),
        ("missing", counts["missing"], None, _none_is_good(counts["missing"])),
        ("unlisted", counts["unlisted"] if read else None, None, _none_is_good(counts["unlisted"] if read else None)),
        ("soon", soon(paces).height, paces.height, _none_is_good(soon(paces).height)) if known
        else ("soon", None, paces.height, NOT_YET),
        ("shown", total["shown"], None, NOT_YET if total["shown"] is None else None),
        ("pushed", today["lowered"] + today["raised"], None, LOOK if today["refused"] else None),
    ]  # fmt: skip
    return frame(rows, FIGURES)


def _total(units: pl.Series) -> int | None:
    return int(units.sum()) if units.count() else None


def _both(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


def _share(figure: str, number: int | None, of: int | None) -> tuple[str, int | None, int | None, str]:
    if not of:
        return figure, None, of, NOT_YET
    return figure, number, of, GOOD if number == of else LOOK


def _none_is_good(number: int | None) -> str:
    return NOT_YET if number is None else LOOK if number else GOOD


# --- the numbers behind the charts


def chart_data(shops: pl.DataFrame, pushed: pl.DataFrame, paces: pl.DataFrame) -> pl.DataFrame:
    """The tab Chart Data: a block of columns for each chart, one beside the other, each filled from its top.

    Where there is nothing to draw, the block's only label says so, and no empty axes are seen.
    """
    first = soon(paces).head(MOST_BARS)
    nothing_known = not paces.is_empty() and not paces["known"].any()
    blocks = [
        _block(
            shops.select(
                _label("channel").alias("Shop"),
                pl.col("linked").alias("Linked"),
                pl.col("waiting").alias("Not linked"),
                pl.col("synced").alias("In sync"),
                (pl.col("linked") - pl.col("synced")).alias("Not in sync"),
                pl.col("shown").alias("Units shown"),
            ),
            "no shop yet",
        ),
        _block(
            shops.filter((pl.col("loose") > 0) | (pl.col("above") > 0)).select(
                _label("channel").alias("Risk in"),
                pl.col("loose").alias("Not linked, on sale"),
                pl.col("above").alias("Above target"),
            ),
            "none" if shops["linked"].count() else "not known yet",
        ),
        _block(
            pushed.filter((pl.col("lowered") + pl.col("raised")).sum() > 0).select(
                pl.col("label").alias("Day"), pl.col("lowered").alias("Lowered"), pl.col("raised").alias("Raised")
            ),
            "nothing was pushed in two weeks",
        ),
        _block(
            first.select(_label("sku").alias("Item"), pl.col("left").round(1).alias("Days left")),
            "not known yet" if nothing_known or paces.is_empty() else "nothing",
        ),
    ]
    rows = pl.DataFrame({"row": range(max(block.height for block in blocks))}, schema={"row": pl.UInt32})
    for block in blocks:
        rows = rows.join(block.with_row_index("row"), on="row", how="left", maintain_order="left")
    return report.shaped(tabs.CHART_DATA, rows)


def _label(column: str) -> pl.Expr:
    """Short enough to leave room for the bars."""
    text = pl.col(column)
    cut = pl.concat_str(text.str.slice(0, LONGEST_LABEL - 1), pl.lit("…"))
    return pl.when(text.str.len_chars() > LONGEST_LABEL).then(cut).otherwise(text)


def _block(rows: pl.DataFrame, otherwise: str) -> pl.DataFrame:
    if rows.is_empty():
        label = rows.columns[0]
        return pl.DataFrame({label: [otherwise]}).join(rows.clear(), on=label, how="left")
    return rows
