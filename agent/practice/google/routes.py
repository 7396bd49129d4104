"""From a request to a response: faults, token, quota, the table of calls, body, headers."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC
from functools import partial
from typing import Any
from urllib.parse import unquote

from agent.practice.faults import send
from agent.practice.google import drive_calls, masks, sharing_calls, sheet_calls, tokens, value_calls
from agent.practice.google.calls import Call
from agent.practice.google.errors import DriveRefused, Refused, answered, refusal, violation
from agent.practice.google.faults import too_many, unavailable
from agent.practice.google.service import Google
from agent.practice.serve import Opens
from agent.practice.wire import Request, Response, in_its_time

LARGEST = 10 * 1024 * 1024
"""Bytes that a request may have."""

_MISSING = (
    "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other "
    "valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."
)
_INVALID = _MISSING.replace(
    "Request is missing required authentication credential.", "Request had invalid authentication credentials."
)
_BOOK, _FILES = "/v4/spreadsheets", "(?:/drive/v3)?/files"
_ONE, _FILE = rf"{_BOOK}/([^/:]+)/?", rf"{_FILES}/([^/]+)"
Handler = Callable[..., Any]

_TABLE: tuple[tuple[str, str, Handler, bool], ...] = (
    ("POST", rf"{_BOOK}/?", sheet_calls.create, True),
    ("GET", _ONE, sheet_calls.get, False),
    ("POST", rf"{_ONE}:getByDataFilter", sheet_calls.get_by_filter, False),
    ("POST", rf"{_ONE}:batchUpdate", sheet_calls.batch_update, True),
    ("POST", rf"{_ONE}/sheets/([0-9]+):copyTo", sheet_calls.copy_to, True),
    ("GET", rf"{_ONE}/developerMetadata/([0-9]+)", sheet_calls.metadata_get, False),
    ("POST", rf"{_ONE}/developerMetadata:search", sheet_calls.metadata_search, False),
    ("GET", rf"{_ONE}/values:batchGet", value_calls.values_batch_get, False),
    ("POST", rf"{_ONE}/values:batchUpdate", value_calls.values_batch_update, True),
    ("POST", rf"{_ONE}/values:batchClear", value_calls.values_batch_clear, True),
    ("POST", rf"{_ONE}/values:batchGetByDataFilter", value_calls.values_by_filter, False),
    ("POST", rf"{_ONE}/values:batchUpdateByDataFilter", value_calls.values_update_by_filter, True),
    ("POST", rf"{_ONE}/values:batchClearByDataFilter", value_calls.values_clear_by_filter, True),
    ("POST", rf"{_ONE}/values/(.+):append", value_calls.values_append, True),
    ("POST", rf"{_ONE}/values/(.+):clear", value_calls.values_clear, True),
    ("GET", rf"{_ONE}/values/(.+)", value_calls.values_get, False),
    ("PUT", rf"{_ONE}/values/(.+)", value_calls.values_update, True),
    ("GET", "(?:/drive/v3)?/about", drive_calls.about, False),
    ("GET", _FILES, drive_calls.listing, False),
    ("POST", _FILES, drive_calls.create, True),
    ("GET", rf"{_FILE}", drive_calls.get, False),
    ("PATCH", rf"{_FILE}", drive_calls.update, True),
    ("DELETE", rf"{_FILE}", drive_calls.delete, True),
    ("POST", rf"{_FILE}/copy", drive_calls.copy, True),
    ("GET", rf"{_FILE}/export", drive_calls.export, False),
    ("GET", rf"{_FILE}/comments", drive_calls.comments, False),
    ("GET", rf"{_FILE}/permissions", sharing_calls.permissions, False),
    ("POST", rf"{_FILE}/permissions", sharing_calls.share, True),
    ("GET", rf"{_FILE}/permissions/([^/]+)", sharing_calls.permission, False),
    ("PATCH", rf"{_FILE}/permissions/([^/]+)", sharing_calls.reshare, True),
    ("DELETE", rf"{_FILE}/permissions/([^/]+)", sharing_calls.unshare, True),
    ("PUT", r"/upload/drive/v2/files/([^/]+)", drive_calls.upload, True),
)
_ROUTES = [(method, re.compile(path), handler, writes) for method, path, handler, writes in _TABLE]
_OPEN = {
    ("POST", "/token"): tokens.token,
    ("POST", "/oauth2/v4/token"): tokens.token,
    ("GET", "/o/oauth2/v2/auth"): tokens.consent,
    ("GET", "/o/oauth2/auth"): tokens.consent,
    ("POST", "/revoke"): tokens.revoke,
}


async def answer(google: Google, request: Request) -> Response:
    """The answer in its time."""
    return await in_its_time(partial(handle, google, request), google.faults.slow, google.sleep)


opens = Opens(answer)


def handle(google: Google, request: Request) -> Response:
    """The answer, at once; raises ConnectionLost where the answer never comes."""
    stopped = google.faults.before(google.rng)
    if stopped is None:
        response, wrote = _respond(google, request)
    else:
        response, wrote = stopped, False
    send(google, request, response, google.clock().astimezone(UTC), wrote=wrote)
    if wrote and google.faults.strikes("unavailable_after_apply", google.rng):
        return unavailable()
    if google.faults.strikes("truncated", google.rng):
        response.body = response.body[: len(response.body) // 2]
    return response


def _respond(google: Google, request: Request) -> tuple[Response, bool]:
    """The answer, and whether something was changed."""
    if open_call := _OPEN.get((request.method, request.path)):
        return open_call(google, request), False
    try:
        return _called(google, request)
    except Refused as refused:
        return refusal(refused), False


def _called(google: Google, request: Request) -> tuple[Response, bool]:
    for method, path, handler, writes in _ROUTES:
        found = path.fullmatch(request.path) if method == _method(request) else None
        if found:
            who = _caller(google, request)
            drive = not request.path.startswith(_BOOK)
            if over := _over(google, who, drive, writes):
                return over, False
            call = Call(google, who, _asked(request), {} if handler is drive_calls.upload else _body(request))
            return _told(handler, call, [unquote(part) for part in found.groups()], request), writes
    return Response(
        404, b"<!DOCTYPE html><title>Error 404 (Not Found)!!1</title>", {"Content-Type": "text/html"}
    ), False


def _method(request: Request) -> str:
    return request.headers.get("x-http-method-override", request.method).upper()


def _caller(google: Google, request: Request) -> str:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    token = token if kind.lower() == "bearer" else dict(request.query).get("access_token", "")
    if not token:
        raise Refused(_MISSING, 401)
    who = google.who(token)
    if who is None or google.faults.strikes("expired_token", google.rng):
        raise Refused(_INVALID, 401)
    return who


def _over(google: Google, who: str, drive: bool, writes: bool) -> Response | None:
    if drive:
        if google.faults.strikes("drive_throttled", google.rng):
            raise DriveRefused("User Rate Limit Exceeded", 403, "userRateLimitExceeded")
        return None
    if google.faults.strikes("throttled", google.rng):
        return too_many("Write" if writes else "Read", "PerMinutePerUser", 60, google.faults.retry_after)
    return google.quotas.spend(google.faults, who, writes)


def _asked(request: Request) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in request.query:
        found.setdefault(name, []).append(value)
    return found


def _body(request: Request) -> dict[str, Any]:
    if len(request.body) > LARGEST:
        raise Refused(f"Request payload size exceeds the limit: {LARGEST} bytes.")
    if not request.body.strip():
        return {}
    try:
        found = request.json()
    except ValueError:
        raise Refused("Invalid JSON payload received. Unexpected token.") from None
    if not isinstance(found, dict):
        raise violation("", 'Invalid JSON payload received. Unknown name "": Root element must be a message.')
    return found


def _told(handler: Handler, call: Call, parts: list[str], request: Request) -> Response:
    if handler is drive_calls.export:
        content, kind = drive_calls.export(call, *parts)
        return Response(200, content, {"Content-Type": kind})
    if handler is drive_calls.upload:
        return answered(drive_calls.upload(call, parts[0], request.body))
    body = handler(call, *parts)
    if body is None:
        return Response(204)
    return answered(_masked(call, body, request.path))


def _masked(call: Call, body: Any, path: str) -> Any:
    """Any call's answer under its `fields`; those that look at the mask themselves have it done already."""
    if not call.one("fields") or not path.startswith(_BOOK):
        return body
    return masks.shown(body, masks.parse(call.one("fields")))
