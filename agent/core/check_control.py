"""The stop cells and questions of the tab Control (DESIGN section 4): pauses, freezes, to 0, Ask.

A stop that cannot be read never becomes a wider one, and never lifts one that is in force: `lost` says which rows keep
what was accepted. A *Freeze* whose number cannot be read only lowers until it is mended; an *Until* that cannot be read
ends nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import polars as pl
from rapidfuzz import fuzz, process, utils

from agent.core import readers
from agent.core.cells import Sheet
from agent.core.check_rules import known_channel
from agent.core.known import Known
from agent.frames import ISSUES, STOPS, empty
from agent.workbooks.tabs import CONTROLS

KINDS = {
    "ask": "ask", "question": "ask", "undo": "undo", "release": "release",
    "pause": "pause", "paused": "pause", "freeze": "freeze", "freeze at": "freeze",
    "to 0": "to_zero", "to zero": "to_zero", "zero": "to_zero",
}  # fmt: skip
"""What stands in the column Control, in any case -> what the row is. (*Mode* and *Sync now*: check_settings.)"""
NAMES = {"pause": "Pause", "freeze": "Freeze", "to_zero": "To 0", "ask": "Ask"}
OTHERS = tuple(name.lower() for name in CONTROLS if name.lower() not in KINDS)
ALL = ("all", "everything", "every shop", "all shops", "all channels", "everywhere")
YES = tuple(word for word, means in readers.YES_NO.items() if means == "yes")
NO = tuple(word for word, means in readers.YES_NO.items() if means == "no" and word != "0")
ALIKE = 60
"""How alike, out of 100, a name must be to be offered instead of one that is not known."""

CODES: dict[str, tuple[str, ...]] = {
    "control_unknown": ("found", "like", "choices"),
    "stop_unknown": ("control", "found", "like"),
    "stop_unclear": ("control", "found"),
    "stop_incomplete": ("control",),
}
"""code -> keys of its facts."""
READ = {
    "Control": readers.TEXT,
    "Value": readers.CODE,
    "SKU": readers.CODE,
    "Channel": readers.TEXT,
    "Until": readers.END,
}

ROWS = {"row": pl.Int64, "kind": pl.String, "about": pl.String, "text": pl.String}


@dataclass(frozen=True)
class Control:
    """What the stop cells and questions say."""

    stops: pl.DataFrame = field(default_factory=lambda: empty(STOPS))
    """STOPS, with `unread`: its Value or Until holds something that was not understood."""
    lost: pl.DataFrame = field(default_factory=lambda: empty({"row": pl.Int64, "kind": pl.String}))
    """Rows that say a stop, but not of what: what was accepted of them holds."""
    rows: pl.DataFrame = field(default_factory=lambda: empty(ROWS))
    """Every stop and question: its row in one line (`about`, as *Control Status* names it), and its Value (`text`)."""
    issues: pl.DataFrame = field(default_factory=lambda: empty(ISSUES))


def is_own(name: pl.Expr) -> pl.Expr:
    """Whether this text of the column Control begins a stop or a question."""
    return name.str.to_lowercase().is_in(list(KINDS))


def check_control(sheet: Sheet, configured: Sequence[str], known: Known) -> Control:
    """The stop cells and questions. `known`: the items that are known, those of earlier revisions too."""
    if sheet.frame.is_empty() or "Control" not in sheet.frame.columns:
        return Control()
    numbers = readers.read(sheet.frame, {"Value": readers.WHOLE})
    rows = readers.read(sheet.frame, READ).with_columns(
        numbers["Value|value"].alias("number"), numbers["Value|problem"].alias("number|problem")
    )
    name = pl.col("Control|value").str.to_lowercase()
    said = pl.any_horizontal(readers.is_filled(column) for column in ("Value", "SKU", "Channel", "Until"))
    parts = (pl.col(f"{column}|clean") for column in ("Control", "Value", "SKU", "Channel"))
    rows = rows.filter(said & name.is_not_null()).with_columns(
        name.replace_strict(KINDS, default=None, return_dtype=pl.String).alias("kind"),
        pl.concat_str(parts, separator=" ", ignore_nulls=True).alias("about"),
        name.alias("name"),
    )
    strange = rows.filter(pl.col("kind").is_null() & ~pl.col("name").is_in(list(OTHERS)))
    found = _stops(rows.filter(pl.col("kind").is_in(["pause", "freeze", "to_zero"])), configured, known)
    issues = [*_strange(sheet, strange), *_issues(sheet, found, configured, known)]
    unusable = (pl.col("target|problem").is_not_null()) & ~pl.col("off")
    return Control(
        found.filter(~unusable & ~pl.col("off")).select(*STOPS, "unread"),
        found.filter(unusable).select("row", "kind"),
        rows.filter(pl.col("kind").is_not_null()).select("row", "kind", "about", text="Value|clean"),
        pl.concat(issues) if issues else empty(ISSUES),
    )


def _stops(rows: pl.DataFrame, configured: Sequence[str], known: Known) -> pl.DataFrame:
    """The stop rows with STOPS' columns, `off`, `unread`, and a problem for each cell and for what they are about."""
    word = pl.col("Value|clean").str.to_lowercase()
    names = (pl.col("kind") != "freeze") & ~word.is_in([*ALL, *YES, *NO, "0"]).fill_null(value=True)
    rows = rows.with_columns(
        names.alias("names"),
        word.is_in(list(ALL)).fill_null(value=False).alias("all"),
        (word.is_in(list(NO)) & (pl.col("kind") != "freeze")).fill_null(value=False).alias("off"),
        known_channel(pl.col("Channel|value"), configured).alias("channel"),
        known_channel(pl.col("Value|value"), configured).alias("named_channel"),
    )
    rows = known.resolve(known.resolve(rows, "SKU|value", "sku"), "Value|value", "named_sku")
    by_value = pl.col("names") & (pl.col("kind") != "freeze")
    rows = rows.with_columns(
        pl.when(by_value & readers.is_filled("SKU").not_()).then("named_sku").alias("named_sku"),
        pl.when(by_value & readers.is_filled("Channel").not_() & (pl.col("kind") == "pause"))
        .then("named_channel")
        .alias("named_channel"),
    )
    return _problems(rows)


def _problems(rows: pl.DataFrame) -> pl.DataFrame:
    sku, channel = pl.col("named_sku").is_not_null(), pl.col("named_channel").is_not_null()
    freeze = pl.col("kind") == "freeze"

    def unknown(column: str, meant: str) -> pl.Expr:
        lost = pl.col(f"{column}|value").is_not_null() & pl.col(meant).is_null()
        return pl.coalesce(f"{column}|problem", pl.when(lost).then(pl.lit(f"unknown_{meant}")))

    value = (
        pl.when(pl.col("names") & sku & channel)
        .then(pl.lit("stop_unclear"))
        .when(pl.col("names") & ~sku & ~channel)
        .then(pl.lit("stop_unknown"))
    )
    number = pl.coalesce("number|problem", pl.when(pl.col("number").is_null()).then(pl.lit("not_a_number")))
    rows = rows.with_columns(
        unknown("SKU", "sku").alias("SKU|problem"),
        unknown("Channel", "channel").alias("Channel|problem"),
        pl.when(freeze).then(number).when("names").then(pl.coalesce("Value|problem", value)).alias("Value|problem"),
        pl.coalesce("sku", "named_sku").alias("sku"),
        pl.coalesce("channel", "named_channel").alias("channel"),
    )
    pointed = pl.coalesce("SKU|problem", "Channel|problem", pl.when(~freeze).then("Value|problem"))
    whole = (pl.col("kind") == "pause") & (pl.col("channel").is_not_null() | pl.col("all"))
    rows = rows.with_columns(
        pl.coalesce(
            pointed, pl.when(pl.col("sku").is_null() & ~whole).then(pl.lit("stop_incomplete"))
        ).alias("target|problem")
    )  # fmt: skip
    return rows.with_columns(
        pl.when(freeze).then("number").alias("value"),
        pl.col("Until|value").alias("until"),
        (pl.col("Until|problem").is_not_null() | (freeze & pl.col("Value|problem").is_not_null())).alias("unread"),
    )


def _issues(sheet: Sheet, found: pl.DataFrame, configured: Sequence[str], known: Known) -> list[pl.DataFrame]:
    """An issue for each cell that is not understood. A row that is switched off says nothing."""
    rows = found.filter(~pl.col("off"))
    if rows.is_empty():
        return []
    issues = sheet.problems(rows, "Until", pl.col("sku"))
    control = pl.col("kind").replace_strict(NAMES, return_dtype=pl.String)
    incomplete = rows.filter(pl.col("target|problem") == "stop_incomplete")
    if incomplete.height:
        issues.append(sheet.issues(incomplete, "Control", "stop_incomplete", None, {"control": control}))
    codes: dict[str, list[Iterable[str]]] = {
        "SKU": [known.exact["key"]],
        "Channel": [configured],
        "Value": [known.exact["key"], configured],
    }
    for column, names in codes.items():
        bad = rows.filter(pl.col(f"{column}|problem").is_not_null())
        like = pl.Series(
            [nearest(text, [str(n) for part in names for n in part]) for text in bad[column]], dtype=pl.String
        )
        facts = {"column": pl.lit(column), "found": pl.col(column), "control": control, "like": pl.lit(like)}
        if bad.height:
            issues.append(sheet.issues(bad, column, pl.col(f"{column}|problem"), pl.col("sku"), facts))
    return issues


def _strange(sheet: Sheet, rows: pl.DataFrame) -> list[pl.DataFrame]:
    """Rows whose switch is not known: a stop with a slip in its name stops nothing, so it is said."""
    if rows.is_empty():
        return []
    names = list(CONTROLS)
    like = pl.Series([nearest(text, names) for text in rows["Control|value"]], dtype=pl.String)
    facts = {"found": pl.col("Control"), "like": pl.lit(like), "choices": pl.lit(", ".join(names))}
    return [sheet.issues(rows, "Control", "control_unknown", None, facts)]


def nearest(text: str | None, names: Sequence[str]) -> str | None:
    """The name that is most like a text that is none; None where no name is like it."""
    found = process.extractOne(
        text or "", names, scorer=fuzz.ratio, processor=utils.default_process, score_cutoff=ALIKE
    )
    return found[0] if found else None
