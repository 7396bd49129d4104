"""What Etsy's errors mean: a status and one sentence, `{"error": "..."}`; about tokens an `error_description` as well.

Statuses by the contract; sentences by what is on record of them (vendor's issue tracker): the same 403 is told of a
missing permission and of a listing that is frozen, 500 of trouble of its own and of a value it does not like.
"""

from __future__ import annotations

import re

from agent.channels.answers import SAID_NOTHING, Answer, Budget, CallFailed, Said
from agent.channels.http import TRY_AGAIN, Http
from agent.channels.values import record, text
from agent.words import in_words

LONGEST_WAIT = 1800.0
"""Seconds. A day's calls come back bit by bit (a sliding window of 24 hours): nobody waits until all are back."""
SHARE = 0.5
"""Of the calls a second that Etsy allows: a bucket and what refills it are within the limit together."""
_OF_A_THING = re.compile(r".*(listing|frozen|publish|inventory|receipt|shipping profile).*", re.IGNORECASE)
_DAILY = re.compile(r".*(per day|daily).*", re.IGNORECASE)


def sentence(answer: Answer) -> str:
    """Etsy's own."""
    found = record(answer.json)
    return text(found.get("error_description")) or text(found.get("error")) or ""


def said(answer: Answer) -> Said:
    """What `Http` does by itself about an answer."""
    if answer.status == 429 and (answer.number("x-remaining-today") == 0 or _DAILY.fullmatch(sentence(answer))):
        return Said(wait=min(float(answer.number("retry-after") or LONGEST_WAIT), LONGEST_WAIT), told=True)
    if answer.status == 403 and _OF_A_THING.fullmatch(sentence(answer)):
        return Said(told=True)
    limit = answer.number("x-limit-per-second")
    if answer.status != 200 or not limit:
        return SAID_NOTHING
    left = answer.number("x-remaining-this-second")
    rate = max(1.0, limit * SHARE)
    return Said(budget=Budget(1.0, float(limit if left is None else left), rate, rate))


def refusal(answer: Answer) -> str:
    """Why a quantity was not taken, for the seller."""
    return in_words("etsy.refused", said=sentence(answer).rstrip(".") or f"status {answer.status}")


class Declined(CallFailed):
    """Etsy understood a question and said no."""

    def __init__(self, name: str, http: Http, answer: Answer) -> None:
        why = http.redact(sentence(answer)).rstrip(".") or f"status {answer.status}"
        super().__init__("host", in_words("etsy.does_not_answer", name=name, why=why), TRY_AGAIN, reached=False)
        self.status = answer.status
