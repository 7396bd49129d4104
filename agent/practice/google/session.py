"""Google for clients that speak through `requests`, as gspread does: without a socket, or turned to a port.

session = google.auth.transport.requests.AuthorizedSession(credentials)
mounted(session, Local(practice_google))            # or Turned("http://127.0.0.1:8080")
"""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPResponse

from agent.practice.google.routes import handle
from agent.practice.google.service import Google
from agent.practice.wire import ConnectionLost, Request

HOSTS = ("sheets.googleapis.com", "www.googleapis.com", "oauth2.googleapis.com", "accounts.google.com")


def mounted(session: requests.Session, adapter: BaseAdapter) -> requests.Session:
    """The session, with every call to Google's hosts going through the adapter."""
    for host in HOSTS:
        session.mount(f"https://{host}", adapter)
    return session


class Turned(HTTPAdapter):
    """Sends calls to another address, such as a port of this computer; the path stays."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self._base = urlsplit(base)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send it there."""
        parts = urlsplit(request.url or "")
        request.url = parts._replace(scheme=self._base.scheme, netloc=self._base.netloc).geturl()
        return super().send(request, *args, **kwargs)


class Local(BaseAdapter):
    """Hands calls straight to a practice Google in this process. It does not wait: `Faults.slow` has no effect."""

    def __init__(self, google: Google) -> None:
        super().__init__()
        self._google = google

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Its answer; a broken line is a ConnectionError."""
        body = request.body or b""
        content = body if isinstance(body, bytes) else str(body).encode()
        headers = {name: _text(value) for name, value in request.headers.items()}
        try:
            found = handle(self._google, Request.of(request.method or "GET", request.url or "", headers, content))
        except ConnectionLost:
            lost = "('Connection aborted.', RemoteDisconnected('Remote end closed connection without response'))"
            raise requests.ConnectionError(lost, request=request) from None
        raw = HTTPResponse(io.BytesIO(found.body), found.headers, found.status, preload_content=False)
        return _response(request, raw)

    def close(self) -> None:
        """There is nothing to close."""


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _response(request: requests.PreparedRequest, raw: HTTPResponse) -> requests.Response:
    built: requests.Response = HTTPAdapter().build_response(request, raw)
    return built
