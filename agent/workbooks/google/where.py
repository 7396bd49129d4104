"""Where things stand: what a look asks for, and whether headings, keys and rows are where they were seen last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from agent.workbooks.google import looking, writing
from agent.workbooks.google.looking import Look, Place, Row, Sheet
from agent.workbooks.google.marks import Marks
from agent.workbooks.tabs import BY_NAME, ITEM_MASTER, Tab


def asked_of(tab: Tab, sheet: Sheet, place: Place | None) -> list[looking.Range]:
    """What of a tab is asked for in a whole look: all of a person's, of the agent's what has a meaning."""
    if tab.owner == "person" or place is None:
        return [looking.whole(sheet)]
    return looking.ranges_of(place)


def found(
    tabs: Mapping[str, Sheet],
    asked: Mapping[str, Sequence[looking.Range]],
    values: Iterable[Any],
    places: Mapping[str, Place],
    known: Marks,
) -> tuple[dict[str, Place], dict[str, Sequence[Row]]] | None:
    """Places and rows; None where a heading of the agent's tabs is not where it was."""
    given, there, rows = iter(values), dict[str, Place](), dict[str, Sequence[Row]]()
    for name, sheet in tabs.items():
        answers = [next(given) for _ in asked[name]]
        tab = BY_NAME[name]
        if tab.owner == "person":
            own = known.adopted if name == ITEM_MASTER.name and known.tabs.get(name) == sheet.id else None
            place = looking.place_of(tab, sheet, answers[0], own)
        elif _headings_stand(places[name], answers):
            place = places[name]
        else:
            return None
        there[name], rows[name] = place, looking.rows_of(place, answers) if place.columns else ()
    return there, rows


def _headings_stand(place: Place, answers: Sequence[Sequence[Sequence[Any]]]) -> bool:
    """Every heading is where it was."""
    row = answers[0][0] if answers and answers[0] else []
    known = {**place.headers.columns, **place.extra}
    return known == {name: row.index(name) for name in known if name in row}


def glance(look: Look) -> Iterator[looking.Range]:
    """What people type into most: SKU and Counted, Control, answers, the end of Stock In and Out; and the mark."""
    yield from looking.mark_range(look.sheets)
    for name, place in look.places.items():
        if name == "Item Master":
            yield from (looking.column(place.sheet, i) for n in ("SKU", "Stocked") if (i := place.index(n)) is not None)
        elif name == "Control":
            yield looking.whole(place.sheet)
        elif name == "Stock In and Out":
            last = min(writing.last_row(place, look.rows[name]), place.sheet.rows) - 1
            yield {"sheetId": place.sheet.id, "startRowIndex": last}
        for column in place.tab.person_columns if place.tab.owner == "agent" else ():
            if (index := place.index(column)) is not None:
                yield looking.column(place.sheet, index)


def moved(before: Look, after: Look, name: str) -> bool:
    """Whether rows or columns of an agent's tab stand elsewhere than they were seen last."""
    old, new = before.places.get(name), after.places.get(name)
    if old is None or new is None or (old.headers.columns, old.extra) != (new.headers.columns, new.extra):
        return True
    keys = [new.columns.index(column) for column in new.tab.key if column in new.columns]
    rows = [[(number, *(row[i] for i in keys)) for number, row in look.rows.get(name, ())] for look in (before, after)]
    return rows[0] != rows[1]


def naming(places: Iterable[Place]) -> dict[str, looking.Range]:
    """Tabs with the column that each row of theirs fills, where they have one."""
    return {
        place.tab.name: looking.column(place.sheet, at[1], place.headers.row)
        for place in places
        if (at := _naming(place)) is not None
    }


def _naming(place: Place) -> tuple[str, int] | None:
    names = (*place.tab.key, *place.tab.names)
    return next(((name, index) for name in names if (index := place.index(name)) is not None), None)


def stands(model: pl.DataFrame, values: Sequence[Sequence[Any]], place: Place) -> bool:
    """Whether the column that each row of an agent's own tab fills says what was written."""
    at = _naming(place)
    if at is None:
        return False
    column = at[0]
    rows = dict(enumerate((looking.scalar(row[0]) if row else None for row in values), place.headers.row + 1))
    mine = dict(model.select("row", column).rows())
    return all(rows.get(row) == value for row, value in mine.items()) and all(
        value is None or row in mine for row, value in rows.items()
    )


def rows_after(place: Place, rows: Sequence[Row], model: pl.DataFrame) -> list[Row]:
    """The rows of a tab as a look will see them after the write."""
    before = dict(rows)
    names = [name for name in place.columns if name in model.columns]
    at = {name: i for i, name in enumerate(place.columns)}
    for number, *cells in model.select("row", *names).rows():
        row = list(before.get(number, (None,) * len(at)))
        for name, value in zip(names, cells, strict=True):
            row[at[name]] = value
        before[number] = tuple(row)
    return [(number, row) for number, row in sorted(before.items()) if any(value is not None for value in row)]
