"""What Amazon's errors mean, sorted, each with words for the seller.

An error is a code and a sentence in a list `errors`, whatever the status. 403 `Unauthorized` is told of an access token
that has ended (then the details say so) and of a role that the app does not have (then they are empty) alike; 200 may
say INVALID (push). A limit is told by 429 and `x-amzn-RateLimit-Limit`, in calls a second of that one operation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from agent.channels.answers import SAID_NOTHING, Answer, Budget, CallFailed, Said, connects
from agent.channels.http import TRY_AGAIN
from agent.channels.values import record, records, text
from agent.words import in_words

Kind = Literal["renew", "denied", "often", "gone", "item"]
_TOKEN = re.compile(r".*\b(access|security) token\b.*", re.IGNORECASE)


@dataclass(frozen=True)
class Meaning:
    """What an answer other than 2xx says. `message`: Amazon's own sentence."""

    kind: Kind
    message: str = ""


def meaning(answer: Answer) -> Meaning:
    """Of a whole answer. `renew`: the token has ended. `denied`: a person must give the app a role, or authorise it
    anew. `often`: too many calls. `gone`: there is no such thing. `item`: it will not be as it is."""
    first = next(iter(records(record(answer.json).get("errors"))), {})
    message, details = text(first.get("message")) or "", text(first.get("details")) or ""
    if answer.status in (401, 403):
        told = f"{message} {details}"
        return Meaning("renew" if _TOKEN.fullmatch(told) else "denied", details or message)
    if answer.status == 429 or text(first.get("code")) == "QuotaExceeded":
        return Meaning("often", message)
    return Meaning("gone" if answer.status == 404 else "item", f"{message} {details}".strip())


def rate_of(answer: Answer) -> float | None:
    """Calls a second of this operation, where the answer tells."""
    try:
        rate = float(answer.headers.get("x-amzn-RateLimit-Limit", ""))
    except ValueError:
        return None
    return rate if 0 < rate < 10_000 else None


def said(answer: Answer, rate: float, burst: int) -> Said:
    """What `Http` does by itself about an answer of an operation with this usual limit."""
    told = rate_of(answer)
    if answer.status < 300:
        return Said(budget=Budget(1.0, burst, burst, told)) if told else SAID_NOTHING
    kind = meaning(answer).kind
    if kind == "often":
        own = answer.headers.get("retry-after") is not None
        return SAID_NOTHING if own else Said(wait=1 / (told or rate), slower=True, told=True)
    return Said(refused=kind == "renew", told=answer.status in (401, 403))


class Declined(CallFailed):
    """Amazon understood a call and said no. `meant`: why."""

    def __init__(self, name: str, meant: Meaning) -> None:
        """`meant`: its message without our secrets."""
        self.meant = meant
        why = meant.message.rstrip(".")
        if meant.kind == "denied":
            fix = in_words("amazon.roles", command=connects(name))
            super().__init__("access", in_words("amazon.denied", name=name, why=why), fix, reached=False)
        else:
            super().__init__("host", in_words("amazon.declined", name=name, why=why), TRY_AGAIN, reached=False)
