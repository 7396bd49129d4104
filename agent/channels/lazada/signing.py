"""How calls to Lazada are signed: HMAC-SHA256 in upper-case hex, with the app's secret as text.

Signed are the path behind `/rest`, and all parameters that are sent, in the order of their names, each name followed by
its value as it is, not as it is encoded: those of the query and those of the form. Times are in milliseconds, good for
two hours. What Lazada sends of its own accord is signed in lower case, over the app's key and the body.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

import httpx

from agent.channels.sign_command import pairs, text

ROOT = "/rest"
SYSTEM = ("app_key", "timestamp", "sign_method", "access_token", "sign")
"""What every call carries; the rest is the call's own."""


def sign(secret: str, path: str, params: Iterable[tuple[str, str]]) -> str:
    """The signature of a call. `path` without /rest; `params`: all that are sent but `sign`."""
    signed = path + "".join(name + value for name, value in sorted(params) if name != "sign")
    return _made(secret, signed).upper()


def of_vector(inputs: Mapping[str, Any]) -> str:
    """The signature of a vector's inputs: `path`, `app_secret`, `params`; or, of a message that Lazada sends,
    (kind push) `app_key`, `app_secret`, `body`. Raises KeyError, ValueError."""
    secret = text(inputs, "app_secret")
    if inputs.get("kind") == "push" or ("params" not in inputs and "body" in inputs):
        return _made(secret, text(inputs, "app_key") + text(inputs, "body", ""))
    if "params" not in inputs:
        raise KeyError("params")
    return sign(secret, _signed_path(text(inputs, "path")), pairs(inputs, "params"))


def _made(secret: str, signed: str) -> str:
    return hmac.new(secret.encode(), signed.encode(), hashlib.sha256).hexdigest()


def _signed_path(path: str) -> str:
    _, root, behind = path.partition(f"{ROOT}/")
    return f"/{behind}" if root else path


@dataclass(frozen=True)
class Signer:
    """Puts who calls, the time and the signature on each call (agent.channels.auth.Put)."""

    key: str
    secret: str = field(repr=False)

    def put(self, request: httpx.Request, token: str, now: datetime) -> None:
        """On a request that comes again, what was put before is replaced. `token` "": a call of no shop."""
        own = [(name, value) for name, value in request.url.params.multi_items() if name not in SYSTEM]
        form = parse_qsl(request.content.decode(), keep_blank_values=True)
        system = {"app_key": self.key, "timestamp": f"{int(now.timestamp() * 1000)}", "sign_method": "sha256"}
        if token:
            system["access_token"] = token
        query = [*own, *system.items()]
        signature = sign(self.secret, _signed_path(request.url.path), [*query, *form])
        request.url = request.url.copy_with(params=[*query, ("sign", signature)])
