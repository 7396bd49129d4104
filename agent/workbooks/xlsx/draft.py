"""A new version of a package in the making: parts changed, added, related; the shared lists are edited at the end."""

from __future__ import annotations

import itertools
import posixpath
from collections.abc import Iterable, Sequence
from functools import cached_property

from agent.workbooks.xlsx.archive import Packed, pack, pack_pieces
from agent.workbooks.xlsx.deflate import BIG_PART
from agent.workbooks.xlsx.grid import Texts
from agent.workbooks.xlsx.package import CONTENT_TYPES, Package
from agent.workbooks.xlsx.splice import Edit, Node, append, apply, attribute, outline, remove
from agent.workbooks.xlsx.styles import Styles

_STRICT = "http://purl.oclc.org/ooxml"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml."
RELATIONS_TYPE = "application/vnd.openxmlformats-package.relationships+xml"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


class Draft:
    """Changes to a package. `finish()` gives the bytes of the new file."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.changes: dict[str, bytes | Packed] = {}
        self.added: dict[str, bytes | Packed] = {}
        self.recalculate = False
        """Excel is to calculate everything anew when it opens the file."""
        self.formulas_moved = False
        """A cell that held a formula no longer does: Excel's list of formula cells must go."""
        self.removed: set[str] = set()
        self._types: dict[str, str] = {}
        root = self.workbook
        namespace = root.attributes.get("xmlns:" + root.prefix[:-1] if root.prefix else "xmlns", "")
        self.strict = namespace.startswith(_STRICT)

    @cached_property
    def workbook(self) -> Node:
        """The outline of workbook.xml as it was."""
        return outline(self.package.data(self.package.workbook_part), "workbook")

    @cached_property
    def styles(self) -> Styles:
        """The workbook's styles; what is appended is written at the end. Raises Refused."""
        part = self.package.styles_part
        return Styles(self.package.data(part) if part else b"<styleSheet/>")

    @property
    def main_namespace(self) -> str:
        """The namespace of sheets and tables in this workbook."""
        return f"{_STRICT}/spreadsheetml/main" if self.strict else _MAIN

    @property
    def relation_namespace(self) -> str:
        """The namespace of `r:id`, and the start of every relation's type."""
        return f"{_STRICT if self.strict else _OFFICE}{'/officeDocument' if self.strict else ''}/relationships"

    def declared_r(self, root: Node) -> str:
        """What an element needs so that `r:id` is understood in it: nothing where the root says it already.

        Readers exist that know this attribute only by the prefix `r`.
        """
        wanted = self.relation_namespace
        return "" if root.attributes.get("xmlns:r") == wanted else f' xmlns:r="{wanted}"'

    def data(self, name: str) -> bytes:
        """A part as the draft has it now."""
        found = self.changes.get(name) or self.added.get(name)
        if found is None:
            return self.package.data(name)
        return found.data() if isinstance(found, Packed) else found

    def put(self, name: str, data: bytes) -> Packed | None:
        """Give a part this content; the same content as before is no change. Big ones are packed at once: returned."""
        made = pack(data) if len(data) > BIG_PART else data
        if name in self.added:
            self.added[name] = made
        elif data == self.package.data(name):
            self.changes.pop(name, None)
        else:
            self.changes[name] = made
        return made if isinstance(made, Packed) else None

    def put_pieces(self, name: str, pieces: Iterable[bytes]) -> Packed | None:
        """The same with a content in pieces, which is packed while it is made: a big one is never held whole."""
        first, rest, size = list[bytes](), iter(pieces), 0
        for piece in rest:
            first.append(piece)
            size += len(piece)
            if size > BIG_PART:
                break
        else:
            return self.put(name, b"".join(first))
        made = pack_pieces(itertools.chain(first, rest))
        if name in self.added:
            self.added[name] = made
        elif self._stands(name, made):
            self.changes.pop(name, None)
        else:
            self.changes[name] = made
        return made

    def _stands(self, name: str, made: Packed) -> bool:
        member = self.package.members[name]
        return (member.crc, member.size) == (made.crc, made.size) and made.data() == self.package.data(name)

    def add_part(self, folder: str, stem: str, data: bytes, kind: str) -> str:
        """Add a part beside the workbook: `worksheets`, `sheet` -> `xl/worksheets/sheet9.xml`.

        `kind`: the last word of its content type, or a whole one.
        """
        base = posixpath.join(posixpath.dirname(self.package.workbook_part), folder)
        taken = {name.lower() for name in (*self.package.members, *self.added)}
        number = next(n for n in range(1, 100_000) if f"{base}/{stem}{n}.xml".lower() not in taken)
        name = f"{base}/{stem}{number}.xml"
        self.added[name] = data
        self._types[name] = kind if "/" in kind else f"{_TYPE}{kind}+xml"
        return name

    def drop_part(self, name: str) -> None:
        """Leave a part out, with its declared type."""
        self.removed.add(name)

    def relate(self, source: str, targets: Sequence[tuple[str, str]], *, external: bool = False) -> list[str]:
        """Relate a part to others: (kind, target part or address) -> the new relation ids."""
        part, data = self._relations(source)
        root = outline(data, part)
        used = {node.attributes.get("Id", "") for node in root.children}
        free = (f"rId{number}" for number in itertools.count(1) if f"rId{number}" not in used)
        ids = list(itertools.islice(free, len(targets)))
        mode = ' TargetMode="External"' if external else ""
        folder = posixpath.dirname(source)
        new = "".join(
            f'<{root.prefix}Relationship Id="{id_}" Type="{self.relation_namespace}/{kind}" '
            f"Target={attribute(target if external else posixpath.relpath(target, folder or '.'))}{mode}/>"
            for id_, (kind, target) in zip(ids, targets, strict=True)
        )
        self._put_relations(part, apply(data, append(data, root, new)))
        return ids

    def unrelate(self, source: str, ids: Iterable[str]) -> None:
        """Take relations away."""
        gone = set(ids)
        if gone:
            part, data = self._relations(source)
            nodes = outline(data, part).children
            self._put_relations(part, apply(data, [remove(n) for n in nodes if n.attributes.get("Id") in gone]))

    def _relations(self, source: str) -> tuple[str, bytes]:
        part = self.package.relations_part(source)
        part = self.package.member_name(part) or part
        if part in self.added or part in self.package.members:
            return part, self.data(part)
        return part, f'{XML}<Relationships xmlns="{_PACKAGE}"></Relationships>'.encode()

    def _put_relations(self, part: str, data: bytes) -> None:
        if part in self.package.members:
            self.put(part, data)
        else:
            self.added[part] = data

    def finish(self) -> bytes:
        """The new file."""
        self._settle()
        return self.package.rebuild(self.changes, self.removed, self.added)

    def _settle(self) -> None:
        part = self.package.styles_part
        if part and "styles" in self.__dict__ and self.styles.changed:
            self.put(part, self.styles.data())
        name = self.package.member_name(CONTENT_TYPES) or CONTENT_TYPES
        data = self.package.data(name)
        root = outline(data, name)
        gone = {f"/{part}".lower() for part in self.removed}
        edits: list[Edit] = [remove(n) for n in root.children if n.attributes.get("PartName", "").lower() in gone]
        new = "".join(
            f'<{root.prefix}Override PartName={attribute("/" + part)} ContentType="{kind}"/>'
            for part, kind in self._types.items()
        )
        if not any(n.attributes.get("Extension", "").lower() == "rels" for n in root.children):
            new += f'<{root.prefix}Default Extension="rels" ContentType="{RELATIONS_TYPE}"/>'
        self.put(name, apply(data, [*edits, *append(data, root, new)]) if new or edits else data)

    @cached_property
    def texts(self) -> Texts:
        """The texts of cells as they were."""
        return Texts(self.package)
