"""What a person asks in Control (*Ask*) or on the command line (`explain`): the words taken apart. Pure.

A SKU; `why 4 on my-shop`; `who changed BLUE-M`; `what if reserve 2`. Case, quotes, plurals and words around it do not
matter. What is not understood is asked back, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Literal

Form = Literal["item", "why", "changed", "what_if", "no_item", "no_number", "help"]
Meant = Callable[[str], str | None]
"""The SKU of the item that a text names, if it names one."""

SETTINGS: dict[str, tuple[str, ...]] = {
    "out_at": ("out of stock at", "out of stock", "cut off at", "cut off", "cutoff"),
    "freeze_at": ("freeze at", "frozen at", "freeze", "frozen"),
    "fixed": ("fixed quantity", "fixed"),
    "reserve": ("reserves", "reserve", "keep back", "buffer", "safety stock"),
    "percent": ("percentage", "percent", "share", "%"),
    "maximum": ("maximum", "max", "at most", "cap"),
    "minimum": ("minimum", "min", "at least"),
}
"""Setting of Rules -> what people call it."""
FILLERS = frozenset((
    "ask", "can", "could", "help", "question", "questions", "?",
    "a", "about", "all", "an", "and", "are", "at", "be", "been", "by", "change", "changed", "changes", "channel",
    "channels", "did", "do", "does", "edit", "edited", "everywhere", "explain", "for", "from", "happened", "has",
    "have", "history", "how", "i", "if", "in", "is", "it", "item", "items", "last", "left", "listing", "listings",
    "many", "me", "much", "my", "now", "of", "on", "only", "our", "please", "shop", "shops", "show", "showing",
    "shown", "shows", "sku", "skus", "sold", "stock", "stocked", "tell", "that", "the", "there", "this", "to",
    "touched", "was", "we", "were", "what", "when", "where", "which", "who", "whom", "whose", "why", "will", "with",
    "would", "you", "your",
))  # fmt: skip
"""Words that name no item by themselves."""
_QUOTES = str.maketrans(dict.fromkeys("\"'“”„‘’`´«»", " "))
_EDGES = ".,;:!?()[]"
_NUMBER = re.compile(r"\d{1,7}")
_HISTORY = re.compile(r"\b(who|when)\b|\b(chang\w*|histor\w*|happened|touched|moved)\b", re.IGNORECASE)
_IF = re.compile(r"\b(what|how|and) *if\b|\bwhatif\b|^if\b", re.IGNORECASE)
_WHY = re.compile(r"\bwhy\b|\bhow come\b", re.IGNORECASE)


@dataclass(frozen=True)
class Asked:
    """A question taken apart."""

    form: Form
    sku: str | None = None
    channel: str | None = None
    number: int | None = None
    """why: the quantity that is asked about; what_if: the value of the rule (percent in hundredths)."""
    setting: str | None = None
    found: str | None = None
    """What was taken for an item's name and is none."""


def taken_apart(text: str, channels: Collection[str], meant: Meant) -> Asked:
    """The question that a text asks. `channels`: the names of the connected shops."""
    whole = " ".join(text.split())
    bare = _bare(whole)
    if not bare:
        return Asked("help")
    if sku := meant(whole) or meant(bare):
        return Asked("item", sku)
    channel, rest = _channel(bare, channels)
    if _IF.search(rest):
        return _what_if(_IF.sub(" ", rest), channel, meant)
    sku, number, left = _item(rest, meant)
    if sku is None and left and _asks(rest, left):
        return Asked("no_item", channel=channel, found=left)
    return _about(rest, sku, channel, number if not left or sku else None)


def _about(text: str, sku: str | None, channel: str | None, number: int | None) -> Asked:
    """What is asked about an item, or about a number in a shop."""
    why = bool(_WHY.search(text))
    if _HISTORY.search(text) and not why:
        return Asked("changed", sku, channel) if sku else Asked("help")
    if sku is None and (number is None or not (why or channel)):
        return Asked("help")
    return Asked("why" if why or channel or number is not None else "item", sku, channel, number)


def _bare(text: str) -> str:
    """Without quotes, and without the marks at the ends of words."""
    words = (word.strip(_EDGES) for word in text.translate(_QUOTES).split())
    return " ".join(word for word in words if word)


def _asks(text: str, left: str) -> bool:
    """Whether it is a question, or could be a SKU with a slip in it; a whole sentence of other words is neither."""
    return bool(_WHY.search(text) or _HISTORY.search(text)) or len(left.split()) <= 2


def _channel(text: str, channels: Collection[str]) -> tuple[str | None, str]:
    """The shop that a text names, and the text without it."""
    for name in sorted(channels, key=len, reverse=True):
        named = rf"(?:\b(?:on|in|at|for|by|of)\s+)?(?<![\w/-]){re.escape(name)}(?:'s)?(?![\w/-])"
        if found := re.search(named, text, re.IGNORECASE):
            return name, " ".join((text[: found.start()] + " " + text[found.end() :]).split())
    return None, text


def _item(text: str, meant: Meant, *, last: bool = True) -> tuple[str | None, int | None, str]:
    """The item and the number that a text names, and what is left of it besides. `last`: the last word may be an item
    although it is a common word (an item called A)."""
    words = text.split()
    sku, words = _longest(words, meant)
    if sku is None and last and words and words[-1] in FILLERS and (sku := meant(words[-1])):
        words = words[:-1]
    numbers = [word for word in words if _NUMBER.fullmatch(word)]
    left = [word for word in words if word.lower() not in FILLERS and word not in numbers]
    if sku is None and numbers and not left:
        exact = next((found for word in numbers if (found := meant(word))), None)
        if exact:
            return exact, None, ""
        if numbers[0].startswith("0") and len(numbers[0]) > 1:
            return None, None, numbers[0]  # no quantity is written so
    return sku, int(numbers[0]) if numbers else None, " ".join(left)


def _longest(words: list[str], meant: Meant) -> tuple[str | None, list[str]]:
    """The longest run of words that names an item (a single number does not yet), and the other words."""
    most = min(len(words), 8)
    for length in range(most, 0, -1):
        for start in range(len(words) - length + 1):
            run = words[start : start + length]
            plain = all(word in FILLERS or _NUMBER.fullmatch(word) for word in run)
            if not plain and (sku := meant(" ".join(run))):
                return sku, [*words[:start], *words[start + length :]]
    return None, words


def _what_if(text: str, channel: str | None, meant: Meant) -> Asked:
    for setting, names in SETTINGS.items():
        for name in names:
            word = re.escape(name) if name == "%" else rf"\b{re.escape(name)}\b"
            link = r"\s*(?:(?:is|was|were|of|to|at|be|became|=|:)\s*)*"
            for pattern in (
                rf"{word}{link}(\d+(?:[.,]\d+)?)\s*(?:%|percent\b)?",
                rf"(?<![\w-])(\d+(?:[.,]\d+)?)\s*{word}",
            ):
                if found := re.search(pattern, text, re.IGNORECASE):
                    rest = text[: found.start()] + " " + text[found.end() :]
                    return _if_rule(setting, found[1], rest, channel, meant)
    return Asked("no_number", channel=channel, found=text.strip() or None)


def _if_rule(setting: str, number: str, rest: str, channel: str | None, meant: Meant) -> Asked:
    value = float(number.replace(",", "."))
    percent = setting == "percent"
    if (not percent and value != int(value)) or (percent and value > 100):
        return Asked("no_number", channel=channel, found=f"{setting} {number}")
    sku, other, left = _item(rest, meant, last=bool(re.search(r"\bfor \S+\s*$", rest)))
    if sku is None and (left or other is not None):
        return Asked("no_item", channel=channel, found=left or str(other))
    return Asked("what_if", sku, channel, round(value * 100) if percent else int(value), setting)
