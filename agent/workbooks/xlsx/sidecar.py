"""The results beside a workbook that is open in another program: `NAME - results.xlsx`, a workbook of its own.

What people type into its Answer, Link to SKU and Change cells counts like the workbook's (DESIGN section 4). When the
workbook is closed, the next write folds it in and removes it. If it is itself open, the next number is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from functools import cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import polars as pl

from agent.frames import FORMAT, KIND, MIRROR, empty
from agent.words import in_words
from agent.workbooks import looks
from agent.workbooks.base import Mark
from agent.workbooks.tabs import BY_NAME
from agent.workbooks.xlsx.elsewhere import open_elsewhere
from agent.workbooks.xlsx.layout import KEY
from agent.workbooks.xlsx.package import Package, Refused
from agent.workbooks.xlsx.publish import write_new
from agent.workbooks.xlsx.writing import Job, build, typed_in

MARK = "_stocksheet_results"
_MOST = 2
"""`NAME - results.xlsx`; where that is open itself, or a person's own file, `NAME - results (2).xlsx`."""
_BETWEEN = "\x1f"

Typed = dict[str, pl.DataFrame]
"""tab -> `key` and one text column for each of the person's columns."""


def sidecar_path(path: Path, number: int = 1) -> Path:
    """Where the sidecar of a workbook stands."""
    return path.with_name(f"{path.stem} - results{'' if number == 1 else f' ({number})'}.xlsx")


def sidecars(path: Path) -> list[Path]:
    """The sidecars that are there and are ours, in the order of their numbers."""
    return [p for n in range(1, _MOST + 1) if _ours(p := sidecar_path(path, n)) is not None]


def _ours(path: Path) -> bytes | None:
    """The content if this is a sidecar; None for a person's own file of that name."""
    try:
        content = path.read_bytes()
        names = {name.name for name in Package.open(content).defined_names}
    except (OSError, Refused):
        return None
    return content if MARK in names else None


def write_sidecar(
    path: Path,
    tabs: Mapping[str, pl.DataFrame],
    mark: Mark,
    now: datetime | None = None,
    zone: tzinfo | None = None,
) -> Path:
    """Write the results into the sidecar of the workbook at `path`; returns where. Raises Refused, OSError."""
    for number in range(1, _MOST + 1):
        place = sidecar_path(path, number)
        old = _ours(place)
        if place.exists() and (old is None or open_elsewhere(place)):
            continue
        package = Package.open(old or _fresh(path.name))
        names = {MARK: '"' + path.name.replace('"', "") + '"'}
        built = build(package, Job(tabs, empty(MIRROR), mark, zone=zone, names=names, now=now))
        if built.changed or old is None:
            write_new(place, built.content)
        return place
    what = in_words("sidecar.one_after_open_too", name=sidecar_path(path).name)
    raise Refused(what, f"Close {sidecar_path(path).name}.")


@cache
def _fresh(name: str) -> bytes:
    """A new sidecar whose first line says what it is."""
    from openpyxl import Workbook  # noqa: PLC0415 - slow to load, seldom needed
    from openpyxl.styles import Alignment, Font  # noqa: PLC0415

    book = Workbook()
    sheet = book.active
    sheet.title = "Read me"
    lines = (
        in_words("sidecar.stocksheet_results_while_open", name=name),
        in_words("sidecar.close_results_move_into", name=name),
        in_words("sidecar.what_you_type_here"),
    )
    for row, line in enumerate(lines, 1):
        sheet.cell(row, 1, line).alignment = Alignment(wrap_text=True, vertical="top")
    sheet["A1"].font = Font(name=looks.FONT, bold=True, size=looks.TITLE, color=looks.NAVY)
    sheet.column_dimensions["A"].width = 100
    sheet.sheet_view.showGridLines = False
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def read_sidecars(path: Path) -> tuple[Typed, dict[Path, str]]:
    """What was typed in the sidecars, and the hash of each of them. A later number wins."""
    typed: Typed = {}
    seen: dict[Path, str] = {}
    for place in sidecars(path):
        content = _ours(place)
        if content is None:
            continue
        seen[place] = sha256(content).hexdigest()
        for tab, frame in typed_in(Package.open(content)).items():
            typed[tab] = _merged(typed[tab], frame) if tab in typed else frame
    return typed, seen


def _merged(older: pl.DataFrame, newer: pl.DataFrame) -> pl.DataFrame:
    both = pl.concat([newer, older], how="diagonal")
    return both.group_by(KEY, maintain_order=True).agg(pl.all().drop_nulls().first())


def typed_hash(typed: Typed) -> str:
    """Differs whenever something else was typed; empty where nothing was."""
    if not typed:
        return ""
    text = "".join(f"{tab}{typed[tab].sort(KEY).write_json()}" for tab in sorted(typed))
    return sha256(text.encode()).hexdigest()[:16]


def remove_sidecars(seen: Mapping[Path, str]) -> None:
    """Remove sidecars that were folded in, unless they are open or changed since."""
    for place, revision in seen.items():
        content = _ours(place)
        if content is not None and sha256(content).hexdigest() == revision and not open_elsewhere(place):
            place.unlink(missing_ok=True)


def with_typed(tabs: Mapping[str, pl.DataFrame], typed: Typed) -> dict[str, pl.DataFrame]:
    """Snapshot tabs in which what was typed in the sidecars stands in its cells, by key."""
    merged = dict(tabs)
    for tab, frame in typed.items():
        merged[tab] = _with_tab(merged.get(tab), tab, frame)
    return merged


def _with_tab(old: pl.DataFrame | None, tab: str, typed: pl.DataFrame) -> pl.DataFrame:
    key = BY_NAME[tab].key
    names = [name for name in typed.columns if name != KEY]
    old = _blank(key, names) if old is None or not set(key) <= set(old.columns) else old
    keys = old.select(pl.concat_str([pl.col(k).fill_null("") for k in key], separator=_BETWEEN).alias(KEY))
    joined = pl.concat([old, keys], how="horizontal").join(typed, on=KEY, how="left", suffix="|typed")
    for name in names:
        joined = _put(joined, name)
    known = joined.select([c for c in joined.columns if c in old.columns])
    return pl.concat([known, _new_rows(old, typed, key, names)], how="diagonal_relaxed")


def _cell(name: str, value: pl.Expr) -> list[pl.Expr]:
    kind = pl.when(value.is_null()).then(pl.lit("blank")).otherwise(pl.lit("text")).cast(KIND)
    return [
        value.alias(name),
        kind.alias(f"{name}|kind"),
        pl.lit(False).alias(f"{name}|formula"),
        pl.lit("general").cast(FORMAT).alias(f"{name}|format"),
    ]


def _blank(key: tuple[str, ...], names: list[str]) -> pl.DataFrame:
    cells = [e for name in (*key, *names) for e in _cell(name, pl.lit(None, pl.String))]
    return pl.DataFrame({"row": []}, schema={"row": pl.Int64}).select(pl.col("row"), *cells).clear()


def _put(joined: pl.DataFrame, name: str) -> pl.DataFrame:
    """What was typed in the sidecar over what stands in the workbook."""
    source = f"{name}|typed" if f"{name}|typed" in joined.columns else name
    said = pl.col(source).is_not_null()
    if source == name:  # the workbook's tab has no such column
        return joined.with_columns(_cell(name, pl.col(name)))
    cells = _cell(name, pl.col(source))
    old = (name, *(f"{name}|{part}" for part in ("kind", "formula", "format")))
    pairs = zip(cells, old, strict=True)
    return joined.with_columns(pl.when(said).then(new).otherwise(pl.col(name)).alias(name) for new, name in pairs)


def _new_rows(old: pl.DataFrame, typed: pl.DataFrame, key: tuple[str, ...], names: list[str]) -> pl.DataFrame:
    """Rows that only the sidecar has; numbered behind the workbook's."""
    keys = old.select(pl.concat_str([pl.col(k).fill_null("") for k in key], separator=_BETWEEN).alias(KEY))
    new = typed.join(keys, on=KEY, how="anti", maintain_order="left")
    last = int(str(old["row"].max() or 1))
    parts = pl.col(KEY).str.split(_BETWEEN)
    cells = [e for i, k in enumerate(key) for e in _cell(k, parts.list.get(i, null_on_oob=True))]
    cells += [e for name in names for e in _cell(name, pl.col(name))]
    row = (pl.int_range(pl.len()) + last + 1).cast(pl.Int64).alias("row")
    return new.select(row, *cells)
