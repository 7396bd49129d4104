"""DataFilters, and the developer metadata that they look up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agent.practice.google.a1 import Area
from agent.practice.google.book import Book
from agent.practice.google.errors import Refused
from agent.practice.google.tab import Tab

Body = Mapping[str, Any]


def new_metadata(book: Book, asked: Body) -> dict[str, Any]:
    """A piece of developer metadata as it is kept, from what was asked; refused where it cannot be."""
    if not asked.get("metadataKey"):
        raise Refused("developerMetadata.metadataKey must be set.")
    if asked.get("visibility") not in {"DOCUMENT", "PROJECT"}:
        raise Refused("developerMetadata.visibility must be set.")
    if "locationType" in asked.get("location", {}):
        raise Refused("developerMetadata.location.locationType is a read-only field and cannot be set.")
    one_id = asked.get("metadataId") or book.new_id()
    if any(one["metadataId"] == one_id for one in book.metadata):
        raise Refused(f"Developer metadata with ID {one_id} already exists.")
    found = {"metadataId": one_id, "metadataKey": asked["metadataKey"]}
    if asked.get("metadataValue"):
        found["metadataValue"] = asked["metadataValue"]
    place = location(book, asked.get("location", {}))
    return found | {"location": place, "visibility": asked["visibility"]}


def location(book: Book, asked: Body) -> dict[str, Any]:
    """A place of developer metadata as it is kept: the spreadsheet, a tab, one row or one column."""
    if asked.get("spreadsheet"):
        return {"locationType": "SPREADSHEET", "spreadsheet": True}
    if "dimensionRange" in asked:
        return _line(book, asked["dimensionRange"])
    if "sheetId" in asked:
        return {"locationType": "SHEET", "sheetId": book.tab(asked["sheetId"], "sheet").sheet_id}
    raise Refused("developerMetadata.location must be set.")


def _line(book: Book, asked: Body) -> dict[str, Any]:
    tab = book.tab(asked.get("sheetId", 0))
    dimension, start, end = asked.get("dimension", ""), asked.get("startIndex", 0), asked.get("endIndex", 0)
    if end - start != 1:
        raise Refused("Developer metadata can only be set on a single row or column.")
    if end > tab.count(dimension):
        raise Refused(f"Dimension {dimension} {start} is out of bounds.")
    own = {"sheetId": tab.sheet_id} if tab.sheet_id else {}
    span = {**own, "dimension": dimension, "startIndex": start, "endIndex": end}
    return {"locationType": "ROW" if dimension == "ROWS" else "COLUMN", "dimensionRange": span}


def matching_metadata(book: Book, data_filters: Sequence[Body]) -> list[dict[str, Any]]:
    """The developer metadata that any of the filters selects, in their order."""
    return [one for one in book.metadata if any(_selects(book, each, one) for each in data_filters)]


def _selects(book: Book, data_filter: Body, one: Body) -> bool:
    if "developerMetadataLookup" in data_filter:
        return _looked_up(data_filter["developerMetadataLookup"], one)
    tab, area = area_of(book, data_filter)
    place = one["location"]
    if place["locationType"] in {"SPREADSHEET", "SHEET"}:
        return False
    span = place["dimensionRange"]
    if span.get("sheetId", 0) != tab.sheet_id:
        return False
    low, high = (area.top, area.bottom) if place["locationType"] == "ROW" else (area.left, area.right)
    return bool((low or 0) <= span["startIndex"] and (high is None or span["endIndex"] <= high))


def _looked_up(look: Body, one: Body) -> bool:
    for name in ("metadataId", "metadataKey", "metadataValue", "visibility"):
        if name in look and look[name] != one.get(name):
            return False
    if "metadataLocation" in look:
        return _lies(look["metadataLocation"], one["location"], look.get("locationMatchingStrategy"))
    return "locationType" not in look or look["locationType"] == one["location"]["locationType"]


def _lies(wanted: Body, place: Body, strategy: str | None) -> bool:
    if wanted.get("spreadsheet"):
        return place["locationType"] == "SPREADSHEET" or strategy == "INTERSECTING_LOCATION"
    if "sheetId" in wanted:
        on = place.get("sheetId", place.get("dimensionRange", {}).get("sheetId", 0)) == wanted["sheetId"]
        tab_itself = place["locationType"] == "SHEET"
        return bool(on and place["locationType"] != "SPREADSHEET") and (
            tab_itself or strategy == "INTERSECTING_LOCATION"
        )
    span, own = wanted.get("dimensionRange", {}), place.get("dimensionRange")
    if own is None or span.get("sheetId", 0) != own.get("sheetId", 0) or span.get("dimension") != own["dimension"]:
        return False
    start, end = span.get("startIndex", 0), span.get("endIndex", 10**9)
    if strategy == "INTERSECTING_LOCATION":
        return bool(start < own["endIndex"] and own["startIndex"] < end)
    return bool((start, end) == (own["startIndex"], own["endIndex"]))


def area_of(book: Book, data_filter: Body) -> tuple[Tab, Area]:
    """The tab and area of a filter by a1Range or gridRange."""
    if "a1Range" in data_filter:
        return book.find(str(data_filter["a1Range"]))
    if "gridRange" in data_filter:
        asked = data_filter["gridRange"]
        return book.tab(asked.get("sheetId", 0)), Area.of(asked)
    raise Refused("Must specify exactly one of: developerMetadataLookup, a1Range, gridRange")


def areas(book: Book, data_filter: Body) -> list[tuple[Tab, Area]]:
    """Every place that a filter selects."""
    if "developerMetadataLookup" not in data_filter:
        return [area_of(book, data_filter)]
    found = [one["location"] for one in matching_metadata(book, [data_filter])]
    return [_place(book, one) for one in found if one["locationType"] != "SPREADSHEET"]


def _place(book: Book, place: Body) -> tuple[Tab, Area]:
    if place["locationType"] == "SHEET":
        return book.tab(place["sheetId"]), Area()
    span = place["dimensionRange"]
    tab = book.tab(span.get("sheetId", 0))
    start, end = span["startIndex"], span["endIndex"]
    return tab, Area(start, end) if place["locationType"] == "ROW" else Area(None, None, start, end)
