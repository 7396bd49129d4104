"""An httpx transport for callers that do not await: hands each request straight to a practice service."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from agent.practice.wire import ConnectionLost, Request, Response


class InProcess(httpx.BaseTransport):
    """`handle`: from a request to its answer, at once; raises ConnectionLost where none comes."""

    def __init__(self, handle: Callable[[Request], Response]) -> None:
        self._handle = handle

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One call."""
        asked = Request.of(request.method, str(request.url), request.headers, request.read())
        try:
            told = self._handle(asked)
        except ConnectionLost:
            lost = "Server disconnected without sending a response."
            raise httpx.RemoteProtocolError(lost, request=request) from None
        return httpx.Response(told.status, headers=told.headers, content=told.body, request=request)
