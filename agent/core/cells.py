"""Cells of a person's tab: what they are called, how their text is tidied, the issues they give (DESIGN section 4)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from agent.frames import ISSUES
from agent.frames import frame as rows_of

INVISIBLE = "[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]"
ODD_SPACE = r"[\s\u00a0\u2000-\u200a\u202f\u205f\u3000]"

_TWINS = (
    ("АВЕЅІЈКМНОРСТУХ", "ABESIJKMHOPCTYX"),
    ("аеѕіјорсух", "aesijopcyx"),
    ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX"),
    ("ονρ", "ovp"),
)
LOOK_ALIKES = {odd: plain for odds, plains in _TWINS for odd, plain in zip(odds, plains, strict=True)}
"""Cyrillic and Greek letters -> the Latin ones that look the same."""


@dataclass(frozen=True)
class Sheet:
    """One declared tab of a snapshot: its rows, and how its cells are called."""

    name: str
    """The name that the person sees."""
    frame: pl.DataFrame
    letters: Mapping[str, str]

    def cell(self, column: str) -> pl.Expr:
        """The address of `column` in each row, such as `C7`; null where the column's place is not known."""
        if column not in self.letters:
            return pl.lit(None, dtype=pl.String)
        return pl.lit(self.letters[column]) + pl.col("row").cast(pl.String)

    def issues(
        self,
        rows: pl.DataFrame,
        column: str,
        code: pl.Expr | str,
        sku: pl.Expr | None,
        facts: Mapping[str, pl.Expr],
    ) -> pl.DataFrame:
        """ISSUES, one a row of `rows` (which has `row`), at the cell of `column`."""
        said = pl.struct([fact.alias(name) for name, fact in facts.items()])
        return rows.select(
            (pl.lit(code) if isinstance(code, str) else code).alias("code"),
            pl.lit(self.name).alias("tab"),
            self.cell(column).alias("cell"),
            (pl.lit(None, dtype=pl.String) if sku is None else sku).alias("sku"),
            said.struct.json_encode().alias("facts"),
        )

    def problems(
        self, rows: pl.DataFrame, column: str, sku: pl.Expr | None = None, choices: str = ""
    ) -> list[pl.DataFrame]:
        """ISSUES for the cells of `column` with a code in `COLUMN|problem` (see `core.readers.read`).

        Facts `column` and `found`, and `choices` with `choice_unknown`.
        """
        problem = f"{column}|problem"
        if rows[problem].null_count() == rows.height:
            return []
        unknown = pl.col(problem) == "choice_unknown"
        facts = {"column": pl.lit(column), "found": pl.col(column)}
        offered = facts | {"choices": pl.lit(choices)}
        pieces = ((rows.filter(~unknown), facts), (rows.filter(unknown), offered))
        return [self.issues(bad, column, pl.col(problem), sku, said) for bad, said in pieces if bad.height]


def one_issue(code: str, tab: str, cell: str | None, sku: str | None = None, **facts: object) -> pl.DataFrame:
    """ISSUES of one row."""
    row: tuple[object, ...] = (code, tab, cell, sku, json.dumps(facts, ensure_ascii=False))
    return rows_of([row], ISSUES)


def clean(text: pl.Expr) -> pl.Expr:
    """Text as it is compared: no invisible characters, ordinary spaces, none around; null where nothing is left."""
    tidy = text.str.replace_all(INVISIBLE, "").str.replace_all(ODD_SPACE, " ").str.strip_chars()
    return tidy.replace("", None)


def as_seen(text: pl.Expr) -> pl.Expr:
    """Text as an eye sees it: wide forms and joined accents made plain, look-alike letters made Latin. To compare with,
    never to show."""
    return text.str.normalize("NFKC").str.replace_many(list(LOOK_ALIKES), list(LOOK_ALIKES.values()))
