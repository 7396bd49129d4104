"""What headers may mean besides our columns: the data of `words.toml`, compared as headers are."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from agent.workbooks.headers import alias_of, named_by, spellings
from agent.workbooks.tabs import ITEM_MASTER

NAMED, ALIAS, WEAK, HINT = 1, 2, 3, 4
"""How sure a header is of its meaning; smaller is surer."""
_WORD = re.compile(r"[^\W_]+")
_SPACELESS = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Thai, Japanese, Chinese, Korean."""
_LONG = 6
_IN = frozenset({"in", "im", "en", "auf", "au", "dans", "di", "op", "på", "w"})
LONGEST = 60
"""Characters of a header; longer texts are sentences."""
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))


def _compared(words: list[str]) -> frozenset[str]:
    return frozenset(key for word in words for key in spellings(word)[:1])


@cache
def total_words() -> frozenset[str]:
    """What people write in front of a total."""
    return _compared(_data()["totals"]["words"])


@cache
def _others() -> tuple[frozenset[str], frozenset[str]]:
    return _compared(_data()["other"]["words"]), _compared(_data()["other"]["orders"])


@cache
def _weak() -> dict[str, frozenset[str]]:
    return {column: _compared(words) for column, words in _data()["weak"].items()}


@cache
def _hints() -> dict[str, frozenset[str]]:
    return {column: _compared(words) for column, words in _data()["hint"].items() if column in ITEM_MASTER.names}


@cache
def _other_tokens() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Words of headers that mean something else: anywhere; only as the first or last; not where they say a place."""
    other = _data()["other"]
    return _compared(other["tokens"]), _compared(other["ends"]), _compared(_data()["hint"]["after_in"])


@cache
def _begins() -> tuple[str, ...]:
    return tuple(_compared(_data()["other"]["begins"]))


@cache
def _shelf() -> tuple[frozenset[str], frozenset[str]]:
    return _compared(_data()["shelf"]["physical"]), _compared(_data()["shelf"]["free"])


@cache
def _tokens(header: str) -> tuple[str, ...]:
    """The words of a header, in order: `PurchasesUnitPrice`, `inventory_Main_Outlet`; `#` is a number's sign."""
    words = _WORD.findall(_CAMEL.sub(" ", re.sub(r"#|№|(?<=[Nn])[°º]", " no ", header)))
    return tuple(key for word in words for key in spellings(word)[:1])


def _has(tokens: Iterable[str], words: frozenset[str]) -> bool:
    """One of these words is among them, a long one also as the end or beginning of one (`Warenbestand`); in scripts
    without spaces anywhere."""
    return any(token in words or any(_within(word, token) for word in words) for token in tokens)


def _within(word: str, token: str) -> bool:
    if _SPACELESS.match(word):
        return word in token
    return len(word) >= _LONG and (token.endswith(word) or token.startswith(word))


@cache
def _units() -> tuple[str, ...]:
    return tuple(sorted(_compared(_data()["units"]["words"]), key=len, reverse=True))


def is_measure(text: str) -> bool:
    """A unit, as stands in a row of its own below the header: `pcs`, `kg`, `EUR`."""
    return any(key in _measures() for key in spellings(text))


@cache
def _measures() -> frozenset[str]:
    return _compared([*_data()["units"]["words"], *_data()["units"]["measures"]])


def means_other(header: str) -> bool:
    """A price, a supplier, a reorder level ...: left alone."""
    return any(key in _others()[0] for key in keys_of(header))


def means_order(header: str) -> bool:
    """Part of a list of orders."""
    return any(key in _others()[1] for key in keys_of(header))


def keys_of(header: str) -> tuple[str, ...]:
    """The header's spellings, and without a unit or year behind its words: `Stock pcs`, `Qty 2026`."""
    found = spellings(header)
    words = header.replace("\u00a0", " ").split()
    last = spellings(words[-1])[:1] if len(words) > 1 else ()
    return (*found, *spellings(" ".join(words[:-1]))) if last and last[0] in _units() else found


@cache
def meanings(header: str) -> dict[str, int]:
    """declared column of Item Master -> how sure; empty where the header means something else, or nothing known.

    The first of its spellings that means anything decides: `Min stock / Stock` is a minimum.
    """
    for text in (header, *keys_of(header)):
        if named := named_by(ITEM_MASTER, text):
            return {named: NAMED}
    for key in keys_of(header):
        weak = {column: WEAK for column, words in _weak().items() if key in words}
        found = {column: ALIAS for column in alias_of(ITEM_MASTER, key) if column not in weak} | weak
        if found or (key in _others()[0] and key in spellings(header)):
            return found
    return _hinted(header)


def _hinted(header: str) -> dict[str, int]:
    """What single words of a header that is not known as a whole point to."""
    if len(header) > LONGEST or any(spelling.startswith(_begins()) for spelling in spellings(header)):
        return {}
    tokens, (anywhere, ends, places) = _tokens(header), _other_tokens()
    where = next((i for i, token in enumerate(tokens) if i and token in _IN), len(tokens))
    if _has(tokens[:where], anywhere) or _has(tokens[where:], anywhere - places) or {*tokens[:1], *tokens[-1:]} & ends:
        return {}
    found = {column: HINT for column, words in _hints().items() if _has(tokens, words)}
    if "Barcode" in found:
        return {"Barcode": HINT}
    return found


def says_sku(header: str) -> bool:
    """The word itself is in it: `Custom SKU`."""
    return bool({"sku", "skus"} & {*_tokens(header)})


def says_shelf(header: str) -> bool:
    """What stands on the shelf: `On hand`, `Physical stock`."""
    return _has(_tokens(header), _shelf()[0])


def says_free(header: str) -> bool:
    """What stands on the shelf less what is sold: `Available`."""
    return _has(_tokens(header), _shelf()[1])
