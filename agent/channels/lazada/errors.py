"""What Lazada's errors mean. The status is 200 whatever is wrong: only `code` says it, and for quantities `detail`.

A code alone says little: 501 is every refusal of a quantity, and 6 is both trouble of Lazada's own and a wrong
question. The sentence decides (the endpoints' tables of errors, and Lazada's questions and answers on stock).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from agent.channels.answers import SAID_NOTHING, Answer, CallFailed, Said, connects
from agent.channels.http import TRY_AGAIN, Http
from agent.channels.values import record, text
from agent.words import in_words

Kind = Literal[
    "fine",
    "renew",  # the token has ended: renewed once, and asked again
    "connect",  # a person must say yes again
    "key",  # app key or secret are not right
    "stop",  # the shop or the app may not: a person must see to it at Lazada
    "clock",  # the signature's time is off: asked again by Lazada's own clock
    "often",  # too many calls
    "shut",  # switched off while a large campaign begins
    "unwell",  # trouble of its own
    "slow",  # too much for one call: fewer things in the next
    "locked",  # a campaign has locked units
    "frozen",  # a campaign or Lazada has locked the whole listing
    "not_lower",  # a large campaign: only raises are taken
    "place",  # the warehouse is not the right one
    "theirs",  # Lazada's own stock
    "gone",
    "item",  # this listing will not be as it is
]

_RULES: tuple[tuple[Kind, str, str], ...] = (
    ("fine", "0", ".*"),
    ("renew", "illegalaccesstoken|accesstokeninvalid|accesstokenexpired", ".*"),
    ("connect", "illegalrefreshtoken|invalidcode|auth_type_unsupported", ".*"),
    ("clock", ".*timestamp.*", ".*"),
    ("clock", "invalidparameter|missingparameter|illegalparameter", ".*timestamp.*"),
    ("key", "incompletesignature|invalidappkey|app_key_invalid", ".*"),
    ("stop", "sellernotverified|insufficientpermission|mp3sellerapilimit|4128", ".*"),
    ("stop", ".*", ".*(domain_actor_006|seller lock|seller not verified).*"),
    ("often", "apicalllimit|appcalllimit|901|iopsystemflowlimit|servicecurrentlimit", ".*"),
    ("shut", "998", ".*"),
    ("slow", "servicetimeout|513", ".*"),
    ("unwell", "1000", ".*"),
    ("unwell", "6", ".*(internal|system).*"),
    ("locked", ".*", ".*negative sellable.*inventory.*"),
    ("not_lower", "4170", ".*"),
    ("not_lower", ".*", ".*may not decrease.*"),
    ("frozen", "4162|504", ".*"),
    ("frozen", ".*", ".*(ability_pg|blocked by tag|campaign participation).*"),
    ("theirs", ".*", ".*(fbl|fulfil?led by lazada).*"),
    ("place", ".*", ".*warehouse.*"),
    ("gone", "16|37|39|207|208|edit_item_not_belong_seller", ".*"),
    ("gone", ".*", ".*(sku|item|product) (id )?(does )?not exist.*"),
    ("item", ".*", ".*"),
)  # fmt: skip
"""(kind, its code, its sentence): the first that fits, both in lower case and whole."""
_BAN = re.compile(r"last (\d{1,5}) (?:more )?second")
SHUT = 60.0
"""Seconds after which a service that was switched off is tried again."""
_WORDS: dict[Kind, str] = {
    "locked": "lazada.locked", "frozen": "lazada.frozen", "not_lower": "lazada.not_lower",
    "place": "lazada.other_warehouse", "theirs": "lazada.theirs", "gone": "lazada.gone",
}  # fmt: skip
_FIXES: dict[Kind, str] = {
    "connect": "lazada.say_yes_once_more", "key": "lazada.look_up_key", "stop": "lazada.one_of_two_says_why",
}  # fmt: skip


@dataclass(frozen=True)
class Meaning:
    """What an answer says. `message`: Lazada's own sentence."""

    kind: Kind
    message: str = ""


def meaning(found: object) -> Meaning:
    """Of a whole answer."""
    told = record(found)
    return sort(text(told.get("code")) or "", text(told.get("message")) or "")


def sort(code: str, message: str) -> Meaning:
    """Of an error's code and sentence; of what `detail` says of one SKU, the code is 501."""
    name, said = code.strip().lower(), " ".join(message.lower().split())
    kind = next(kind for kind, codes, words in _RULES if re.fullmatch(codes, name) and re.fullmatch(words, said))
    return Meaning(kind, message)


def said(answer: Answer) -> Said:
    """What `Http` does by itself about an answer."""
    meant = meaning(answer.json)
    if "code" not in record(answer.json):
        return SAID_NOTHING
    if meant.kind == "renew":
        return Said(refused=True)
    if meant.kind == "clock":
        return Said(wait=0.0, told=True)
    if meant.kind in ("often", "shut"):
        ban = _BAN.search(meant.message)
        return Said(wait=SHUT if meant.kind == "shut" else max(1.0, float(ban[1]) if ban else 1.0), slower=True)
    return Said(unwell=meant.kind == "unwell", told=meant.kind != "fine")


class Declined(CallFailed):
    """Lazada understood a call and said no. `meant`: why."""

    def __init__(self, name: str, http: Http, meant: Meaning) -> None:
        self.meant = meant
        why = http.redact(meant.message).rstrip(".") or in_words("lazada.without_reason")
        if fix := _FIXES.get(meant.kind):
            command = connects(name)
            what = in_words("lazada.does_not_let_in", name=name, why=why)
            super().__init__("access", what, in_words(fix, connect=command), reached=False)
        else:
            what = in_words("lazada.does_not_answer_that", name=name, why=why)
            super().__init__("host", what, TRY_AGAIN, reached=meant.kind == "slow")


def refusal(meant: Meaning, reserved: int | None = None) -> str:
    """Why a listing's quantity was not taken, for the seller."""
    if sentence := _WORDS.get(meant.kind):
        return in_words(sentence, reserved=reserved)
    plain = re.sub(r"^E\d+:\s*", "", meant.message).rstrip(".")
    return in_words("lazada.refused", said=plain)
