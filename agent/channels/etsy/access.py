"""Who may come in at Etsy: the app's keystring and shared secret, the seller's yes (PKCE), and tokens.

A yes leads the browser to the app's callback URL with a code, good once. It is exchanged, with the verifier whose
challenge stood in the question, for an access token of one hour and a refresh token of ninety days; each renewal gives
the next pair, which is kept before it is used (agent.channels.tokens). Etsy takes a callback URL only where it is
registered with the app, letter by letter, and only with https: a door of this computer with a port of the moment is
none, so that the seller copies the address (vendor: essentials/authentication).
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_urlsafe
from urllib.parse import urlencode

import httpx

from agent.channels.answers import CallFailed, Fixes
from agent.channels.base import ChannelOut, Setting, Way
from agent.channels.http import Http
from agent.channels.settings import BACK, brought, practice_address
from agent.channels.tokens import Tokens
from agent.channels.values import record, text, whole
from agent.ports import Clock
from agent.words import in_words

HOST = "https://openapi.etsy.com"
SCOPES = {
    "listings_r": in_words("etsy.see_listings"),
    "listings_w": in_words("etsy.set_quantities"),
    "transactions_r": in_words("etsy.see_orders"),
    "shops_r": in_words("etsy.see_shop"),
}
"""What the yes must allow, in words."""
REFRESH_LIFE = timedelta(days=90)
_VERIFIER = token_urlsafe(48)
"""Of this run of the program alone: question and exchange are made by one `connect`."""


def challenge(verifier: str = _VERIFIER) -> str:
    """S256 of a verifier (RFC 7636)."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def page(site: str) -> str:
    """The page on which a person says yes; the keystring is put in last, by `Way.steps`."""
    asked = {
        "response_type": "code",
        "redirect_uri": BACK,
        "scope": " ".join(SCOPES),
        "state": challenge(challenge())[:16],
        "code_challenge": challenge(),
        "code_challenge_method": "S256",
    }
    return f"{site}/oauth/connect?client_id={{keystring}}&{urlencode(asked)}"


FIXES = Fixes(
    access=in_words("etsy.say_yes_once_more", command="{connect}"), address=in_words("etsy.leave_address_empty")
)

SETTINGS = (
    Setting("keystring", "Keystring", False, in_words("etsy.where_keystring_stands")),
    Setting("shared_secret", "Shared secret", True, in_words("etsy.where_secret_stands")),
    Setting("granted", "Address", True, in_words("etsy.which_address"), begins=BACK),
    Setting(
        "renew",
        "Renew listings that have sold out (yes or no)",
        False,
        in_words("etsy.fee_question"),
        optional=True,
        tidy=lambda typed: typed.strip().lower(),
    ),
    practice_address(),
)

_COPY = (in_words("etsy.step_yes"), in_words("etsy.step_copy"))
WAYS = (
    Way(
        "address",
        in_words("etsy.way_address"),
        (
            in_words("etsy.step_app"),
            in_words("etsy.step_callback", back=BACK),
            in_words("etsy.step_open", page=page("https://www.etsy.com")),
            *_COPY,
        ),
        ("shared_secret", "granted"),
    ),
    Way("practice", in_words("etsy.way_practice"), (in_words("etsy.step_open", page=page("{url}")), *_COPY),
        ("url", "shared_secret", "granted")),
)  # fmt: skip


def scopes_in(found: object) -> set[str]:
    """Those of ours that an answer names, however it writes them down: the contract does not say how (a list, a text,
    names with yes or no). None: it said nothing that could be understood."""
    if isinstance(found, str):
        return {scope for scope in SCOPES if scope in found.replace(",", " ").split()}
    if isinstance(found, list):
        return set().union(*map(scopes_in, found))
    if isinstance(found, dict):
        return set().union(*(scopes_in(name) if said is True else scopes_in(said) for name, said in found.items()))
    return set()


def code_of(name: str, address: str) -> str:
    """The code of the address that a yes leads to. Raises ChannelOut where it is another address, or a no."""
    came = brought(address)
    if "code" not in came:
        said = came.get("error_description") or came.get("error")
        raise ChannelOut("access", in_words("etsy.holds_no_yes", name=name, said=said), FIXES.renewal(name))
    return came["code"]


@dataclass(frozen=True)
class Key:
    """Puts the app's key and the shop's token on each call (agent.channels.auth.Put)."""

    keystring: str
    secret: str = field(repr=False)

    def put(self, request: httpx.Request, token: str, _: datetime) -> None:
        """Both parts of the key: with the keystring alone Etsy refuses (vendor's contract, security scheme)."""
        request.headers["x-api-key"] = f"{self.keystring}:{self.secret}"
        request.headers["Authorization"] = f"Bearer {token}"


@dataclass(frozen=True)
class Exchange:
    """A code, and later each refresh token, against the next pair."""

    name: str
    """The channel's."""
    http: Http
    clock: Clock
    keystring: str
    code: str = field(repr=False)

    async def renew(self, tokens: Tokens | None) -> Tokens:
        """New tokens. Raises CallFailed. A renewal whose answer is lost is not sent again: it may have used up the
        refresh token, which the next attempt shows."""
        if tokens is not None and tokens.refresh:
            return await self._pair({"grant_type": "refresh_token", "refresh_token": tokens.refresh})
        code = {"redirect_uri": BACK, "code": self.code, "code_verifier": _VERIFIER}
        return await self._pair({"grant_type": "authorization_code", **code})

    async def _pair(self, asked: dict[str, str]) -> Tokens:
        at = self.clock.now()
        form = {**asked, "client_id": self.keystring}
        answer = await self.http.request("POST", "public/oauth/token", form=form, lane="lower", idempotent=False)
        found = record(answer.json)
        access, refresh = text(found.get("access_token")), text(found.get("refresh_token"))
        if answer.status == 200 and access and refresh:
            lasts = timedelta(seconds=whole(found.get("expires_in")) or 0)
            return Tokens(access, at + lasts, refresh, at + REFRESH_LIFE)
        said = text(found.get("error_description")) or text(found.get("error")) or f"status {answer.status}"
        what = self.http.redact(in_words("etsy.gave_no_tokens", name=self.name, said=said.rstrip(".")))
        raise CallFailed("access", what, FIXES.renewal(self.name), reached=False)
