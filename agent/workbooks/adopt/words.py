"""What headers may mean besides our columns: the data of `words.toml`, compared as headers are."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from agent.workbooks.headers import alias_of, named_by, spellings
from agent.workbooks.tabs import ITEM_MASTER

NAMED, ALIAS, WEAK, HINT = 1, 2, 3, 4
"""How sure a header is of its meaning; smaller is surer."""
_WORD = re.compile(r"[^\W_]+")
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
    return {column: _compared(words) for column, words in _data()["hint"].items()}


@cache
def _other_tokens() -> frozenset[str]:
    return _compared(_data()["other"]["tokens"])


def _tokens(header: str) -> frozenset[str]:
    """The words of a header: `PurchasesUnitPrice`, `inventory_Main_Outlet`."""
    return frozenset(key for word in _WORD.findall(_CAMEL.sub(" ", header)) for key in spellings(word)[:1])


@cache
def _units() -> tuple[str, ...]:
    return tuple(sorted(_compared(_data()["units"]["words"]), key=len, reverse=True))


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
        if found or key in _others()[0]:
            return found
    words = _tokens(header)
    return {} if words & _other_tokens() else {column: HINT for column, hints in _hints().items() if words & hints}
