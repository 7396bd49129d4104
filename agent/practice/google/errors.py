"""What Google refuses, in its own words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from agent.practice.wire import Response

JSON = {"Content-Type": "application/json; charset=UTF-8", "Vary": "Origin, X-Origin, Referer"}
STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    413: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}
PROTECTED = (
    "You are trying to edit a protected cell or object. "
    "Please contact the spreadsheet owner to remove protection if you need to edit."
)
NOT_FOUND = "Requested entity was not found."
FORBIDDEN = "The caller does not have permission"


class Refused(Exception):
    """A call that is answered with an error of the Sheets API. `message`: the sentence; `details`: as on the wire."""

    def __init__(self, message: str, code: int = 400, details: list[dict[str, Any]] | None = None) -> None:
        super().__init__(message)
        self.message, self.code, self.details = message, code, details

    def body(self) -> dict[str, Any]:
        """The body of the answer."""
        error: dict[str, Any] = {"code": self.code, "message": self.message, "status": STATUS[self.code]}
        return {"error": error | ({"details": self.details} if self.details else {})}


class DriveRefused(Refused):
    """The same of the Drive API, whose errors have another form. `reason`: Google's name of it."""

    def __init__(self, message: str, code: int, reason: str, where: str = "") -> None:
        super().__init__(message, code)
        self.reason, self.where = reason, where

    def body(self) -> dict[str, Any]:
        """The body of the answer."""
        one: dict[str, Any] = {"message": self.message, "domain": "global", "reason": self.reason}
        if self.where:
            one |= {"location": self.where, "locationType": "parameter"}
        return {"error": {"code": self.code, "message": self.message, "errors": [one]}}


def violation(field: str, description: str) -> Refused:
    """A field that cannot be read at all, as the JSON reader refuses it."""
    told = {"field": field, "description": description} if field else {"description": description}
    kind = "type.googleapis.com/google.rpc.BadRequest"
    return Refused(description, 400, [{"@type": kind, "fieldViolations": [told]}])


def unknown_name(name: str, where: str) -> Refused:
    """A field that there is not."""
    place = f" at '{where}'" if where else ""
    return violation(where, f'Invalid JSON payload received. Unknown name "{name}"{place}: Cannot find field.')


def answered(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer; nothing where there is no body."""
    content = b"" if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(status, content, {**JSON, **(headers or {})})


def refusal(refused: Refused) -> Response:
    """The answer to a call that is refused."""
    return answered(refused.body(), refused.code)
