"""What gspread and google-auth call through: one httpx client in the place of a `requests` session.

Both libraries only ask for `session.request(...)`, or a callable, so that the same client (with the same time limits;
no environment variable has a say, R20) serves the calls and the tokens; and an emulator can be reached in this process,
or at an address of this computer. A session lives in one thread at a time.
"""

from __future__ import annotations

import json as json_library
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import google.auth.credentials
import google.auth.exceptions
import google.auth.transport
import httpx
import requests
from requests.structures import CaseInsensitiveDict

CONNECT, READ = 5.0, 60.0
"""Seconds."""
GOOGLE = ("sheets.googleapis.com", "www.googleapis.com", "oauth2.googleapis.com", "accounts.google.com")


class Session:
    """The part of a `requests` session that gspread uses.

    `address`: of an emulator on this computer, called instead of Google. `transport`: one within this process.
    """

    def __init__(self, address: str | None = None, transport: httpx.BaseTransport | None = None) -> None:
        if address is not None and not is_here(address):
            raise ValueError(f"{address} is not an address of this computer.")
        self._address = address
        self.in_process = transport is not None
        self._client = httpx.Client(
            timeout=httpx.Timeout(READ, connect=CONNECT),
            transport=transport,
            trust_env=False,
        )
        self.credentials: google.auth.credentials.Credentials | None = None
        self.headers: dict[str, str] = {"Accept-Encoding": "gzip", "User-Agent": "Stocksheet (gzip)"}

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: object = None,
        data: bytes | None = None,
        files: object = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> requests.Response:
        """One call, signed in. Raises httpx.HTTPError, google.auth.exceptions.GoogleAuthError."""
        assert files is None, "nothing is uploaded"
        said = {**self.headers, **(headers or {})}
        if self.credentials is not None:
            self.credentials.before_request(self.token_request, method, url, said)  # type: ignore[no-untyped-call]
        body = data if json is None else _compact(json, said)
        asked = {name: value for name, value in (params or {}).items() if value is not None}
        found = self._client.request(
            method, self._place(url), params={**asked, "prettyPrint": "false"}, content=body, headers=said
        )
        return _as_requests(found)

    def token_request(
        self,
        url: str,
        method: str = "GET",
        body: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **_: object,
    ) -> google.auth.transport.Response:
        """google-auth's way of calling (google.auth.transport.Request): tokens."""
        try:
            found = self._client.request(method, self._place(url), content=body, headers=dict(headers or {}))
        except httpx.HTTPError as error:
            raise google.auth.exceptions.TransportError(error) from error  # type: ignore[no-untyped-call]
        return _Answer(found.status_code, dict(found.headers), found.content)

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def _place(self, url: str) -> str:
        parts = urlsplit(url)
        if self._address is None or parts.hostname not in GOOGLE:
            return url
        return f"{self._address}{parts.path}{'?' + parts.query if parts.query else ''}"


class _Answer(google.auth.transport.Response):
    """What google-auth is told."""

    def __init__(self, status: int, headers: Mapping[str, str], data: bytes) -> None:
        self._said = status, headers, data

    @property
    def status(self) -> int:
        return self._said[0]

    @property
    def headers(self) -> Mapping[str, str]:
        return self._said[1]

    @property
    def data(self) -> bytes:
        return self._said[2]


def is_here(address: str) -> bool:
    """Whether it is an address of this very computer."""
    host = urlsplit(address).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _compact(json: object, headers: dict[str, str]) -> bytes:
    headers["Content-Type"] = "application/json"
    return json_library.dumps(json, ensure_ascii=False, separators=(",", ":")).encode()


def _as_requests(found: httpx.Response) -> requests.Response:
    """gspread reads answers as `requests` gives them."""
    made = requests.Response()
    made.status_code, made.url, made.encoding = found.status_code, str(found.url), "utf-8"
    made.headers = CaseInsensitiveDict(found.headers)
    made._content = found.content
    return made
