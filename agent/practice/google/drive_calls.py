"""The calls of the Drive API that concern spreadsheets."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

from agent.practice.google import csv_files, drive_v2, masks
from agent.practice.google.calls import Call
from agent.practice.google.errors import DriveRefused
from agent.practice.google.service import ROLES, File, Google

Body = Mapping[str, Any]
_SHORT = "kind,id,name,mimeType"


def told(google: Google, found: File, who: str) -> dict[str, Any]:
    """The resource File, with what is asked about spreadsheets."""
    last = found.known(google.clock() - timedelta(seconds=google.faults.drive_lag))
    role = google.role(found, who)
    writes = role is not None and ROLES.index(role) >= ROLES.index("writer")
    owns = found.owner == who
    kind = {"kind": "drive#file", "id": found.id, "name": found.name, "mimeType": found.kind}
    return {
        **kind,
        "starred": False,
        "trashed": found.trashed,
        "explicitlyTrashed": found.trashed,
        "parents": found.parents,
        "spaces": ["drive"],
        "version": str(last[1]),
        "webViewLink": f"https://docs.google.com/spreadsheets/d/{found.id}/edit?usp=drivesdk",
        "createdTime": stamp(found.created),
        "modifiedTime": stamp(last[0]),
        "viewedByMe": True,
        "ownedByMe": owns,
        "owners": [_user(found.owner, who)],
        "lastModifyingUser": _user(last[2], who),
        "modifiedByMe": any(one[2] == who for one in found.history),
        "shared": len(found.roles) > 1,
        "capabilities": _capabilities(writes, owns),
        "writersCanShare": True,
        "isAppAuthorized": True,
        "size": "1024",
        "quotaBytesUsed": "1024",
        **({"permissions": list(found.permissions.values())} if writes else {}),
        **found.properties,
    }


def _capabilities(writes: bool, owns: bool) -> dict[str, bool]:
    mine = {"canDelete": owns, "canTrash": owns, "canUntrash": owns}
    edits = ("canEdit", "canModifyContent", "canRename", "canShare", "canComment", "canListChildren")
    named = {name: writes for name in edits if name != "canListChildren"}
    return {**mine, **named, "canCopy": True, "canDownload": True, "canReadRevisions": writes, "canListChildren": False}


def _user(email: str, who: str) -> dict[str, Any]:
    name = email.partition("@")[0]
    return {"kind": "drive#user", "displayName": name, "me": email == who, "emailAddress": email}


def stamp(at: datetime) -> str:
    """A time as Drive tells it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def masked(call: Call, body: dict[str, Any], short: str) -> Any:
    """What of a resource is told: what the call asks for, or else `short`."""
    mask = masks.parse(call.one("fields") or short)
    return masks.shown(body, mask)


def get(call: Call, file_id: str) -> Any:
    """files.get."""
    return masked(call, told(call.google, call.google.drive_file(file_id, call.who), call.who), _SHORT)


def create(call: Call) -> Any:
    """files.create, without content."""
    if call.who in call.google.no_storage:
        sentence = "The user's Drive storage quota has been exceeded."
        raise DriveRefused(sentence, 403, "storageQuotaExceeded")
    name = call.body.get("name") or "Untitled"
    found = call.google.new_file(name, call.who, call.body.get("mimeType") or "application/octet-stream")
    _set(found, call.body)
    return masked(call, told(call.google, found, call.who), _SHORT)


def _set(found: File, asked: Body) -> None:
    if asked.get("parents"):
        found.parents = list(asked["parents"])
    kept = ("description", "starred", "appProperties", "properties", "folderColorRgb")
    found.properties |= {name: asked[name] for name in kept if name in asked}


def copy(call: Call, file_id: str) -> Any:
    """files.copy."""
    source = call.google.drive_file(file_id, call.who)
    name = call.body.get("name") or f"Copy of {source.name}"
    found = call.google.new_file(name, call.who, source.kind)
    if found.book is not None and source.book is not None:
        _copy_cells(source, found)
    _set(found, call.body)
    return masked(call, told(call.google, found, call.who), _SHORT)


def _copy_cells(source: File, found: File) -> None:
    old, new = source.book, found.book
    assert old is not None
    assert new is not None
    new.properties, new.named = deepcopy(old.properties), deepcopy(old.named)
    new.metadata = [dict(one) for one in old.metadata if one["visibility"] == "DOCUMENT"]
    new.has_formulas, new.has_arrays = old.has_formulas, old.has_arrays
    new.tabs = [deepcopy(tab) for tab in old.tabs]


def update(call: Call, file_id: str) -> Any:
    """files.update: name, folder, trash, what else may be said of a file."""
    asked = call.body
    found = call.google.drive_file(file_id, call.who, "writer")
    if asked.get("name"):
        found.name = asked["name"]
        if found.book is not None:
            found.book.title = asked["name"]
    if "trashed" in asked:
        found = call.google.drive_file(file_id, call.who, "owner")
        found.trashed = bool(asked["trashed"])
    for text in (text for text in call.one("addParents").split(",") if text):
        found.parents = [*[one for one in found.parents if one != text], text]
    gone = set(call.one("removeParents").split(","))
    found.parents = [one for one in found.parents if one not in gone]
    _set(found, asked)
    call.google.changed(found, call.who)
    return masked(call, told(call.google, found, call.who), _SHORT)


def delete(call: Call, file_id: str) -> Any:
    """files.delete."""
    call.google.drive_file(file_id, call.who, "owner")
    del call.google.files[file_id]


_TERM = re.compile(
    r"\s*(?P<not>not\s+)?(?:(?P<name>\w+)\s*(?P<sign>=|!=|contains|<=|>=|<|>)\s*"
    r"(?P<value>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|true|false)"
    r"|(?P<in>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")\s+in\s+(?P<list>\w+))\s*(?:and\b|$)"
)


def _query(text: str) -> Callable[[File], bool]:
    """The terms of `q` that there are here, joined by `and`."""
    tests, at = [], 0
    while at < len(text.rstrip()):
        found = _TERM.match(text, at)
        if not found:
            raise DriveRefused("Invalid Value", 400, "invalid", "q")
        tests.append(_test(found))
        at = found.end()
    return lambda one: all(test(one) for test in tests)


def _test(found: re.Match[str]) -> Callable[[File], bool]:
    negated = bool(found["not"])
    if found["in"]:
        wanted, where = _text(found["in"]), found["list"]
        return lambda one: (wanted in _listed(one, where)) != negated
    name, sign, value = found["name"], found["sign"], _text(found["value"])
    return lambda one: _holds(_field(one, name), sign, value) != negated


def _text(quoted: str) -> str:
    return re.sub(r"\\(.)", r"\1", quoted[1:-1]) if quoted[0] in "'\"" else quoted


def _listed(one: File, where: str) -> list[str]:
    by_role = {"owners": ("owner",), "writers": ("owner", "writer"), "readers": ROLES}
    if where == "parents":
        return one.parents
    return [email for email, role in one.roles.items() if role in by_role.get(where, ())]


def _field(one: File, name: str) -> str:
    known = {"name": one.name, "mimeType": one.kind, "trashed": str(one.trashed).lower(), "fullText": one.name}
    if name in {"modifiedTime", "createdTime"}:
        return stamp(one.history[-1][0] if name == "modifiedTime" else one.created)
    if name not in known and name not in {"sharedWithMe", "starred", "visibility"}:
        raise DriveRefused("Invalid Value", 400, "invalid", "q")
    return known.get(name, "false")


def _holds(value: str, sign: str, wanted: str) -> bool:
    if sign == "contains":
        return wanted.lower() in value.lower()
    return {"=": value == wanted, "!=": value != wanted, "<": value < wanted, ">": value > wanted}.get(sign, True)


def listing(call: Call) -> Any:
    """files.list: newest first, in pages."""
    test = _query(call.one("q"))
    google = call.google
    found = [one for one in google.files.values() if google.role(one, call.who) and test(one)]
    found.sort(key=lambda one: (one.history[-1][0], one.created), reverse=True)
    size = int(call.one("pageSize") or 100)
    start = int(call.one("pageToken") or 0)
    page = found[start : start + size]
    body: dict[str, Any] = {"kind": "drive#fileList", "incompleteSearch": False}
    if start + size < len(found):
        body["nextPageToken"] = str(start + size)
    body["files"] = [told(google, one, call.who) for one in page]
    return masked(call, body, f"kind,incompleteSearch,nextPageToken,files({_SHORT})")


def about(call: Call) -> Any:
    """about.get."""
    if not call.one("fields"):
        told_ = "The 'fields' parameter is required for this method."
        raise DriveRefused(told_, 400, "required", "fields")
    limit = "0" if call.who in call.google.no_storage else "16106127360"
    name = call.who.partition("@")[0]
    user = {"kind": "drive#user", "displayName": name, "me": True, "emailAddress": call.who}
    user["permissionId"] = call.google.permission_id(call.who)
    quota = {"limit": limit, "usage": "0", "usageInDrive": "0", "usageInDriveTrash": "0"}
    return masked(call, {"kind": "drive#about", "user": user, "storageQuota": quota}, "*")


def comments(call: Call, file_id: str) -> Any:
    """comments.list: nobody comments here."""
    call.google.drive_file(file_id, call.who)
    return masked(call, {"kind": "drive#commentList", "comments": []}, "*")


def export(call: Call, file_id: str) -> tuple[bytes, str]:
    """files.export: the first tab, as CSV or with tabs between; content and type."""
    found = call.google.drive_file(file_id, call.who)
    kind = call.one("mimeType")
    if found.book is None:
        raise DriveRefused("Export only supports Docs Editors files.", 403, "fileNotExportable")
    signs = {"text/csv": ",", "text/tab-separated-values": "\t"}
    if kind not in signs:
        raise DriveRefused("The requested conversion is not supported.", 400, "badRequest", "convertTo")
    return csv_files.exported(found.book, signs[kind]).encode(), kind


def upload(call: Call, file_id: str, content: bytes) -> Any:
    """The older API's files.update with content: a CSV takes the place of all that is in the spreadsheet."""
    found = call.google.drive_file(file_id, call.who, "writer")
    if found.book is None:
        raise DriveRefused("Bad Request", 400, "badRequest")
    csv_files.imported(found.book, content.decode("utf-8-sig", errors="replace"))
    call.google.changed(found, call.who)
    return drive_v2.told(call.google, found, call.who, stamp)
