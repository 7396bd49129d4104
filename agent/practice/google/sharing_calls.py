"""The calls of the Drive API about who may do what with a file."""

from __future__ import annotations

from typing import Any

from agent.practice.google.calls import Call
from agent.practice.google.drive_calls import masked
from agent.practice.google.errors import DriveRefused
from agent.practice.google.service import ROLES, File


def permissions(call: Call, file_id: str) -> Any:
    """permissions.list."""
    found = call.google.drive_file(file_id, call.who, "writer")
    body = {"kind": "drive#permissionList", "permissions": list(found.permissions.values())}
    return masked(call, body, "kind,nextPageToken,permissions(id,type,kind,role)")


def share(call: Call, file_id: str) -> Any:
    """permissions.create."""
    google, asked = call.google, call.body
    found = google.drive_file(file_id, call.who, "writer")
    if asked.get("type") not in {"user", "group", "domain", "anyone"} or asked.get("role") not in ROLES:
        raise DriveRefused("The specified permission is invalid.", 400, "invalid")
    if asked["type"] in {"user", "group"} and not asked.get("emailAddress"):
        raise DriveRefused("The permission type field is required.", 400, "required")
    role = asked["role"]
    if role == "owner":
        _give(call, found)
    made = google.share(file_id, asked.get("emailAddress", ""), role)
    made["type"] = asked["type"]
    return masked(call, made, "kind,id,type,role")


def _give(call: Call, found: File) -> None:
    call.google.drive_file(found.id, call.who, "owner")
    if not (call.flag("transferOwnership") or call.body.get("pendingOwner")):
        told_ = "The transferOwnership parameter must be enabled when the permission role is 'owner'."
        raise DriveRefused(told_, 403, "forbidden", "transferOwnership")
    call.google.share(found.id, found.owner, "writer")
    found.owner = call.body.get("emailAddress", found.owner)


def _permission(call: Call, file_id: str, one_id: str) -> tuple[File, dict[str, Any]]:
    found = call.google.drive_file(file_id, call.who, "writer")
    one = found.permissions.get(one_id)
    if one is None:
        raise DriveRefused(f"Permission not found: {one_id}.", 404, "notFound", "permissionId")
    return found, one


def permission(call: Call, file_id: str, one_id: str) -> Any:
    """permissions.get."""
    return masked(call, _permission(call, file_id, one_id)[1], "kind,id,type,role")


def unshare(call: Call, file_id: str, one_id: str) -> Any:
    """permissions.delete."""
    found, one = _permission(call, file_id, one_id)
    if one["role"] == "owner":
        told_ = "The owner of a file cannot be removed."
        raise DriveRefused(told_, 403, "cannotRemoveOwner")
    call.google.revoke(found.id, one.get("emailAddress", ""))


def reshare(call: Call, file_id: str, one_id: str) -> Any:
    """permissions.update."""
    found, one = _permission(call, file_id, one_id)
    role = call.body.get("role", one["role"])
    if role == "owner" and found.owner != one.get("emailAddress"):
        _give(Call(call.google, call.who, call.ask, {**call.body, **one}), found)
    made = call.google.share(found.id, one.get("emailAddress", ""), role)
    if call.body.get("pendingOwner"):
        made["pendingOwner"] = True
    return masked(call, made, "kind,id,type,role")
