"""Setting quantities by an import file: one file a push (CHANGES in, RESULTS out). Written is not carried: all is
`sent` until an export shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import polars as pl

from agent.channels.base import ChannelOut
from agent.channels.files import imports
from agent.channels.files.export import Export
from agent.channels.files.listings import ROW, Catalogue
from agent.channels.files.place import Kept, Place, Sent
from agent.channels.files.reader import Products
from agent.channels.pushing import Result, Results, as_frame, sort_out


class Pusher:
    """The write side."""

    def __init__(self, name: str, place: Place, products: Products, also: Sequence[str]) -> None:
        self._name, self._place, self._products, self._also = name, place, products, also

    def push(self, changes: pl.DataFrame, now: datetime) -> pl.DataFrame:
        """As `Channel.push`. A file that was not carried away yet is taken into the new one."""
        good, found = sort_out(changes, _line)
        try:
            if good:
                found |= self._write(good, now)
        except ChannelOut as out:
            found |= {at: Result("not_sent", message=out.what, kind=out.kind) for at, _ in good if at not in found}
        return as_frame(changes, found, str)

    def _write(self, lines: Sequence[tuple[int, imports.Line]], now: datetime) -> Results:
        export, made, kept = self._products.newest(self._place.kept(), now)
        results = imports.judge(lines, export, made, self._also)
        new = [line for at, line in lines if at not in results]
        if not new:
            return results
        waiting = {cell: each for cell, each in kept.sent.items() if not each.taken and self._place.waits(each.file)}
        still = _listed(waiting, made)
        together = {
            **{cell: each.quantity for cell, each in still.items()},
            **{line.cell: line.quantity for line in new},
        }
        file = self._file([imports.Line(*each) for each in together.items()], export, made, kept, now)
        entries = {cell: replace(each, file=file) for cell, each in still.items()}
        shown = dict(made.frame.select("cell", "quantity").iter_rows())
        for line in new:
            before = waiting[line.cell].before if line.cell in waiting else shown.get(line.cell)
            entries[line.cell] = Sent(line.quantity, before, now.isoformat(), file)
        replaced = {each.file for each in waiting.values()}
        old = tuple(sorted({*kept.old, *(each for each in replaced if not self._place.remove(each))}))
        rest = {cell: each for cell, each in kept.sent.items() if cell not in waiting}
        self._place.keep(replace(kept, sent={**rest, **entries}, old=old))
        return results | {at: Result("sent") for at, _ in lines if at not in results}

    def _file(self, lines: Sequence[imports.Line], export: Export, made: Catalogue, kept: Kept, now: datetime) -> str:
        """Puts the import file where it is taken from; gives its name."""
        taken = dict.fromkeys([*kept.old, *(each.file for each in kept.sent.values())])
        file = imports.name_of(self._name, now, export, taken)
        self._place.write(file, imports.content(lines, export, made, self._also))
        return file


def _listed(waiting: Mapping[str, Sent], made: Catalogue) -> dict[str, Sent]:
    """Those of which the shop still has the listing."""
    there = set(made.rows["listing"].to_list())
    return {cell: each for cell, each in waiting.items() if cell.removeprefix(ROW) in there}


def _line(at: int, cell: str, quantity: int | None, _: int | None) -> tuple[int, imports.Line] | None:
    if not cell.startswith(ROW) or quantity is None or quantity < 0:
        return None
    return at, imports.Line(cell, quantity)
