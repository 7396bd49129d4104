"""What TikTok Shop's errors mean, sorted by their codes, each with words for the seller (`words_en.toml`).

A code stands in the body, whatever the HTTP status; 0 means that the call was taken, which may still hold errors of
single SKUs (`data.errors`). Codes that are not known are the item's own trouble: the vendor's sentence is shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from agent.channels.answers import SAID_NOTHING, Answer, CallFailed, Said
from agent.channels.http import TRY_AGAIN, Http
from agent.channels.values import record, records, text, whole
from agent.words import in_words

Kind = Literal[
    "fine",
    "renew",  # the token has ended: renewed once, and asked again
    "connect",  # a person must say yes again
    "key",  # app key or secret are not right
    "scope",  # the app lacks a permission
    "stop",  # the shop or the app may not: a person must see to it at TikTok
    "clock",  # the signature's time is off: asked again by TikTok's own clock
    "often",  # too many calls
    "hour",  # a test shop's calls of this hour are used up
    "unwell",  # trouble of its own
    "bug",  # our own mistake
    "places",  # not the warehouses that the SKU has
    "theirs",  # a warehouse of the platform's
    "count",  # the number is not taken
    "gone",  # the product is not there any more
    "closed",  # the product takes no change as it is
    "no_sku",  # the SKU is not there any more
    "item",  # this listing will not be as it is
]

_CODES: dict[Kind, tuple[int, ...]] = {
    "fine": (0,),
    "renew": (105002,),
    "connect": (105001, 36004001, 36004004, 36004005),
    "key": (101000, 106001),
    "scope": (105005,),
    "stop": (36009033, 36009043, 36009044),
    "often": (36009002,),
    "hour": (36009037,),
    "unwell": (36009003, 36009007, 12052109, 12052881, 12001000, 33001002),
    "bug": (106013, 36009009, 36009010, 36009014, 36009022, 36009023, 12052050, 12052553),
    "places": (12019022, 12019028, 12052037, 12052097),
    "theirs": (12052144,),
    "count": (12019024, 12052055),
    "gone": (12052031,),
    "closed": (12052032, 12052036, 12052048, 12052141),
    "no_sku": (12052556, 12052557),
}
_OF = {code: kind for kind, codes in _CODES.items() for code in codes}
GENERIC = 36009004
"""Parameters that are not as they must be: the sentence says which."""
PRECISE: tuple[Kind, ...] = ("count", "theirs", "no_sku", "item")
"""A SKU's error names one code for the whole, `could not update`, and more precise ones beside it."""
HOUR = 600.0
"""Seconds after which a test shop is asked again: when its hour begins is not documented."""
STOPS: dict[Kind, str] = {
    "connect": "tiktok.fix_connect",
    "key": "tiktok.fix_key",
    "scope": "tiktok.fix_scope",
    "stop": "tiktok.fix_stop",
}
"""What only a person can mend, and how: no further call is tried."""
_REFUSED: dict[Kind, str] = {
    "places": "tiktok.refused_places",
    "theirs": "tiktok.refused_theirs",
    "count": "tiktok.refused_count",
    "gone": "tiktok.refused_gone",
    "closed": "tiktok.refused_closed",
    "no_sku": "tiktok.refused_no_sku",
}
WHOLE: frozenset[Kind] = frozenset({"gone", "closed"})
"""What is so of a whole product, and so of each of its SKUs."""


@dataclass(frozen=True)
class Meaning:
    """What an answer says. `message`: TikTok's own sentence."""

    kind: Kind
    message: str = ""


def meaning(found: object) -> Meaning:
    """Of a whole answer. One without a code is trouble of the host's."""
    told = record(found)
    code = whole(told.get("code"))
    return Meaning("unwell") if code is None else sort(code, text(told.get("message")) or "")


def sort(code: int, message: str) -> Meaning:
    """Of a code and its sentence."""
    if code == GENERIC:
        return Meaning("clock" if "timestamp" in message.lower() else "item", message)
    return Meaning(_OF.get(code, "item"), message)


def of_sku(error: dict[str, object]) -> Meaning:
    """Of one of `data.errors`: the most precise of what it says."""
    said = [error, *records(record(error.get("detail")).get("extra_errors"))]
    meant = [sort(whole(each.get("code")) or -1, text(each.get("message")) or "") for each in said]
    return next((each for kind in PRECISE for each in _not_first(meant) if each.kind == kind), meant[0])


def _not_first(meant: list[Meaning]) -> Iterable[Meaning]:
    """The extra errors first; the whole call's own where there are none."""
    return meant[1:] or meant


def said(answer: Answer) -> Said:
    """What `Http` does by itself about an answer."""
    kind = meaning(answer.json).kind
    if kind == "hour":
        return Said(wait=HOUR, told=True)
    if answer.status == 429:
        return SAID_NOTHING  # the host's own way to ask for patience
    if kind == "renew":
        return Said(refused=True)
    if kind in ("clock", "often"):
        return Said(wait=0.0 if kind == "clock" else 1.0, slower=kind == "often", told=True)
    return Said(unwell=kind == "unwell", told=kind not in ("fine", "unwell"))


class Declined(CallFailed):
    """TikTok Shop understood a call and said no. `meant`: why."""

    def __init__(self, name: str, http: Http, meant: Meaning) -> None:
        self.meant = meant
        why = http.redact(meant.message).rstrip(".") or in_words("tiktok.without_a_reason")
        if meant.kind in STOPS:
            what = in_words("tiktok.does_not_let_in", name=name, why=why)
            super().__init__("access", what, in_words(STOPS[meant.kind], channel=name), reached=False)
        else:
            what = in_words("tiktok.does_not_answer_what", name=name, why=why)
            super().__init__("host", what, TRY_AGAIN, reached=False)


def refusal(meant: Meaning) -> str:
    """Why a listing's quantity was not taken, for the seller."""
    return in_words(_REFUSED.get(meant.kind, "tiktok.refused_item"), said=meant.message.rstrip("."))
