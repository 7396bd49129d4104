"""Who may come in at eBay: the keys of the seller's own developer account, the seller's yes, and what comes of it.

A yes leads the browser to an address with a code, good once and for five minutes. The code is exchanged for an access
token of two hours and a refresh token of about 18 months, which stays the same at each renewal; when it ends, a person
says yes again (`access_ends`). Quotas are asked for with a token of the app's own (client credentials).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import quote

import httpx

from agent.channels.answers import CallFailed, Fixes
from agent.channels.base import ChannelOut, Setting, Way
from agent.channels.ebay.errors import Declined, meaning
from agent.channels.ebay.trading import PATH
from agent.channels.http import Http
from agent.channels.settings import brought, practice_address
from agent.channels.tokens import Tokens
from agent.channels.values import record, text, whole
from agent.ports import Clock
from agent.words import in_words

HOST, IDENTITY = "https://api.ebay.com", "https://apiz.ebay.com"
SCOPE = "https://api.ebay.com/oauth/api_scope"
SCOPES = " ".join([
    SCOPE, f"{SCOPE}/sell.inventory", f"{SCOPE}/sell.fulfillment.readonly", f"{SCOPE}/commerce.identity.readonly",
])  # fmt: skip
"""Listings and their quantities, orders to read, and who answers. The first is that of the Trading API."""
EARLY = timedelta(minutes=10)
"""A token is renewed so long before its end."""

FIXES = Fixes(access=in_words("ebay.say_yes_once_more"), address=in_words("ebay.leave_address_empty"))

SETTINGS = (
    Setting(
        "app_id",
        "App ID",
        False,
        "Sign in at https://developer.ebay.com (joining is free) and open Your Account > Application Keysets. It "
        "stands in the column Production (Client ID).",
    ),
    Setting(
        "runame",
        "RuName",
        False,
        "On the same page click User Tokens beside the App ID, then Get a Token from eBay via Your Application, and "
        "fill in the form once. The RuName is the long name that stands there then, such as Anna_Mugs-AnnaMugs-abcdef.",
    ),
    Setting("cert_id", "Cert ID", True, "It stands below the App ID, in the column Production."),
    Setting(
        "granted",
        "Address",
        True,
        "The whole address that your browser shows after your yes; it has code= in it.",
        begins="http",
    ),
    practice_address(),
)

WAYS = (
    Way(
        "address",
        "You say yes at eBay and copy the address that follows",
        (
            "If eBay shows your keyset as disabled: open Alerts and Notifications there and choose that you do not "
            "keep eBay's data of people who closed their accounts (exempted). Stocksheet keeps nothing about buyers.",
            "Open this page in your browser and sign in with the account that sells: "
            "https://auth.ebay.com/oauth2/authorize?client_id={app_id}&response_type=code&redirect_uri={runame}"
            f"&prompt=login&scope={quote(SCOPES, safe='')}",
            "Click Agree and Continue. eBay then thanks you on a page of its own, or on the one that you named.",
            "Copy the Cert ID, and then the whole address of that last page, within five minutes.",
        ),
        ("cert_id", "granted"),
    ),
)


def code_of(name: str, address: str) -> str:
    """The code of the address that a yes leads to. Raises ChannelOut where it is another address."""
    code = brought(address).get("code")
    if not code:
        raise ChannelOut("access", in_words("ebay.address_holds_no_yes", name=name), FIXES.renewal(name))
    return code


def put(request: httpx.Request, token: str, now: datetime) -> None:
    """The token on a call (agent.channels.auth.Put): the Trading API has a header of its own for it."""
    if request.url.path.endswith(f"/{PATH}"):
        request.headers["X-EBAY-API-IAF-TOKEN"] = token
    else:
        request.headers["Authorization"] = f"Bearer {token}"


@dataclass(frozen=True)
class Exchange:
    """A code, and later the refresh token, against an access token."""

    name: str
    http: Http
    """Signed with App ID and Cert ID."""
    clock: Clock
    runame: str
    code: str = field(repr=False)

    async def renew(self, tokens: Tokens | None) -> Tokens:
        """New tokens. Raises CallFailed."""
        if tokens is not None and tokens.refresh:
            asked = {"grant_type": "refresh_token", "refresh_token": tokens.refresh, "scope": SCOPES}
            return await self._given(asked, tokens)
        asked = {"grant_type": "authorization_code", "code": self.code, "redirect_uri": self.runame}
        return await self._given(asked, None)

    async def of_app(self, tokens: Tokens | None) -> Tokens:
        """A token of the app itself, which belongs to no seller."""
        return await self._given({"grant_type": "client_credentials", "scope": SCOPE}, None)

    async def _given(self, asked: Mapping[str, str], before: Tokens | None) -> Tokens:
        """The refresh token of before stays good where the answer has none."""
        now = self.clock.now()
        answer = await self.http.request("POST", "identity/v1/oauth2/token", form=asked, lane="lower", idempotent=False)
        found, meant = record(answer.json), meaning(answer.json)
        access = text(found.get("access_token"))
        if meant.kind != "fine" or answer.status >= 400:
            raise Declined(self.name, self.http, meant)
        if access is None or not isinstance(found["access_token"], str):
            what = in_words("ebay.no_tokens", name=self.name)
            raise CallFailed("host", what, FIXES.renewal(self.name), reached=True)
        ends = now + timedelta(seconds=whole(found.get("expires_in")) or 0)
        if before is not None:
            return Tokens(found["access_token"], ends, before.refresh, before.refresh_ends)
        lasts = whole(found.get("refresh_token_expires_in"))
        refresh = found.get("refresh_token")
        return Tokens(
            found["access_token"],
            ends,
            refresh if isinstance(refresh, str) else None,
            now + timedelta(seconds=lasts) if lasts else None,
        )
