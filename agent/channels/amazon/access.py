"""Who may come in at Amazon: an app of the seller's own, and the token of its authorisation (Login with Amazon).

A refresh token, shown once at the authorisation, is exchanged for an access token that is good for an hour; it is good
for many uses and comes back the same. There is no signature: an access token in a header is all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx

from agent.channels.answers import Answer, CallFailed, Fixes, Said
from agent.channels.base import Setting, Way
from agent.channels.http import Http
from agent.channels.settings import practice_address
from agent.channels.tokens import Tokens
from agent.channels.values import record, text, whole
from agent.ports import Clock
from agent.words import in_words

HOST = "https://api.amazon.com"
PATH = "auth/o2/token"
AGENT = "Stocksheet/0.1 (Language=Python)"
"""As Amazon wants callers to call themselves."""

FIXES = Fixes(access=in_words("amazon.authorise_again", command="{connect}"), address=in_words("amazon.leave_address"))

SETTINGS = (
    Setting(
        "country",
        "Country",
        False,
        "The two letters of the country on whose Amazon you sell, such as US, UK, DE or JP. One country each.",
    ),
    Setting(
        "client_id",
        "Client ID",
        False,
        "Under LWA credentials of your app: Client identifier.",
        optional=True,
        begins="amzn1.application-oa2-client.",
    ),
    Setting("client_secret", "Client secret", True, "It stands below the client identifier.", optional=True),
    Setting(
        "refresh_token",
        "Refresh token",
        True,
        "The long line that Authorize app has just shown. It is shown once.",
        optional=True,
        begins="Atzr|",
    ),
    Setting(
        "seller_id",
        "Merchant Token",
        False,
        "In Seller Central under Settings > Account Info > Merchant Token: letters and digits that begin with A.",
        optional=True,
    ),
    practice_address(),
)
ASKED = ("client_id", "client_secret", "refresh_token", "seller_id")

WAYS = (
    Way(
        "app",
        "With an app of your own in Seller Central",
        (
            "Open Seller Central of your country as the account's primary user, and go to Apps and Services > Develop "
            "Apps.",
            "If it asks for a developer profile: choose Private Developer, and of the roles only Product Listing and "
            "Inventory and Order Tracking. No role about buyers is needed. Amazon may take some days to agree.",
            "Choose Add new app client. Name: Stocksheet. API type: SP API. Tick the same two roles, and save.",
            "On the app's line choose View under LWA credentials: Client identifier and Client secret stand there.",
            "Open the list beside Edit App, choose Authorize, then Authorize app: the refresh token is shown, once.",
            "The Merchant Token stands under Settings > Account Info.",
        ),
        ASKED,
    ),
    Way("practice", "A practice shop on this computer", (), ("url", *ASKED)),
)


def put(request: httpx.Request, token: str, now: datetime) -> None:
    """The access token on a call (agent.channels.auth.Put)."""
    request.headers["x-amz-access-token"] = token
    request.headers["x-amz-date"] = f"{now:%Y%m%dT%H%M%SZ}"
    request.headers["user-agent"] = AGENT


@dataclass(frozen=True)
class Exchange:
    """The refresh token against an access token."""

    name: str
    """The channel's."""
    http: Http
    clock: Clock
    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)

    async def renew(self, tokens: Tokens | None) -> Tokens:
        """A token for an hour. Raises CallFailed."""
        asked = self.clock.now()
        form = {
            "grant_type": "refresh_token", "refresh_token": self.refresh_token, "client_id": self.client_id,
            "client_secret": self.client_secret,
        }  # fmt: skip
        answer = await self.http.request("POST", PATH, form=form, lane="lower", idempotent=True)
        found = record(answer.json)
        token, lasts = found.get("access_token"), whole(found.get("expires_in"))
        if answer.status == 200 and isinstance(token, str) and token and lasts:  # as it is: it may be very long
            return Tokens(token, asked + timedelta(seconds=lasts))
        raise self._refused(text(found.get("error")) or "", answer.status)

    def _refused(self, error: str, status: int) -> CallFailed:
        again = FIXES.renewal(self.name)
        if error == "invalid_client":
            return CallFailed("access", in_words("amazon.wrong_client", name=self.name), again, reached=False)
        if error in ("invalid_grant", "unauthorized_client", "access_denied"):
            return CallFailed("access", in_words("amazon.not_authorised", name=self.name), again, reached=False)
        return CallFailed(
            "host", in_words("amazon.no_token", name=self.name, why=error or status), again, reached=False
        )


def of_login(answer: Answer) -> Said:
    """A refused login says in its body why: it is no refused access to a shop."""
    return Said(told=bool(record(answer.json).get("error")))
