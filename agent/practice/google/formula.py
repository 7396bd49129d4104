"""Reading a formula: numbers, texts, addresses, operators and calls of functions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from agent.practice.google.references import Reference, corner


class Unreadable(Exception):
    """The text is no formula that can be read here."""


@dataclass(frozen=True, slots=True)
class Node:
    """A piece of a formula. `kind`: value, ref, call, op, minus, percent or error; `parts`: what it is made of."""

    kind: str
    what: Any
    parts: tuple[Node, ...] = ()


_TOKEN = re.compile(
    r'\s*(?:(?P<text>"(?:[^"]|"")*")'
    r"|(?P<error>#(?:REF!|N/A|VALUE!|DIV/0!|NAME\?|NUM!|NULL!))"
    r"|(?P<ref>(?:'(?:[^']|'')*'!|[A-Za-z_][A-Za-z0-9_.]*!)?(?:"
    r"\$?[A-Za-z]{1,3}\$?[0-9]+(?::\$?[A-Za-z]{1,3}(?:\$?[0-9]+)?)?"
    r"|\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3}(?:\$?[0-9]+)?|\$?[0-9]+:\$?[0-9]+)(?![A-Za-z0-9_(]))"
    r"|(?P<number>[0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_.]*)"
    r"|(?P<sign><=|>=|<>|[-+*/^&=<>%(),;{}]))\s*"
)
_LEVELS = (("=", "<>", "<", ">", "<=", ">="), ("&",), ("+", "-"), ("*", "/"), ("^",))
Token = tuple[str, str]


def read(formula: str) -> Node:
    """The formula, which begins with `=`, as a tree; raises Unreadable."""
    tokens, at = [], 1
    while at < len(formula):
        found = _TOKEN.match(formula, at)
        if not found or not found.lastgroup:
            raise Unreadable(formula)
        tokens.append((found.lastgroup, found[found.lastgroup]))
        at = found.end()
    reader = _Reader(tokens)
    node = reader.level(0)
    if reader.at < len(tokens):
        raise Unreadable(formula)
    return node


class _Reader:
    def __init__(self, tokens: list[Token]) -> None:
        self.tokens, self.at = tokens, 0

    def next(self) -> Token:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def take(self, sign: str) -> bool:
        if self.next() == ("sign", sign):
            self.at += 1
            return True
        return False

    def level(self, depth: int) -> Node:
        if depth == len(_LEVELS):
            return self.signed()
        node = self.level(depth + 1)
        while self.next()[0] == "sign" and self.next()[1] in _LEVELS[depth]:
            sign = self.next()[1]
            self.at += 1
            node = Node("op", sign, (node, self.level(depth + 1)))
        return node

    def signed(self) -> Node:
        if self.take("-"):
            return Node("minus", None, (self.signed(),))
        if self.take("+"):
            return self.signed()
        node = self.one()
        while self.take("%"):
            node = Node("percent", None, (node,))
        return node

    def one(self) -> Node:
        kind, text = self.next()
        self.at += 1
        if kind == "text":
            return Node("value", text[1:-1].replace('""', '"'))
        if kind == "number":
            return Node("value", float(text) if re.search(r"[.eE]", text) else int(text))
        if kind == "error":
            return Node("error", text)
        if kind == "ref":
            return Node("ref", _reference(text))
        if kind == "name":
            return self.named(text)
        if (kind, text) == ("sign", "("):
            node = self.level(0)
            if self.take(")"):
                return node
        raise Unreadable(text)

    def named(self, name: str) -> Node:
        if self.take("("):
            return Node("call", name.upper(), self.arguments())
        if name.upper() in {"TRUE", "FALSE"}:
            return Node("value", name.upper() == "TRUE")
        return Node("named", name)

    def arguments(self) -> tuple[Node, ...]:
        found: list[Node] = []
        if self.take(")"):
            return ()
        while True:
            blank = self.next() in {("sign", ","), ("sign", ";"), ("sign", ")")}
            found.append(Node("value", None) if blank else self.level(0))
            if self.take(")"):
                return tuple(found)
            if not (self.take(",") or self.take(";")):
                raise Unreadable(self.next()[1])


def _reference(text: str) -> Reference:
    title, _, rest = text.rpartition("!")
    first, _, last = rest.partition(":")
    named = title.strip("'").replace("''", "'") if title else None
    return Reference(named, corner(first), corner(last) if last else None)
