"""Small edits of an XML part at token offsets: what is not edited keeps its bytes, prefixes and white space.

For parts of moderate size (workbook, relations, content types, styles, tables, a sheet without its rows).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from agent.words import in_words
from agent.workbooks.xlsx.package import Refused, parse

_ATTRIBUTE = re.compile(rb"""\s([\w.:-]+)\s*=\s*("[^"]*"|'[^']*')""")
_END_OF_TAG = re.compile(rb"""(?:[^"'>]|"[^"]*"|'[^']*')*>""")


@dataclass
class Node:
    """One element: its names, and where its bytes stand."""

    tag: str
    """As written, prefix included."""
    attributes: dict[str, str]
    start: int
    inner: int = 0
    """Just behind the start tag."""
    inner_end: int = 0
    """Where the end tag begins; equal to `inner` for `<a/>`."""
    end: int = 0
    empty: bool = False
    """Written as `<a/>`."""
    children: list[Node] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The name without its prefix."""
        return self.tag.rpartition(":")[2]

    @property
    def prefix(self) -> str:
        """The prefix with its colon, or an empty string."""
        return self.tag[: len(self.tag) - len(self.name)]

    def find(self, name: str) -> Node | None:
        """The first child of that name, prefixes aside."""
        return next((child for child in self.children if child.name == name), None)

    def all(self, name: str) -> list[Node]:
        """The children of that name, prefixes aside."""
        return [child for child in self.children if child.name == name]

    def walk(self) -> Iterator[Node]:
        """This element and all below it."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True)
class Edit:
    """Replace the bytes from `start` to `end`."""

    start: int
    end: int
    new: bytes


def outline(data: bytes, name: str = "part") -> Node:
    """The tree of a part with the offsets of every element. Raises Refused."""
    parse(data, name)  # encoding, DTD, well-formedness
    roots: list[Node] = []
    open_nodes: list[Node] = []
    parser = expat.ParserCreate()

    def started(tag: str, attributes: dict[str, str]) -> None:
        node = Node(tag, attributes, parser.CurrentByteIndex)
        (open_nodes[-1].children if open_nodes else roots).append(node)
        open_nodes.append(node)

    def ended(_: str) -> None:
        _close(open_nodes.pop(), data, parser.CurrentByteIndex)

    parser.StartElementHandler, parser.EndElementHandler = started, ended
    try:
        parser.Parse(data, True)
    except expat.ExpatError:
        raise Refused(
            in_words("splice.workbook_damaged_part_cannot", name=name), in_words("splice.save_again_excel")
        ) from None
    return roots[0]


def _close(node: Node, data: bytes, end_tag: int) -> None:
    match = _END_OF_TAG.match(data, node.start)
    assert match is not None
    node.inner = match.end()
    node.empty = data[node.inner - 2 : node.inner] == b"/>"
    node.inner_end = node.inner if node.empty else end_tag
    node.end = node.inner if node.empty else data.index(b">", end_tag) + 1


def apply(data: bytes, edits: Iterable[Edit]) -> bytes:
    """The data with all edits made. Edits may not overlap; insertions at one place keep their order."""
    pieces, at = [], 0
    for edit in sorted(edits, key=lambda e: (e.start, e.end)):
        if edit.start < at:
            raise ValueError("edits overlap")
        pieces += [data[at : edit.start], edit.new]
        at = edit.end
    return b"".join([*pieces, data[at:]])


def set_attribute(data: bytes, node: Node, name: str, value: str) -> list[Edit]:
    """Give the element this attribute, or change it; nothing if it has that value."""
    if node.attributes.get(name) == value:
        return []
    quoted = quoteattr(value).encode()
    for match in _ATTRIBUTE.finditer(data, node.start, node.inner):
        if match[1].decode() == name:
            return [Edit(*match.span(2), quoted)]
    at = node.inner - (2 if node.empty else 1)
    return [Edit(at, at, b" " + name.encode() + b"=" + quoted)]


def drop_attribute(data: bytes, node: Node, name: str) -> list[Edit]:
    """Take the attribute away."""
    matches = _ATTRIBUTE.finditer(data, node.start, node.inner)
    return [Edit(*match.span(), b"") for match in matches if match[1].decode() == name]


def remove(node: Node) -> Edit:
    """Take the element away."""
    return Edit(node.start, node.end, b"")


def replace(node: Node, new: str) -> Edit:
    """Put other XML in the element's place."""
    return Edit(node.start, node.end, new.encode())


def append(data: bytes, node: Node, new: str) -> list[Edit]:
    """Add XML as the element's last children."""
    if not new:
        return []
    if not node.empty:
        return [Edit(node.inner_end, node.inner_end, new.encode())]
    head = data[node.start : node.inner - 2].rstrip()
    return [Edit(node.start, node.end, head + b">" + new.encode() + f"</{node.tag}>".encode())]


def insert_in_order(parent: Node, name: str, order: Sequence[str], new: str) -> Edit:
    """Add a child element of that name where the schema's order wants it. `parent` is not written as `<a/>`."""
    later = set(order[order.index(name) + 1 :])
    at = next((child.start for child in parent.children if child.name in later), parent.inner_end)
    return Edit(at, at, new.encode())


def text(value: str) -> str:
    """Escaped for element content."""
    return escape(value)


def attribute(value: str) -> str:
    """Escaped and quoted for an attribute."""
    return quoteattr(value, {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})
