"""Who may come in at Shopee: the app's partner ID and key, the seller's yes, and the tokens that come of it.

A yes leads the browser to an address with a code (good once, ten minutes) and the shop's number. The code is exchanged
for an access token of four hours and a refresh token that is good once, within thirty days; each renewal gives the next
pair, which is kept before it is used (agent.channels.tokens). The yes itself ends after a year (`access_ends`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from agent.channels.answers import CallFailed, Fixes
from agent.channels.base import ChannelOut, Setting, Way
from agent.channels.http import Http
from agent.channels.settings import BACK, brought
from agent.channels.shopee.errors import Declined, meaning
from agent.channels.tokens import Tokens
from agent.channels.values import record, text, whole
from agent.ports import Clock
from agent.words import in_words

HOST = "https://partner.shopeemobile.com"
EARLY = timedelta(minutes=10)
"""A token is renewed so long before its end."""
REFRESH_LIFE = timedelta(days=30)

FIXES = Fixes(
    access=in_words("shopee.say_yes_once_more_in", connect="{connect}"),
    address=in_words("shopee.leave_address_empty"),
)

SETTINGS = (
    Setting(
        "partner_id",
        "Partner ID",
        False,
        "The number of your own app. Sign in at https://open.shopee.com as a developer; if you have no app yet, create "
        "one under App list (type: Seller In House System). Its page shows Live Partner ID.",
    ),
    Setting("partner_key", "Partner key", True, "It stands below the Partner ID: Live API Partner Key."),
    Setting(
        "granted",
        "Address",
        True,
        "The whole address that your browser shows after your yes; it begins with https://localhost/?code=",
        begins="http",
    ),
    Setting(
        "location",
        "Warehouse",
        False,
        "Where your stock is counted, as Shopee calls it. Leave it empty if the shop has only one.",
        optional=True,
    ),
    Setting(
        "url",
        "API address",
        False,
        "Leave it empty. Only for China https://openplatform.shopee.cn and Brazil https://openplatform.shopee.com.br",
        optional=True,
    ),
)

WAYS = (
    Way(
        "address",
        "You say yes in Shopee and copy the address that follows",
        (
            f"At https://open.shopee.com, on your app's page, set Live Redirect URL Domain to {BACK} and save it.",
            "Open this page in your browser and sign in with the shop's own account (not a main account): "
            "https://open.shopee.com/auth?auth_type=seller&partner_id={partner_id}&response_type=code"
            "&redirect_uri=https%3A%2F%2Flocalhost%2F",
            "Click Confirm Authorization. The browser then says that it cannot open localhost. That is right: nothing "
            "is meant to answer there.",
            "Copy the partner key, and then the whole address of that last page, within ten minutes.",
        ),
        ("partner_key", "granted"),
    ),
)


@dataclass(frozen=True)
class Grant:
    """What a yes brought."""

    code: str = field(repr=False)
    shop: str


def grant_of(name: str, address: str) -> Grant:
    """Code and shop of the address that a yes leads to. Raises ChannelOut where it is another address."""
    came = brought(address)
    code, shop = came.get("code", ""), came.get("shop_id", "")
    if code and not shop and "main_account_id" in came:
        what = in_words("shopee.main_account", name=name)
        raise ChannelOut("access", what, in_words("shopee.sign_in_as_one_shop"))
    if not code or not (shop.isascii() and shop.isdigit()):
        what = in_words("shopee.no_yes_in_address", name=name)
        raise ChannelOut("access", what, FIXES.renewal(name))
    return Grant(code, shop)


@dataclass(frozen=True)
class Exchange:
    """A code, and later each refresh token, against the next pair."""

    name: str
    """The channel's."""
    http: Http
    clock: Clock
    partner: int
    grant: Grant

    async def renew(self, tokens: Tokens | None) -> Tokens:
        """New tokens. Raises CallFailed. A renewal whose answer is lost is not sent again: it may have used up the
        refresh token, which the next attempt shows."""
        whose = {"partner_id": self.partner, "shop_id": int(self.grant.shop)}
        if tokens is not None and tokens.refresh:
            return await self._pair("auth/access_token/get", {"refresh_token": tokens.refresh, **whose})
        return await self._pair("auth/token/get", {"code": self.grant.code, **whose})

    async def _pair(self, path: str, body: dict[str, object]) -> Tokens:
        asked = self.clock.now()
        answer = await self.http.request("POST", path, json=body, lane="lower", idempotent=False)
        found, meant = record(answer.json), meaning(answer.json)
        access, refresh = text(found.get("access_token")), text(found.get("refresh_token"))
        if meant.kind == "fine" and access and refresh:
            lasts = timedelta(seconds=whole(found.get("expire_in")) or 0)
            return Tokens(access, asked + lasts, refresh, asked + REFRESH_LIFE)
        if meant.kind == "fine":
            what = in_words("shopee.gave_no_tokens", name=self.name)
            raise CallFailed("host", what, FIXES.renewal(self.name), reached=True)
        raise Declined(self.name, self.http, meant)
