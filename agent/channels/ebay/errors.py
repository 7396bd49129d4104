"""What eBay's errors mean, sorted, each with words for the seller.

REST tells `errors` with an `errorId`, or in a batch a status and errors an entry; the token call an `error`; the
Trading API an `Ack` and `Errors` with an `ErrorCode`, always with status 200. The numbers of the Inventory and the
Fulfillment API are the contracts'; those of the Trading API are known from answers that other programs recorded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from agent.channels.answers import SAID_NOTHING, Answer, CallFailed, Said, connects
from agent.channels.ebay.trading import many_records
from agent.channels.http import TRY_AGAIN, Http
from agent.channels.pushing import GONE
from agent.channels.values import record, records, text, whole
from agent.words import in_words

Kind = Literal[
    "fine",
    "renew",  # the access token has ended
    "connect",  # a person must say yes again
    "key",  # App ID or Cert ID are not right
    "scope",  # the yes does not reach that far
    "often",  # the calls of this hour or day are used up
    "unwell",  # trouble of its own
    "gone",  # no such listing, offer or SKU
    "model",  # the listing belongs to the other half of the interface
    "revised",  # 250 times within a day
    "limit",  # the account may not offer more
    "auction",  # units that an auction holds
    "item",  # this listing will not be as it is
]

_REST: dict[int, Kind] = {
    1001: "renew", 1002: "renew", 1003: "renew", 1100: "scope", 2001: "often",
    20500: "unwell", 25001: "unwell", 30500: "unwell", 140000: "unwell",
    25604: "gone", 25702: "gone", 25710: "gone", 25713: "gone", 32100: "gone",
    25759: "auction",
}  # fmt: skip
_TRADING: dict[int, Kind] = {
    931: "renew", 932: "renew", 17470: "renew", 21916984: "renew", 21917053: "renew",
    518: "often",
    10007: "unwell", 16100: "unwell",
    17: "gone", 231: "gone", 21916750: "gone", 21916799: "gone",
    21916635: "model", 21919474: "model",
    21919165: "revised", 21919188: "limit", 21916286: "auction",
}  # fmt: skip
_TOKEN: dict[str, Kind] = {"invalid_grant": "connect", "invalid_client": "key", "unauthorized_client": "key",
                           "invalid_scope": "scope"}  # fmt: skip
_DENIES: dict[Kind, str] = {"connect": "ebay.say_yes_again", "key": "ebay.look_up_keys", "scope": "ebay.say_yes_whole"}
_WORDS: dict[Kind, str] = {
    "model": in_words("ebay.other_half"), "revised": in_words("ebay.revised_often"),
    "limit": in_words("ebay.selling_limit"), "auction": in_words("ebay.auction_units"), "gone": GONE,
}  # fmt: skip


@dataclass(frozen=True)
class Meaning:
    """What an answer says. `message`: eBay's own sentence; `about`: the values that it names."""

    kind: Kind
    message: str = ""
    code: int = 0
    about: tuple[str, ...] = ()


FINE = Meaning("fine")


def meaning(found: object) -> Meaning:
    """Of a whole answer; of several errors, of the first."""
    told = record(found)
    if "Ack" in told:
        return next(iter(trading_errors(told)), FINE) if told["Ack"] not in ("Success", "Warning") else FINE
    if isinstance(told.get("error"), str):
        said = text(told.get("error_description")) or str(told["error"])
        return Meaning(_TOKEN.get(str(told["error"]), "item"), said)
    return next(iter(rest_errors(told)), FINE)


def rest_errors(told: dict[str, object]) -> list[Meaning]:
    """Of an answer, or of one entry of a batch."""
    return [_rest(each) for each in records(told.get("errors"))]


def _rest(error: dict[str, object]) -> Meaning:
    code = whole(error.get("errorId")) or 0
    kind = _REST.get(code, "unwell" if error.get("category") == "SYSTEM" else "item")
    about = tuple(value for each in records(error.get("parameters")) if (value := text(each.get("value"))))
    return Meaning(kind, text(error.get("longMessage")) or text(error.get("message")) or "", code, about)


def trading_errors(told: dict[str, object]) -> list[Meaning]:
    """Those that stopped something; mere warnings are left out."""
    errors = [each for each in many_records(told.get("Errors")) if each.get("SeverityCode") != "Warning"]
    return [_trading(each) for each in errors] or [Meaning("item")]


def _trading(error: dict[str, object]) -> Meaning:
    code = whole(error.get("ErrorCode")) or 0
    system = error.get("ErrorClassification") == "SystemError"
    about = tuple(v for each in many_records(error.get("ErrorParameters")) if (v := text(each.get("Value"))))
    said = text(error.get("LongMessage")) or text(error.get("ShortMessage")) or ""
    return Meaning(_TRADING.get(code, "unwell" if system else "item"), said, code, about)


def said_by(wait: Callable[[Answer], float]) -> Callable[[Answer], Said]:
    """What `Http` does by itself about an answer. `wait`: seconds until there are calls again."""

    def said(answer: Answer) -> Said:
        kind = meaning(answer.json).kind
        if answer.status == 401 or (answer.status == 429 and "retry-after" in answer.headers):
            return Said(told=kind == "key")
        if kind == "renew":
            return Said(refused=True)
        if kind == "often":
            return Said(wait=wait(answer), slower=True, told=True)
        return Said(unwell=kind == "unwell", told=True) if kind != "fine" else SAID_NOTHING

    return said


class Declined(CallFailed):
    """eBay understood a call and said no. `meant`: why."""

    def __init__(self, name: str, http: Http, meant: Meaning) -> None:
        self.meant = meant
        why = http.redact(meant.message).rstrip(".") or in_words("ebay.no_reason")
        if meant.kind in _DENIES:
            what = in_words("ebay.not_let_in", name=name, why=why)
            command = connects(name)
            super().__init__("access", what, in_words(_DENIES[meant.kind], command=command), reached=False)
        else:
            super().__init__("host", in_words("ebay.no_answer", name=name, why=why), TRY_AGAIN, reached=False)


def refusal(meant: Meaning) -> str:
    """Why a listing's quantity was not taken, for the seller."""
    if meant.kind in _WORDS:
        return _WORDS[meant.kind]
    return in_words("ebay.not_taken", said=meant.message.rstrip(".") or None)
