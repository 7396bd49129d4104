"""Requests about named ranges, protected ranges and developer metadata."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent.practice.google import filters, masks
from agent.practice.google.a1 import Area, parse
from agent.practice.google.errors import PROTECTED, Refused
from agent.practice.google.guards import Writer
from agent.practice.google.tab import Tab

Body = Mapping[str, Any]
Reply = dict[str, Any]


def _range(writer: Writer, asked: Body) -> dict[str, Any]:
    tab, _ = writer.book.ranged(asked)
    return Area.of(asked).told(tab.sheet_id)


def _name(writer: Writer, body: Body) -> Reply:
    asked = body.get("namedRange", {})
    _check_name(writer, asked.get("name", ""))
    named_id = asked.get("namedRangeId") or str(writer.book.new_id())
    if any(one["namedRangeId"] == named_id for one in writer.book.named):
        raise Refused(f"A named range with id {named_id} already exists.")
    found = {"namedRangeId": named_id, "name": asked["name"], "range": _range(writer, asked.get("range", {}))}
    writer.book.named = [*writer.book.named, found]
    return {"addNamedRange": {"namedRange": found}}


def _check_name(writer: Writer, name: str, own: str = "") -> None:
    if not name or " " in name or parse(name) is not None or not (name[0].isalpha() or name[0] == "_"):
        raise Refused(f"The name of a named range is not valid: {name}")
    if any(one["name"].lower() == name.lower() and one["namedRangeId"] != own for one in writer.book.named):
        raise Refused(f"A named range with name {name} already exists.")


def _unname(writer: Writer, body: Body) -> Reply:
    found = _named(writer, body.get("namedRangeId", ""))
    writer.book.named = [one for one in writer.book.named if one is not found]
    return {}


def _named(writer: Writer, named_id: str) -> dict[str, Any]:
    for one in writer.book.named:
        if one["namedRangeId"] == named_id:
            return one
    raise Refused(f"No named range with id: {named_id}")


def _rename(writer: Writer, body: Body) -> Reply:
    asked, mask = body.get("namedRange", {}), masks.fields(body.get("fields"), ("name", "range", "namedRangeId"))
    found = _named(writer, asked.get("namedRangeId", ""))
    if "name" in mask or "*" in mask:
        _check_name(writer, asked.get("name", ""), found["namedRangeId"])
        found["name"] = asked["name"]
    if "range" in mask or "*" in mask:
        found["range"] = _range(writer, asked.get("range", {}))
    return {}


_PROTECTED = ("range", "namedRangeId", "tableId", "description", "warningOnly", "editors", "unprotectedRanges")


def _protect(writer: Writer, body: Body) -> Reply:
    asked = body.get("protectedRange", {})
    tab = _where(writer, asked)
    one_id = asked.get("protectedRangeId") or writer.book.new_id()
    if any(one["protectedRangeId"] == one_id for each in writer.book.tabs for one in each.things.protected):
        raise Refused(f"A protected range with id {one_id} already exists.")
    found = {"protectedRangeId": one_id, **_kept(writer, tab, asked)}
    tab.things.protected.append(found)
    named = {
        name: who for name, who in asked.get("editors", {}).items() if who
    }  # the caller, added to them, is not told
    return {"addProtectedRange": {"protectedRange": {**found, "editors": named}}}


def _where(writer: Writer, asked: Body) -> Tab:
    if "namedRangeId" in asked:
        named = _named(writer, asked["namedRangeId"])
        return writer.book.tab(named["range"].get("sheetId", 0))
    return writer.book.ranged(asked.get("range", {}))[0]


def _kept(writer: Writer, tab: Tab, asked: Body) -> dict[str, Any]:
    kept: dict[str, Any] = {"range": Area.of(asked.get("range", {})).told(tab.sheet_id)}
    if "namedRangeId" in asked:
        kept = {"range": _named(writer, asked["namedRangeId"])["range"], "namedRangeId": asked["namedRangeId"]}
    for name in ("description", "warningOnly", "unprotectedRanges"):
        if asked.get(name):
            kept[name] = asked[name]
    kept["requestingUserCanEdit"] = True
    editors = asked.get("editors", {})
    if asked.get("warningOnly") and (editors.get("users") or editors.get("groups")):
        raise Refused("Cannot specify editors for a warning-only protected range.")
    users = list(editors.get("users", []))
    users += [] if writer.email in users else [writer.email]
    kept["editors"] = {"users": users} | {n: v for n, v in editors.items() if n != "users" and v}
    return kept


def _protected(writer: Writer, one_id: int) -> tuple[Tab, dict[str, Any]]:
    for tab in writer.book.tabs:
        for one in tab.things.protected:
            if one["protectedRangeId"] == one_id:
                if not (writer.owner or one.get("warningOnly") or writer.email in one["editors"].get("users", [])):
                    raise Refused(PROTECTED)
                return tab, one
    raise Refused(f"No protected range with id: {one_id}")


def _update_protected(writer: Writer, body: Body) -> Reply:
    asked, mask = body.get("protectedRange", {}), masks.fields(body.get("fields"))
    tab, found = _protected(writer, asked.get("protectedRangeId", 0))
    merged = {**found, "editors": found.get("editors", {})}
    new = masks.changed(merged, {**asked, "protectedRangeId": found["protectedRangeId"]}, mask)
    if new.get("warningOnly"):
        new["editors"] = {}
    new_tab = _where(writer, new)
    tab.things.protected.remove(found)
    new_tab.things.protected.append({"protectedRangeId": found["protectedRangeId"], **_kept(writer, new_tab, new)})
    return {}


def _unprotect(writer: Writer, body: Body) -> Reply:
    tab, found = _protected(writer, body.get("protectedRangeId", 0))
    tab.things.protected.remove(found)
    return {}


def _tag(writer: Writer, body: Body) -> Reply:
    found = filters.new_metadata(writer.book, body.get("developerMetadata", {}))
    writer.book.metadata = [*writer.book.metadata, found]
    return {"createDeveloperMetadata": {"developerMetadata": found}}


def _retag(writer: Writer, body: Body) -> Reply:
    found = filters.matching_metadata(writer.book, body.get("dataFilters", []))
    mask, changed = masks.fields(body.get("fields")), []
    for one in found:
        new = masks.changed(one, {**body.get("developerMetadata", {}), "metadataId": one["metadataId"]}, mask)
        if "location" in mask or "*" in mask:
            new["location"] = filters.location(writer.book, new.get("location", {}))
        one.clear()
        one.update(new)
        changed.append(one)
    return {"updateDeveloperMetadata": {"developerMetadata": changed} if changed else {}}


def _untag(writer: Writer, body: Body) -> Reply:
    found = filters.matching_metadata(writer.book, [body.get("dataFilter", {})])
    writer.book.metadata = [one for one in writer.book.metadata if one not in found]
    return {"deleteDeveloperMetadata": {"deletedDeveloperMetadata": found} if found else {}}


KINDS = {
    "addNamedRange": _name,
    "deleteNamedRange": _unname,
    "updateNamedRange": _rename,
    "addProtectedRange": _protect,
    "updateProtectedRange": _update_protected,
    "deleteProtectedRange": _unprotect,
    "createDeveloperMetadata": _tag,
    "updateDeveloperMetadata": _retag,
    "deleteDeveloperMetadata": _untag,
}
