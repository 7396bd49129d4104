"""An export of the shop as it lies in the folder: the newest whole file, its rows, and what its columns mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl

from agent.channels.base import ChannelOut
from agent.channels.files.columns import NONE, Kind, Mapped, Unclear, mapped
from agent.channels.files.place import Found, Kept, Place
from agent.tables import Shape, TableOut, table_of
from agent.words import in_words


@dataclass(frozen=True)
class Export:
    """One file, read."""

    found: Found
    body: list[list[str]]
    """The rows below the header."""
    columns: Mapped
    shape: Shape

    @property
    def at(self) -> datetime:
        return self.found.at

    def texts(self, meaning: str) -> pl.Series:
        """What stands in the column of this meaning, row by row, as it is; null where there is no such column."""
        return self._column(self.columns.places.get(meaning), meaning)

    def together(self, meaning: str) -> pl.Series:
        """What stands in all columns of this meaning, with a slash between."""
        parts = [self._column(at, str(at)) for at in self.columns.several.get(meaning, [])]
        if not parts:
            return self._column(None, meaning)
        texts = pl.DataFrame(parts).with_columns(pl.all().str.strip_chars().replace("", None))
        joined = texts.select(pl.concat_str(pl.all(), separator=" / ", ignore_nulls=True)).to_series()
        return joined.replace("", None).alias(meaning)

    def _column(self, at: int | None, name: str) -> pl.Series:
        if at is None:
            return pl.Series(name, [None] * len(self.body), dtype=pl.String)
        return pl.Series(name, [row[at] if len(row) > at else "" for row in self.body], dtype=pl.String)

    def says(self, meaning: str) -> bool:
        """There is such a column."""
        return meaning in self.columns.places


class Reader:
    """Reads the exports of one kind, each file once."""

    def __init__(self, name: str, place: Place, kind: Kind, folder: str, encoding: str | None) -> None:
        self._name, self._place, self._kind, self._folder, self._encoding = name, place, kind, folder, encoding
        self._read: dict[str, Export | str] = {}
        self.unclear: list[Unclear] = []
        """Columns that must be asked for before anything can be read."""
        self.passed: str | None = None
        """Why the newest file is not used, where an older one is."""

    def newest(self, kept: Kept, now: datetime) -> tuple[Export, Kept]:
        """The newest file that can be read whole. Raises ChannelOut: none can, or its columns are not clear."""
        files = self._place.whole(self._folder, now)
        self.passed = None
        for found in files:
            export = self._open(found, kept)
            if isinstance(export, Export):
                return self._settled(export, kept)
            self.passed = self.passed or export
        folder = self._place.folder(self._folder)
        if self.passed:
            raise ChannelOut("host", self.passed, in_words("files.fix_export_again", folder=folder))
        what, fix = (
            ("files.no_products", "files.fix_export")
            if self._kind.name == "products"
            else ("files.no_orders", "files.fix_orders")
        )
        raise ChannelOut("host", in_words(what, name=self._name), in_words(fix, folder=folder))

    def every(self, kept: Kept, now: datetime, most: int) -> tuple[list[Export], Kept]:
        """The newest `most` files that can be read, the oldest first. Raises ChannelOut as `newest`."""
        newest, kept = self.newest(kept, now)
        older = [found for found in self._place.whole(self._folder, now) if found.token != newest.found.token][:most]
        read = [export for found in older if isinstance(export := self._open(found, kept), Export)]
        useful = [export for export in read if not export.columns.unclear and export.at <= newest.at]
        return sorted([*useful, newest], key=lambda export: (export.at, export.found.path.name)), kept

    def _open(self, found: Found, kept: Kept) -> Export | str:
        """The file, or why it is not used."""
        settled = kept.columns.get(self._kind.name, {})
        key = f"{found.token}/{sorted(settled.items())}"
        if key in self._read:
            return self._read[key]
        content = self._place.read(found)
        if content is None:
            return in_words("files.busy", file=found.path.name)
        try:
            rows, shape = table_of(content, found.path.name, self._encoding)
            made: Export | str = _export(found, rows, shape, self._kind, settled)
        except TableOut as out:
            made = in_words("files.unusable", file=found.path.name, why=out)
        if len(self._read) > 200:
            self._read.clear()
        self._read[key] = made
        return made

    def clear(self, meaning: str, choice: int | None) -> None:
        """What a person says of a column that was asked for; an answer to nothing is none. Raises ChannelOut."""
        asked = next((each for each in self.unclear if each.meaning == meaning), None)
        if asked is None or (choice is not None and choice >= len(asked.headers)):
            return
        kept, kind = self._place.kept(), self._kind.name
        header = NONE if choice is None else asked.headers[choice]
        known = {**kept.columns.get(kind, {}), meaning: header}
        self._place.keep(replace(kept, columns={**kept.columns, kind: known}))
        self.unclear = []

    def _settled(self, export: Export, kept: Kept) -> tuple[Export, Kept]:
        """With the meaning of its columns kept; asked for where one is not clear."""
        self.unclear = export.columns.unclear
        if self.unclear:
            say = in_words(
                "files.unclear", name=self._name, file=export.found.path.name, meaning=meaning_of(self.unclear[0])
            )
            raise ChannelOut("host", say, in_words("files.fix_unclear"))
        known = kept.columns.get(self._kind.name, {})
        new = {**export.columns.kept(), **known}
        if new != known:
            kept = replace(kept, columns={**kept.columns, self._kind.name: new})
            self._place.keep(kept)
        return export, kept


def meaning_of(unclear: Unclear) -> str:
    """What a column is to say, in words."""
    known = {
        "sku": in_words("files.meaning_sku"),
        "id": in_words("files.meaning_id"),
        "quantity": in_words("files.meaning_quantity"),
        "order": in_words("files.meaning_order"),
        "listing": in_words("files.meaning_id"),
    }
    ordered = unclear.kind == "orders" and unclear.meaning == "quantity"
    return in_words("files.meaning_ordered") if ordered else known[unclear.meaning]


def _export(found: Found, rows: list[list[str]], shape: Shape, kind: Kind, settled: Mapping[str, str]) -> Export:
    """Raises TableOut where nothing can stand in it, or it was cut off."""
    filled = [row for row in rows if any(text.strip() for text in row)]
    if not filled:
        raise TableOut(in_words("tables.it_is_empty"))
    columns = mapped(kind, filled, settled)
    body = filled[columns.header_row + 1 :]
    if not shape.book and _cut(body, len(columns.header)):
        raise TableOut(in_words("tables.is_cut_off"))
    return Export(found, body, columns, shape)


def _cut(body: Sequence[Sequence[str]], width: int) -> bool:
    """All rows are as wide as the header, and only the last one is not: the file was not written to its end."""
    return bool(body) and len(body[-1]) < width and all(len(row) >= width for row in body[:-1])
