"""What Shopee's errors mean, sorted, each with words for the seller.

An error stands in the body, whatever the HTTP status. Its name alone does not say what it means: `error_auth` is told
of a token that has ended, of a campaign that has locked the stock and of a wrong warehouse alike, so that the sentence
decides (vendor's documents: error_list and common_error_list of each endpoint). Prefixes such as `product.` vary.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal

from agent.channels.answers import SAID_NOTHING, Answer, CallFailed, Said, connects
from agent.channels.http import TRY_AGAIN, Http
from agent.channels.values import record, text
from agent.words import in_words

Kind = Literal[
    "fine",
    "renew",  # the token has ended: renewed once, and asked again
    "connect",  # a person must say yes again
    "key",  # partner ID or key are not right
    "stop",  # the shop or the app may not: a person must see to it at Shopee
    "clock",  # the signature's time is off: asked again by Shopee's own clock
    "often",  # too many calls
    "day",  # the calls of this day are used up
    "unwell",  # trouble of its own
    "locked",  # a campaign has locked units
    "holiday",
    "place",  # the warehouse is not the right one
    "theirs",  # Shopee's own stock
    "gone",
    "partly",  # each model says for itself
    "far",  # too far into the list
    "item",  # this item will not be as it is
]

_RULES: tuple[tuple[Kind, str, str], ...] = (
    ("fine", "", ".*"),
    ("renew", "invalid_acceess_token|invalid_access_token", ".*"),
    ("renew", "error_auth", ".*invalid access_token.*"),
    ("connect", "refresh_token_expired|error_shop_refresh_token|shop_access_expired|shop_no_linked|partner_shop_no_link"
     "|invalid_code|invalid_shop_id", ".*"),
    ("connect", "error_auth", ".*(invalid refresh_token|invalid code|invalid partner_id or shopid).*"),
    ("key", "error_partner_key_expired|error_sign|invalid_partner_id", ".*"),
    ("key", "error_auth|error_param", ".*(partner_id is invalid|invalid partner_id).*"),
    ("stop", "shop_banned|error_seller_under_penalty|error_kyc_auth|api_suspended|source_ip_undeclared|error_permission"
     "|error_api_call_restricted|error_api_permission|error_ashop_api_permission|error_perm_non_admin", ".*"),
    ("stop", "error_auth|error_param", r".*(no permission to\scurrent api|app is deleted|app developer"
     "|permission denied).*"),
    ("clock", "error_param", ".*timestamp.*"),
    ("often", "error_rate_limit", ".*"),
    ("day", "error_limit", ".*daily.*"),
    ("holiday", "error_holiday_mode_change_stock", ".*"),
    ("holiday", ".*", ".*holiday mode.*"),
    ("locked", "error_cannt_edit_stock_in_promotion|error_promotion_cantnot_update_stock"
     "|error_model_update_stock_model_in_promotion", ".*"),
    ("locked", ".*", ".*reserved? stock.*"),
    ("place", ".*", ".*(location_id|location id|stock structure|multi warehouse).*"),
    ("theirs", "error_wms_shop_block_upate_stock", ".*"),
    ("theirs", ".*", ".*(full fbs|warehouse shop).*"),
    ("partly", "error_busi_update_stock_failed", ".*"),
    ("far", ".*", ".*offset over limit.*"),
    ("gone", "error_item_not_found|error_item_not_belong_shop|error_not_found", ".*"),
    ("gone", ".*", ".*wrong model_id.*"),
    ("unwell", "error_server|error_inner|error_network|error_system_busy", ".*"),
    ("unwell", ".*", ".*(try again later|try later|parse data failed).*"),
    ("item", ".*", ".*"),
)  # fmt: skip
"""(kind, its name, its sentence): the first that fits, both in lower case and whole."""

DAY = timezone(timedelta(hours=8))
"""The clock by which the calls of a day are counted."""
_WORDS: dict[Kind, str] = {
    "locked": "shopee.locked", "holiday": "shopee.holiday", "place": "shopee.other_warehouse",
    "theirs": "shopee.theirs", "gone": "shopee.gone",
}  # fmt: skip
_FIXES: dict[Kind, str] = {
    "connect": "shopee.say_yes_once_more", "key": "shopee.look_up_key", "stop": "shopee.one_of_two_says_why",
}  # fmt: skip


@dataclass(frozen=True)
class Meaning:
    """What an answer says. `message`: Shopee's own sentence."""

    kind: Kind
    message: str = ""


def meaning(found: object) -> Meaning:
    """Of a whole answer."""
    told = record(found)
    return sort(text(told.get("error")) or "", text(told.get("message")) or "")


def sort(error: str, message: str) -> Meaning:
    """Of an error's name and sentence; of a model's `failed_reason`, the name is `failed`."""
    name, said = error.rpartition(".")[2].strip().lower(), " ".join(message.lower().split())
    kind = next(kind for kind, names, words in _RULES if re.fullmatch(names, name) and re.fullmatch(words, said))
    return Meaning(kind, message)


def said(answer: Answer) -> Said:
    """What `Http` does by itself about an answer."""
    kind = meaning(answer.json).kind
    if answer.status == 429 and kind != "day":
        return SAID_NOTHING  # the host's own way to ask for patience
    if kind == "renew":
        return Said(refused=True)
    if kind == "day":
        return Said(wait=until_midnight(answer.server_time), told=True)
    if kind in ("clock", "often"):
        return Said(wait=0.0 if kind == "clock" else 1.0, slower=kind == "often", told=True)
    return Said(unwell=kind == "unwell", told=bool(record(answer.json).get("error")))


def until_midnight(now: datetime) -> float:
    """Seconds until the calls are counted anew: 00:00 (UTC+08:00)."""
    there = now.astimezone(DAY)
    midnight = there.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return (midnight.astimezone(UTC) - now).total_seconds()


class Declined(CallFailed):
    """Shopee understood a call and said no. `meant`: why."""

    def __init__(self, name: str, http: Http, meant: Meaning) -> None:
        self.meant = meant
        why = http.redact(meant.message).rstrip(".") or in_words("shopee.without_reason")
        if fix := _FIXES.get(meant.kind):
            what = in_words("shopee.does_not_let_in", name=name, why=why)
            super().__init__("access", what, in_words(fix, connect=connects(name)), reached=False)
        else:
            what = in_words("shopee.does_not_answer_that", name=name, why=why)
            super().__init__("host", what, TRY_AGAIN, reached=False)


def refusal(meant: Meaning, reserved: int | None = None) -> str:
    """Why a listing's quantity was not taken, for the seller."""
    if sentence := _WORDS.get(meant.kind):
        return in_words(sentence, reserved=reserved)
    return in_words("shopee.refused", said=meant.message.rstrip("."))
