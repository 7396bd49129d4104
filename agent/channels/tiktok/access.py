"""Who may come in at TikTok Shop: the app's key and secret, the seller's yes, and the tokens that come of it.

A yes leads the browser to an address with a code, good once. The code is exchanged for an access token of about a week
and a refresh token; each renewal gives the next pair, which is kept before it is used (agent.channels.tokens). Both
ends are told as moments of TikTok's own clock. The app's secret stands in the address of these calls: it is in no text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from agent.channels.answers import Answer, CallFailed, Fixes
from agent.channels.base import ChannelOut, Setting, Way
from agent.channels.http import Http
from agent.channels.settings import BACK, brought
from agent.channels.tiktok.errors import Declined, meaning
from agent.channels.tokens import Tokens
from agent.channels.values import record, text, whole
from agent.ports import Clock
from agent.words import in_words

HOST = "https://open-api.tiktokglobalshop.com"
AUTH_HOST = "https://auth.tiktok-shops.com"
EARLY = timedelta(minutes=10)
"""A token is renewed so long before its end."""

FIXES = Fixes(access=in_words("tiktok.fix_access", connect="{connect}"), address=in_words("tiktok.fix_address"))

SETTINGS = (
    Setting("app_key", "App key", False, in_words("tiktok.help_app_key")),
    Setting("app_secret", "App secret", True, in_words("tiktok.help_app_secret")),
    Setting("granted", "Address", True, in_words("tiktok.help_granted"), begins="http"),
    Setting("shop", "Shop", False, in_words("tiktok.help_shop"), optional=True),
    Setting("location", "Warehouse", False, in_words("tiktok.help_location"), optional=True),
    Setting("url", "API address", False, in_words("tiktok.help_url"), optional=True),
)

WAYS = (
    Way(
        "address",
        in_words("tiktok.way_address"),
        (
            in_words("tiktok.step_1"),
            in_words("tiktok.step_2", back=BACK),
            in_words("tiktok.step_3"),
            in_words("tiktok.step_4"),
            in_words("tiktok.step_5"),
        ),
        ("app_secret", "granted"),
    ),
)


def code_of(name: str, address: str) -> str:
    """The code in the address that a yes leads to. Raises ChannelOut where it is another address."""
    code = brought(address).get("code")
    if not code:
        raise ChannelOut("access", in_words("tiktok.address_holds_no_yes", name=name), FIXES.renewal(name))
    return code


@dataclass(frozen=True)
class Exchange:
    """A code, and later each refresh token, against the next pair."""

    name: str
    """The channel's."""
    http: Http
    clock: Clock
    key: str
    secret: str = field(repr=False)
    code: str = field(repr=False)

    async def renew(self, tokens: Tokens | None) -> Tokens:
        """New tokens. Raises CallFailed. A renewal whose answer is lost is not sent again: it may have used up the
        refresh token, which the next attempt shows."""
        if tokens is not None and tokens.refresh:
            return await self._pair("refresh", "refresh_token", {"refresh_token": tokens.refresh})
        return await self._pair("get", "authorized_code", {"auth_code": self.code})

    async def _pair(self, call: str, grant: str, more: dict[str, str]) -> Tokens:
        asked = self.clock.now()
        said = {"app_key": self.key, "app_secret": self.secret, **more, "grant_type": grant}
        path = f"api/v2/token/{call}"
        answer = await self.http.request("GET", path, params=said, lane="lower", idempotent=False)
        meant, data = meaning(answer.json), record(record(answer.json).get("data"))
        if meant.kind != "fine":
            raise Declined(self.name, self.http, meant)
        access, refresh = text(data.get("access_token")), text(data.get("refresh_token"))
        if not access or not refresh:
            what = in_words("tiktok.gave_no_tokens", name=self.name)
            raise CallFailed("host", what, FIXES.renewal(self.name), reached=True)
        ends = [_by_our_clock(data.get(f"{each}_token_expire_in"), answer, asked) for each in ("access", "refresh")]
        return Tokens(access, ends[0], refresh, ends[1])


def _by_our_clock(value: object, answer: Answer, asked: datetime) -> datetime | None:
    """A moment of TikTok's clock as one of ours."""
    seconds = whole(value)
    if not seconds or not 0 < seconds < 2**33:
        return None
    return asked + (datetime.fromtimestamp(seconds, UTC) - answer.began)
