"""How calls to Shopee are signed: HMAC-SHA256 in lower-case hex, with the partner key as text.

Signed are the partner's number, the path and the time, and for a shop's (or a merchant's) calls its access token and
its number. Neither the body nor the other parameters are signed. Times are Shopee's own, good for five minutes.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

from agent.channels.sign_command import text


def sign(key: str, said: str) -> str:
    """The signature of a text."""
    return hmac.new(key.encode(), said.encode(), hashlib.sha256).hexdigest()


def base(partner: str, path: str, timestamp: int | str, token: str = "", owner: str = "") -> str:
    """What is signed of a call. `path` begins with /api/v2; `owner`: the shop's or the merchant's number."""
    return f"{partner}{path}{timestamp}{token}{owner}"


def of_vector(inputs: Mapping[str, Any]) -> str:
    """The signature of a vector's inputs: kind public, shop, merchant, or push (what Shopee sends of its own accord).
    Raises KeyError, ValueError."""
    kind, key = text(inputs, "kind"), text(inputs, "partner_key")
    if kind == "push":
        return sign(key, f"{text(inputs, 'url')}|{text(inputs, 'body', '')}")
    if kind not in ("public", "shop", "merchant"):
        raise ValueError(f"there is no kind of call named {kind}")
    signed = ["partner_id", "path", "timestamp", *([] if kind == "public" else ["access_token", f"{kind}_id"])]
    return sign(key, base(*(text(inputs, name) for name in signed)))


@dataclass(frozen=True)
class Signer:
    """Puts who calls, the time and the signature on each call (agent.channels.auth.Put)."""

    partner: str
    key: str = field(repr=False)
    shop: str = ""
    """"" for the calls that belong to no shop: those for tokens."""

    def put(self, request: httpx.Request, token: str, now: datetime) -> None:
        """On a request that comes again, what was put before is replaced."""
        timestamp = int(now.timestamp())
        owner = {"access_token": token, "shop_id": self.shop} if self.shop else {}
        signed = base(self.partner, request.url.path, timestamp, *owner.values())
        said: dict[str, str | int] = {
            "partner_id": self.partner,
            "timestamp": timestamp,
            **owner,
            "sign": sign(self.key, signed),
        }
        request.url = request.url.copy_merge_params(said)
