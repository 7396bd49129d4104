"""How Amazon says that something is not so."""

from __future__ import annotations

import json
from typing import Any

from agent.practice.wire import Response

JSON = "application/json"


class Refusal(Exception):
    """A call that is answered with an error."""

    def __init__(self, status: int, code: str, message: str, details: str = "") -> None:
        super().__init__(message)
        self.response = refusal(status, code, message, details)


def refusal(status: int, code: str, message: str, details: str = "", **headers: str) -> Response:
    """Amazon's list of errors, with one in it."""
    return said(status, {"errors": [{"code": code, "message": message, "details": details}]}, **headers)


def said(status: int, body: Any, **headers: str) -> Response:
    """An answer in JSON."""
    return Response(status, json.dumps(body, ensure_ascii=False).encode(), {"Content-Type": JSON, **headers})


def invalid(message: str) -> Refusal:
    """A question that Amazon cannot read."""
    return Refusal(400, "InvalidInput", message)


def denied(details: str = "") -> Refusal:
    """Who calls may not: a token that is not good (then the details say so), or a role that is missing."""
    return Refusal(403, "Unauthorized", "Access to requested resource is denied.", details)


def absent(what: str) -> Refusal:
    return Refusal(404, "NOT_FOUND", f"{what} not found")


NOT_GOOD = "The access token you provided is revoked, malformed or invalid."
HAS_ENDED = "The access token you provided has expired."
