"""How calls to TikTok Shop are signed: HMAC-SHA256 in lower-case hex, with the app secret as text.

Signed are the path, every parameter but `sign` and `access_token` in the order of their names (a name that comes again
keeps the order of its values), and the body byte for
byte as it is sent (none where it is multipart), between two copies of the secret. Parameters are signed as they read,
not as they are encoded in the address. Times are TikTok's own: a call may be five minutes late, and half a minute
early.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import Any

import httpx

from agent.channels.sign_command import pairs, text

UNSIGNED = ("sign", "access_token")
HEADER = "x-tts-access-token"


def sign(secret: str, path: str, query: Iterable[tuple[str, str]], body: bytes = b"") -> str:
    """The signature of a call."""
    ordered = sorted((pair for pair in query if pair[0] not in UNSIGNED), key=itemgetter(0))
    signed = path + "".join(name + value for name, value in ordered)
    return _made(secret, f"{secret}{signed}".encode() + body + secret.encode())


def of_vector(inputs: Mapping[str, Any]) -> str:
    """The signature of a vector's inputs: a call, or (kind push) what TikTok sends by itself. Raises KeyError,
    ValueError."""
    secret, body = text(inputs, "app_secret"), text(inputs, "body", "").encode()
    if inputs.get("kind") == "push":
        return _made(secret, text(inputs, "app_key").encode() + body)
    signed = _signed_body(text(inputs, "content_type", ""), body)
    return sign(secret, text(inputs, "path"), pairs(inputs, "query"), signed)


def _made(secret: str, signed: bytes) -> str:
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def _signed_body(content_type: str, body: bytes) -> bytes:
    return b"" if content_type.strip().lower().startswith("multipart/form-data") else body


@dataclass(frozen=True)
class Signer:
    """Puts who calls, the time, the token and the signature on each call (agent.channels.auth.Put)."""

    key: str
    secret: str = field(repr=False)

    def put(self, request: httpx.Request, token: str, now: datetime) -> None:
        """On a request that comes again, what was put before is replaced."""
        request.headers[HEADER] = token
        request.headers["content-type"] = request.headers.get("content-type", "application/json")
        who = {"app_key": self.key, "timestamp": str(int(now.timestamp()))}
        url = request.url.copy_merge_params(who).copy_remove_param("sign")
        body = _signed_body(request.headers["content-type"], request.content)
        made = sign(self.secret, url.path, url.params.multi_items(), body)
        request.url = url.copy_add_param("sign", made)
