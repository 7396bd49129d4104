"""What an Excel workbook is made of: its sheets, names and tables, found by relation and never by file name.

Real workbooks have Strict namespaces, prefixed roots, absolute targets, and parts with other names.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from lxml import etree

from agent.words import in_words
from agent.workbooks.xlsx.archive import Archive, Member, Packed, Refused

__all__ = ["UTF16", "DefinedName", "Package", "Refused", "Relation", "Sheet", "Table", "local", "parse"]

CONTENT_TYPES = "[Content_Types].xml"
_SAVE_AS = in_words("package.excel_choose_file_save")
MAX_NAME = 60
"""Characters of a person's name."""
UTF16 = (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")


@dataclass(frozen=True)
class Relation:
    """One relation of a part. `kind` is the last word of its type: worksheet, table, styles ..."""

    id: str
    kind: str
    target: str
    """The part's name in the zip file (external targets as they are written)."""
    external: bool = False


@dataclass(frozen=True)
class Sheet:
    """One sheet, in the order of the tabs."""

    name: str
    part: str
    sheet_id: int
    relation_id: str
    state: str
    """visible, hidden or veryHidden."""
    position: int
    """0 is the first tab."""
    kind: str = "worksheet"
    """worksheet, chartsheet, dialogsheet ..."""


@dataclass(frozen=True)
class Table:
    """One table (in Excel: Format as Table)."""

    part: str
    display_name: str
    sheet_part: str
    id: int
    ref: str


@dataclass(frozen=True)
class DefinedName:
    """One defined name. `scope`: position of the only sheet it is valid for, else None."""

    name: str
    text: str
    scope: int | None = None
    hidden: bool = False


@dataclass
class Package:
    """A workbook's parts. Make it with `Package.open(content)`, which raises Refused."""

    archive: Archive
    workbook_part: str
    sheets: list[Sheet] = field(default_factory=list)
    defined_names: list[DefinedName] = field(default_factory=list)
    date1904: bool = False
    """Days count from 1904-01-01 instead of 1899-12-30."""
    structure_locked: bool = False
    """Tabs may not be added."""
    read_only: Refused | None = None
    """Why the person does not want it changed: a password to modify, read-only recommended, marked as final."""

    @classmethod
    def open(cls, content: bytes, *, checked: bool = True) -> Package:
        """Read the package and everything that says where its parts are. Raises Refused.

        `checked`: with the checksum of every member, else of those that are asked for (`archive.check` does the rest).
        """
        archive = Archive.open(content)
        if checked:
            archive.check()
        package = cls(archive, "")
        package.workbook_part = package._find_workbook()
        package._read_workbook()
        return package

    @property
    def last_modified_by(self) -> str | None:
        """Who saved it last, by the properties of the document; a program that keeps no names leaves it out."""
        part = self.related("", "core-properties")
        named = None if part is None else next(_all(self.root(part), "lastModifiedBy"), None)
        return None if named is None else (named.text or "").strip()[:MAX_NAME] or None

    @property
    def members(self) -> dict[str, Member]:
        """The zip file's members by name, in their order."""
        return self.archive.members

    def data(self, name: str) -> bytes:
        """A member's content. KeyError if there is none."""
        return self.archive.data(name)

    def rebuild(
        self,
        changes: Mapping[str, bytes | Packed] | None = None,
        removed: Iterable[str] = (),
        added: Mapping[str, bytes | Packed] | None = None,
    ) -> bytes:
        """A new file with some members replaced, left out or added; every other one's compressed bytes are copied."""
        return self.archive.rebuild(changes, removed, added)

    def root(self, name: str) -> Any:
        """The parsed root element of a part. Raises Refused."""
        return parse(self.data(name), name)

    def member_name(self, name: str) -> str | None:
        """The member of that name, upper and lower case aside."""
        return name if name in self.members else self._by_lower.get(name.lower())

    @cached_property
    def _by_lower(self) -> dict[str, str]:
        return {name.lower(): name for name in self.members}

    # --- content types and relations

    @cached_property
    def _types(self) -> tuple[dict[str, str], dict[str, str]]:
        name = self.member_name(CONTENT_TYPES)
        if name is None:
            raise Refused(self._what_else(), _SAVE_AS)
        root = self.root(name)
        overrides = {e.get("PartName", "").lstrip("/").lower(): e.get("ContentType") for e in _all(root, "Override")}
        defaults = {e.get("Extension", "").lower(): e.get("ContentType") for e in _all(root, "Default")}
        return overrides, defaults

    def _what_else(self) -> str:
        kind = self.data("mimetype")[:80] if "mimetype" in self.members else b""
        if b"opendocument" in kind:
            return in_words("package.file_opendocument_file_ods")
        if any(name.startswith("Index/") for name in self.members):
            return in_words("package.file_numbers_document_with")
        return in_words("package.file_not_excel_workbook")

    def content_type(self, name: str) -> str:
        """The declared content type of a part, or an empty string."""
        overrides, defaults = self._types
        extension = name.rpartition(".")[2].lower()
        return overrides.get(name.lower()) or defaults.get(extension) or ""

    @staticmethod
    def relations_part(name: str) -> str:
        """Where the relations of a part are written ('' = of the whole package)."""
        folder, base = posixpath.split(name)
        return posixpath.join(folder, "_rels", base + ".rels")

    def relations(self, name: str) -> list[Relation]:
        """The relations of a part, in their order; none if it has no relations part."""
        part = self.member_name(self.relations_part(name))
        return [] if part is None else [self._relation(e, name) for e in _all(self.root(part), "Relationship")]

    def _relation(self, element: Any, source: str) -> Relation:
        target, external = element.get("Target", ""), element.get("TargetMode") == "External"
        if not external:
            joined = posixpath.join("/", posixpath.dirname(source), unquote(target))
            resolved = posixpath.normpath(joined).lstrip("/")
            target = self.member_name(resolved) or resolved
        return Relation(element.get("Id", ""), element.get("Type", "").rpartition("/")[2], target, external)

    def related(self, name: str, kind: str) -> str | None:
        """The first existing part that `name` is related to in this way."""
        found = (r.target for r in self.relations(name) if r.kind == kind and not r.external)
        return next((target for target in found if target in self.members), None)

    # --- the workbook

    def _find_workbook(self) -> str:
        kinds = {r.kind: r.target for r in reversed(self.relations("")) if not r.external}
        if "origin" in kinds or any(name.lower().startswith("_xmlsignatures/") for name in self.members):
            raise Refused(
                in_words("package.workbook_carries_digital_signature"),
                in_words("package.save_unsigned_copy_for"),
            )
        part = kinds.get("officeDocument", "")
        if part not in self.members:
            raise Refused(self._what_else(), _SAVE_AS)
        kind = self.content_type(part)
        if "sheet.binary" in kind:
            raise Refused(in_words("package.workbook_excel_binary_format"), _SAVE_AS)
        if not kind.endswith("main+xml") or "wordprocessing" in kind or "presentation" in kind:
            raise Refused(in_words("package.file_not_excel_workbook"), _SAVE_AS)
        return part

    def _read_workbook(self) -> None:
        root = self.root(self.workbook_part)
        relations = {r.id: r for r in self.relations(self.workbook_part)}
        if any(r.kind == "revisionHeaders" for r in relations.values()):
            raise Refused(
                in_words("package.workbook_shared_excel_old"),
                in_words("package.excel_review_unshare_workbook"),
            )
        for position, element in enumerate(e for e in _all(root, "sheet") if local(e.getparent()) == "sheets"):
            self.sheets.append(self._sheet(element, position, relations))
        if not self.sheets:
            raise Refused(in_words("package.workbook_no_sheet"), _SAVE_AS)
        self.defined_names = [_defined_name(e) for e in _all(root, "definedName")]
        self.date1904 = any(_true(e.get("date1904")) for e in _all(root, "workbookPr"))
        self.structure_locked = any(_true(e.get("lockStructure")) for e in _all(root, "workbookProtection"))
        self.read_only = self._read_only(next(_all(root, "fileSharing"), None))

    def _read_only(self, sharing: Any) -> Refused | None:
        if sharing is not None and (sharing.get("reservationPassword") or sharing.get("hashValue")):
            return Refused(
                in_words("package.workbook_asks_for_password"),
                in_words("package.excel_file_save_as"),
            )
        if sharing is not None and _true(sharing.get("readOnlyRecommended")):
            return Refused(
                in_words("package.workbook_opened_as_read"),
                in_words("package.excel_file_info_protect"),
            )
        part = self.related("", "custom-properties")
        if part is None or b"_MarkAsFinal" not in self.data(part):
            return None
        marks = (e for e in _all(self.root(part), "property") if e.get("name") == "_MarkAsFinal")
        if any(_true("".join(e.itertext())) for e in marks):
            return Refused(
                in_words("package.workbook_marked_as_final"),
                in_words("package.excel_file_info_protect_workbook"),
            )
        return None

    def _sheet(self, element: Any, position: int, relations: Mapping[str, Relation]) -> Sheet:
        name = element.get("name", "")
        relation_id = next((v for k, v in element.attrib.items() if k.startswith("{") and k.endswith("}id")), "")
        relation = relations.get(relation_id)
        if relation is None or relation.target not in self.members:
            raise Refused(in_words("package.workbook_damaged_nothing_stands", name=name), _SAVE_AS)
        state, number = element.get("state", "visible"), element.get("sheetId", "0")
        sheet_id = int(number) if number.isdigit() else 0
        return Sheet(name, relation.target, sheet_id, relation_id, state, position, relation.kind)

    @cached_property
    def tables(self) -> list[Table]:
        """Every table of every sheet."""
        return [t for sheet in self.sheets for r in self.relations(sheet.part) for t in self._table(r, sheet)]

    def _table(self, relation: Relation, sheet: Sheet) -> Iterator[Table]:
        if relation.kind != "table" or relation.target not in self.members:
            return
        root = self.root(relation.target)
        number = root.get("id", "0")
        name = root.get("displayName") or root.get("name", "")
        yield Table(relation.target, name, sheet.part, int(number) if number.isdigit() else 0, root.get("ref", ""))

    @cached_property
    def shared_strings_part(self) -> str | None:
        """The part that holds texts that cells share."""
        return self.related(self.workbook_part, "sharedStrings")

    @cached_property
    def styles_part(self) -> str | None:
        """The part that holds number formats, fonts, fills."""
        return self.related(self.workbook_part, "styles")

    @cached_property
    def calculation_chain_part(self) -> str | None:
        """The part that lists cells with formulas, in Excel's order of work."""
        return self.related(self.workbook_part, "calcChain")


def local(element: Any) -> str:
    """The element's name without its namespace ('' for comments)."""
    tag = getattr(element, "tag", "")
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def parse(data: bytes, name: str) -> Any:
    """The root element of a small XML part. No network, no entities; raises Refused."""
    if data.startswith(UTF16):
        raise Refused(in_words("package.workbook_part_not_written", name=name), _SAVE_AS)
    if b"<!DOCTYPE" in data[:100_000] or b"<!ENTITY" in data[:100_000]:
        raise Refused(in_words("package.workbook_part_holds_definitions", name=name), _SAVE_AS)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise Refused(in_words("package.workbook_damaged_part_cannot", name=name), _SAVE_AS) from None
    encoding = root.getroottree().docinfo.encoding or "UTF-8"
    if encoding.upper() not in ("UTF-8", "US-ASCII", "ASCII"):
        raise Refused(in_words("package.workbook_part_not_written", name=name), _SAVE_AS)
    return root


def _all(root: Any, name: str) -> Iterator[Any]:
    return (e for e in root.iter(etree.Element) if local(e) == name)


def _true(value: str | None) -> bool:
    return (value or "").strip().lower() in ("1", "true", "on")


def _defined_name(element: Any) -> DefinedName:
    scope = element.get("localSheetId")
    where = int(scope) if scope is not None and scope.isdigit() else None
    return DefinedName(element.get("name", ""), element.text or "", where, _true(element.get("hidden")))
