"""The newest whole export of products, worked out once a file, without the quantities that say nothing yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import polars as pl

from agent.channels.files import sent
from agent.channels.files.export import Export, Reader
from agent.channels.files.listings import Catalogue, catalogue, key_of
from agent.channels.files.place import Kept, Place, Sent


@dataclass(frozen=True)
class Shown:
    """What the shop shows, as far as its export says."""

    frame: pl.DataFrame
    """LISTINGS; no quantity where the export is older than what was sent."""
    export: Export
    issues: tuple[str, ...]
    left: Mapping[str, Sent]
    """What is still waited for, by stock cell."""


class Products:
    """The exports of products of one shop. Its methods raise ChannelOut where none can be read."""

    def __init__(self, name: str, place: Place, reader: Reader, patience: timedelta) -> None:
        """`patience`: so long after its import file was taken, a quantity counts as carried out."""
        self._name, self._place, self._reader, self._patience = name, place, reader, patience
        self._made: tuple[str, Catalogue] | None = None

    def newest(self, kept: Kept, now: datetime) -> tuple[Export, Catalogue, Kept]:
        """The newest one that can be read whole, and what it says."""
        export, kept = self._reader.newest(kept, now)
        if kept.key is None:
            kept = replace(kept, key=key_of(export))
            self._place.keep(kept)
        mark = f"{export.found.token}/{kept.key}/{export.columns.places}"
        if self._made is None or self._made[0] != mark:
            self._made = (mark, catalogue(self._name, export, kept.key or "sku"))
        return export, self._made[1], kept

    def shown(self, now: datetime) -> Shown:
        """What it says of now; keeps what is still waited for, and puts away what was carried out."""
        export, made, kept = self.newest(self._place.kept(), now)
        noticed = sent.noticed(kept.sent, self._place.waits, now)
        frame, left, carried = sent.settled(made.frame, noticed, export.at, self._patience)
        old = tuple(file for file in kept.old if not self._place.remove(file))
        for file in carried:
            self._place.put_away(file)
        new = replace(kept, sent=left, old=old)
        if new != kept:
            self._place.keep(new)
        return Shown(frame, export, made.issues, left)
