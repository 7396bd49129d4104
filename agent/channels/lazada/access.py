"""Who may come in at Lazada: the app's key and secret, the seller's yes, and the tokens that come of it.

A yes leads the browser to an address with a code (good once, thirty minutes). The code is exchanged, at one address
for all countries, for an access token and a refresh token; how long they last depends on the app (a week and two, or a
month and half a year), and each answer says it. Whether a refresh makes the yes itself last longer is documented both
ways; what each answer says of it counts, and a person is asked before it ends (`access_ends`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from agent.channels.answers import CallFailed, Fixes
from agent.channels.base import ChannelOut, Setting, Way
from agent.channels.http import Http
from agent.channels.lazada.errors import Declined, meaning
from agent.channels.settings import BACK, brought
from agent.channels.tokens import Tokens
from agent.channels.values import record, text, whole
from agent.ports import Clock
from agent.words import in_words

HOST = "https://auth.lazada.com"
"""For tokens, whatever the country."""
AHEAD = timedelta(hours=48)
"""Lazada's advice: a token is renewed so long before its end; half of its life where that is shorter."""
CROSS_BORDER = "cb"
"""What a yes for the shops of all countries says as its country."""


@dataclass(frozen=True)
class Site:
    """One country's Lazada. `zone`: its time, in which some of its answers are, as hours before UTC."""

    name: str
    host: str
    currency: str
    zone: int


SITES = {
    "sg": Site("Singapore", "https://api.lazada.sg", "SGD", 8),
    "my": Site("Malaysia", "https://api.lazada.com.my", "MYR", 8),
    "ph": Site("Philippines", "https://api.lazada.com.ph", "PHP", 8),
    "th": Site("Thailand", "https://api.lazada.co.th", "THB", 7),
    "vn": Site("Vietnam", "https://api.lazada.vn", "VND", 7),
    "id": Site("Indonesia", "https://api.lazada.co.id", "IDR", 7),
}

FIXES = Fixes(
    access=in_words("lazada.say_yes_once_more", connect="{connect}"),
    address=in_words("lazada.leave_address_empty"),
)


def country_of(typed: str) -> str:
    """`sg` for Singapore, SG or sg; what is none of them stays as it is."""
    plain = " ".join(typed.split()).casefold().removeprefix("the ")
    return next((code for code, site in SITES.items() if plain in (code, site.name.casefold())), plain)


SETTINGS = (
    Setting(
        "country",
        "Country",
        False,
        "Where this shop sells: sg (Singapore), my (Malaysia), ph (Philippines), th (Thailand), vn (Vietnam) or id "
        "(Indonesia). Each country's shop is a channel of its own.",
        tidy=country_of,
    ),
    Setting(
        "app_key",
        "App Key",
        False,
        "The number of your own app. Sign in at https://open.lazada.com as a developer; if you have no app yet, apply "
        "for one in the App Console (category: Seller In-house APP) and create it. Its page shows App Key. While the "
        "app is in test, a yes lasts two weeks; apply there to have it put online, and it lasts half a year.",
    ),
    Setting("app_secret", "App Secret", True, "On the app's page under Advanced Information: click View."),
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
        "Where your stock is counted, as Lazada calls it. Leave it empty if the shop has only one.",
        optional=True,
    ),
    Setting("url", "API address", False, "Leave it empty: it follows from the country.", optional=True),
)

WAYS = (
    Way(
        "address",
        "You say yes in Lazada and copy the address that follows",
        (
            f"At https://open.lazada.com, in the App Console, open your app and set its Callback URL to {BACK}",
            "Put your shop's account on the app's list of sellers (white list): for an app of the category Seller "
            "In-house APP, Lazada takes a yes of no other.",
            "Open this page in your browser, choose the shop's country and sign in with the account of its Seller "
            "Center: https://auth.lazada.com/oauth/authorize?response_type=code&force_auth=true&client_id={app_key}"
            "&redirect_uri=https%3A%2F%2Flocalhost%2F",
            "Say yes there. The browser then says that it cannot open localhost. That is right: nothing is meant to "
            "answer there.",
            "Copy the app secret, and then the whole address of that last page, within thirty minutes.",
        ),
        ("app_secret", "granted"),
    ),
)


def code_of(name: str, address: str) -> str:
    """The code in the address that a yes leads to. Raises ChannelOut where it is another address."""
    code = brought(address).get("code")
    if not code:
        raise ChannelOut("access", in_words("lazada.address_holds_no_yes", name=name), FIXES.renewal(name))
    return code


@dataclass(frozen=True)
class Exchange:
    """A code, and later each refresh token, against the next pair."""

    name: str
    """The channel's."""
    http: Http
    clock: Clock
    country: str
    code: str = field(repr=False)

    async def renew(self, tokens: Tokens | None) -> Tokens:
        """New tokens. Raises CallFailed. A renewal whose answer is lost is not sent again: whether a refresh token is
        good twice is not documented."""
        if tokens is not None and tokens.refresh:
            return await self._pair("auth/token/refresh", {"refresh_token": tokens.refresh}, tokens)
        return await self._pair("auth/token/create", {"code": self.code}, None)

    async def _pair(self, path: str, form: dict[str, str], before: Tokens | None) -> Tokens:
        asked = self.clock.now()
        answer = await self.http.request("POST", path, form=form, lane="lower", idempotent=False)
        found, meant = record(answer.json), meaning(answer.json)
        if meant.kind != "fine":
            raise Declined(self.name, self.http, meant)
        access, refresh = text(found.get("access_token")), text(found.get("refresh_token"))
        if not access:
            raise CallFailed(
                "host", in_words("lazada.gave_no_tokens", name=self.name), FIXES.renewal(self.name), reached=True
            )
        self._of_this_country(text(found.get("country")) or self.country)
        lasts = timedelta(seconds=whole(found.get("expires_in")) or 0)
        ends = whole(found.get("refresh_expires_in"))
        return Tokens(
            access,
            asked + lasts - min(AHEAD, lasts / 2),
            refresh or (before.refresh if before else None),
            asked + timedelta(seconds=ends) if ends else before.refresh_ends if before else None,
        )

    def _of_this_country(self, given: str) -> None:
        """A token of one country is refused in the others; one of a cross-border seller is good in all."""
        if given.lower() in (self.country, CROSS_BORDER):
            return
        names = {code: site.name for code, site in SITES.items()}
        what = in_words(
            "lazada.yes_of_another_country",
            name=self.name,
            given=names.get(given.lower(), given),
            wanted=names[self.country],
        )
        fix = FIXES.renewal(self.name).rpartition(": ")[2]
        raise CallFailed("access", what, in_words("lazada.choose_right_country", connect=fix), reached=True)
