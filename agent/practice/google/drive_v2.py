"""A file as the older Drive API, v2, tells it: the answer to an upload."""

from __future__ import annotations

import hashlib
from typing import Any

from agent.practice.google.service import ROLES, SPREADSHEET, File, Google

_API = "https://www.googleapis.com/drive/v2/files"
_DOCS = "https://docs.google.com"
_EXPORTS = {
    "application/x-vnd.oasis.opendocument.spreadsheet": "ods",
    "text/tab-separated-values": "tsv",
    "application/pdf": "pdf",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "text/csv": "csv",
    "application/zip": "zip",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
}
_ROOT = "0APracticeRootPVA"


def told(google: Google, found: File, who: str, stamp: Any) -> dict[str, Any]:
    """The resource File of v2. `stamp`: from a time to its text."""
    made, changed = stamp(found.created), stamp(found.history[-1][0])
    exports = f"{_DOCS}/spreadsheets/export?id={found.id}&exportFormat="
    return {
        "kind": "drive#file",
        "id": found.id,
        "etag": _etag(found.id + changed),
        "selfLink": f"{_API}/{found.id}",
        "alternateLink": f"{_DOCS}/spreadsheets/d/{found.id}/edit?usp=drivesdk",
        "embedLink": f"{_DOCS}/spreadsheets/d/{found.id}/htmlembed?ouid={google.permission_id(who)}",
        "thumbnailLink": f"{_DOCS}/feeds/vt?gd=true&id={found.id}&v=1&s=practice&sz=s220",
        "iconLink": f"https://drive-thirdparty.googleusercontent.com/16/type/{SPREADSHEET}",
        "exportLinks": {kind: exports + short for kind, short in _EXPORTS.items()},
        "title": found.name,
        "mimeType": found.kind,
        "labels": {n: n == "viewed" for n in ("viewed", "restricted", "starred", "hidden")}
        | {"trashed": found.trashed},
        "explicitlyTrashed": found.trashed,
        "createdDate": made,
        "modifiedDate": changed,
        "modifiedByMeDate": changed,
        "lastViewedByMeDate": changed,
        "markedViewedByMeDate": "1970-01-01T00:00:00.000Z",
        "version": str(found.history[-1][1]),
        "parents": [_parent(found.id)],
        "userPermission": _permission(google, found, who),
        "ownerNames": [found.owner],
        "owners": [_user(google, found.owner, who)],
        "lastModifyingUserName": who,
        "lastModifyingUser": _user(google, who, who),
        "editable": True,
        "copyable": True,
        "writersCanShare": True,
        "copyRequiresWriterPermission": False,
        "shared": len(found.roles) > 1,
        "appDataContents": False,
        "spaces": ["drive"],
        "fileSize": "1024",
        "quotaBytesUsed": "1024",
        "capabilities": {"canEdit": True, "canCopy": True},
    }


def _etag(text: str) -> str:
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:18]}"'


def _parent(file_id: str) -> dict[str, Any]:
    return {
        "selfLink": f"{_API}/{file_id}/parents/{_ROOT}",
        "id": _ROOT,
        "isRoot": True,
        "kind": "drive#parentReference",
        "parentLink": f"{_API}/{_ROOT}",
    }


def _permission(google: Google, found: File, who: str) -> dict[str, Any]:
    role = google.role(found, who) or ROLES[0]
    own = {"id": "me", "type": "user", "role": role, "kind": "drive#permission", "etag": _etag(who)}
    return own | {"selfLink": f"{_API}/{found.id}/permissions/me", "pendingOwner": False}


def _user(google: Google, email: str, who: str) -> dict[str, Any]:
    return {
        "displayName": email,
        "kind": "drive#user",
        "isAuthenticatedUser": email == who,
        "permissionId": google.permission_id(email),
        "emailAddress": email,
        "picture": {"url": "https://lh3.googleusercontent.com/a/default-user=s64"},
    }
