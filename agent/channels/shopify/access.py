"""Who may come in at Shopify: the shop's address, the two kinds of access, and what an app must be allowed.

A shop's own app of the Dev Dashboard exchanges its client id and secret for a token of 24 hours (client credentials);
it is asked for again before it ends, and once when the shop refuses it. An app made in the shop's admin before 2026 has
a token that does not end (`shpat_`).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import httpx

from agent.channels.answers import CallFailed, Fixes
from agent.channels.base import Way
from agent.channels.http import Http
from agent.channels.tokens import Tokens
from agent.channels.values import record, text, whole
from agent.ports import Clock
from agent.words import in_words

HEADER = "X-Shopify-Access-Token"
EARLY = timedelta(minutes=5)
"""A token is asked for again so long before it ends."""
DEV_DASHBOARD = in_words("shopify.dev_dashboard_dev_shopify")

FIXES = Fixes(
    access=in_words("shopify.look_under_home", place=DEV_DASHBOARD, command="{connect}"),
    address=in_words("shopify.type_shop_own_shopify"),
)

WAYS = (
    Way(
        "app",
        "With an app of your own, made in Shopify's Dev Dashboard",
        (
            "Open https://dev.shopify.com in your browser, signed in as the shop's owner. Click Create app; call it "
            "Stocksheet.",
            "Give it these permissions: read_products, read_inventory, write_inventory, read_locations, read_orders, "
            "read_merchant_managed_fulfillment_orders. Release it, and install it in your shop.",
            "Open Settings of the app, and copy Client ID and Client secret here.",
        ),
        ("client_id", "client_secret"),
    ),
    Way(
        "token",
        "With an older app, made in the shop's admin before 2026: its access token",
        (
            "In the shop's admin open Settings > Apps and sales channels > Develop apps, and there the app.",
            "Copy its Admin API access token here. Shopify showed it once, when the app was installed.",
        ),
        ("access_token",),
    ),
)

SCOPES = {
    "read_products": in_words("shopify.see_products"),
    "read_inventory": in_words("shopify.see_stock"),
    "write_inventory": in_words("shopify.set_stock"),
    "read_locations": in_words("shopify.see_locations"),
    "read_orders": in_words("shopify.see_orders"),
    "read_merchant_managed_fulfillment_orders": in_words("shopify.see_what_still_shipped"),
}
"""What the app must be allowed, in words."""
ALL_ORDERS = "read_all_orders"
"""Without it Shopify shows an app the orders of the last 60 days."""


def shop_address(typed: str) -> str:
    """`https://my-shop.myshopify.com`, from whatever was copied: the name, the admin's page, any page of the shop."""
    address = typed.strip()
    parts = urlsplit(address if "://" in address else f"https://{address}")
    admin = re.match(r"/store/([a-z0-9][a-z0-9-]*)", parts.path.lower())
    if parts.hostname == "admin.shopify.com" and admin:
        return f"https://{admin[1]}.myshopify.com"
    host = parts.netloc.lower()
    if parts.hostname and re.fullmatch(r"[a-z0-9-]+", host) and host != "localhost":
        host += ".myshopify.com"
    return f"{parts.scheme}://{host}"


def lacking(granted: Collection[str]) -> list[str]:
    """The permissions that are missing, in words with their handles. To write includes to read."""
    has = {*granted, *(scope.replace("write_", "read_", 1) for scope in granted)}
    return [f"{words} ({scope})" for scope, words in SCOPES.items() if scope not in has]


CLOSED = {
    402: (in_words("shopify.frozen_by_shopify_until"), in_words("shopify.open_shop_admin_settings")),
    423: (in_words("shopify.locked_by_shopify"), in_words("shopify.open_shop_admin_shopify")),
}


def must_be_open(name: str, status: int) -> None:
    """Raises CallFailed where a status says that nobody is served here."""
    if status in CLOSED:
        what, fix = CLOSED[status]
        raise CallFailed("access", f"{name} {what}.", fix, reached=False)
    if status == 404:
        raise CallFailed("host", in_words("shopify.there_no_shopify_shop", name=name), FIXES.address, reached=False)


def put(request: httpx.Request, token: str, _: datetime) -> None:
    """A token goes where Shopify wants it (agent.channels.auth)."""
    request.headers[HEADER] = token


@dataclass(frozen=True)
class Exchange:
    """The app's own id and secret against a token of a day (client credentials)."""

    name: str
    """The channel's."""
    http: Http
    clock: Clock
    client_id: str
    secret: str

    async def renew(self, _: Tokens | None) -> Tokens:
        """New tokens. Raises CallFailed."""
        asked = self.clock.now()
        form = {"grant_type": "client_credentials", "client_id": self.client_id, "client_secret": self.secret}
        answer = await self.http.request("POST", "access_token", form=form, lane="lower", idempotent=True)
        found = record(answer.json)
        token, lasts = text(found.get("access_token")), whole(found.get("expires_in"))
        if answer.status == 200 and token:
            return Tokens(token, asked + timedelta(seconds=lasts) if lasts else None)
        must_be_open(self.name, answer.status)
        said = text(found.get("error_description")) or text(found.get("error")) or f"status {answer.status}"
        what = self.http.redact(in_words("shopify.shopify_does_not_accept", name=self.name, said=said.rstrip(".")))
        raise CallFailed("access", what, FIXES.renewal(self.name), reached=False)
