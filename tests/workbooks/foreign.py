"""Workbooks as other programs write them, made by hand from one small Item Master: each maker changes its package.

Every way of writing here was met in a real file (excel.md section 2.4) or is allowed by ECMA-376.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from io import BytesIO

from lxml import etree
from made import seller_book

from agent.workbooks.xlsx.package import Package

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT = "http://purl.oclc.org/ooxml"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml."
BOOK, SHEET, NOTES = "xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"
RELATIONS, TYPES, STYLES, STRINGS = (
    "xl/_rels/workbook.xml.rels", "[Content_Types].xml", "xl/styles.xml", "xl/sharedStrings.xml",
)  # fmt: skip

Parts = dict[str, bytes]
Maker = Callable[[], bytes]


def parts() -> Parts:
    """See `_shared`."""
    return dict(_shared())


@cache
def _shared() -> Parts:
    """The Item Master's parts: A SKU, B Title, C Stocked, rows 2 to 6; and a tab with a formula. Texts are shared."""
    package = Package.open(seller_book())
    found = {name: package.data(name) for name in package.members}
    texts: list[bytes] = []

    def share(match: re.Match[bytes]) -> bytes:
        texts.append(match[3])
        return b'<c %st="s"%s><v>%d</v></c>' % (match[1], match[2], len(texts) - 1)

    for name in (SHEET, NOTES):
        found[name] = re.sub(rb'<c ([^>]*?)t="inlineStr"([^>]*)><is>(.*?)</is></c>', share, found[name])
    items = b"".join(b"<si>%s</si>" % text for text in texts)
    found.pop(STRINGS, None)
    _add(
        found,
        BOOK,
        [("sharedStrings", STRINGS, f'<sst xmlns="{MAIN}">'.encode() + items + b"</sst>", TYPE + "sharedStrings+xml")],
    )
    return found


def packed(found: Parts, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip file of these parts, in their order."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", method) as file:
        for name, data in found.items():
            file.writestr(name, data)
    return out.getvalue()


def changed(part: str, *pairs: tuple[str, str], **more: Callable[[Parts], None]) -> Maker:
    """Texts in one part replaced; each must be there."""

    def make() -> bytes:
        found = parts()
        for old, new in pairs:
            assert old.encode() in found[part], (part, old, found[part][:2000])
            found[part] = found[part].replace(old.encode(), new.encode())
        for change in more.values():
            change(found)
        return packed(found)

    return make


def matched(part: str, pattern: str, new: str) -> Maker:
    """The same by a pattern."""

    def make() -> bytes:
        found = parts()
        found[part], count = re.subn(pattern.encode(), new.encode(), found[part])
        assert count, (part, pattern, found[part][:2000])
        return packed(found)

    return make


def every(change: Callable[[str, bytes], bytes]) -> Maker:
    """Each part changed."""
    return lambda: packed({name: change(name, data) for name, data in parts().items()})


def added(relations: Iterable[tuple[str, str, bytes, str]], source: str = BOOK, **texts: str) -> Maker:
    """Further parts, each related to `source`: (kind, name, data, content type)."""

    def make() -> bytes:
        found = parts()
        _add(found, source, relations)
        for old, new in texts.items():
            found[source] = found[source].replace(f"</{old}>".encode(), f"{new}</{old}>".encode())
        return packed(found)

    return make


def _add(found: Parts, source: str, relations: Iterable[tuple[str, str, bytes, str]]) -> None:
    rels = Package.relations_part(source)
    empty = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
    for number, (kind, name, data, content_type) in enumerate(relations):
        found[name] = data
        full = kind if "/" in kind else f"{OFFICE}/{kind}"
        relation = f'<Relationship Id="x{number}" Type="{full}" Target="/{name}"/></Relationships>'
        found[rels] = found.get(rels, empty).replace(b"</Relationships>", relation.encode())
        override = f'<Override PartName="/{name}" ContentType="{content_type}"/></Types>'
        found[TYPES] = found[TYPES].replace(b"</Types>", override.encode())


# --- ways of writing XML


def _bom(_: str, data: bytes) -> bytes:
    return b"\xef\xbb\xbf" + data


def _prefixed(name: str, data: bytes) -> bytes:
    """`x:` before every element of spreadsheetml; `y:` before those of relations and content types."""
    if not name.endswith((".xml", ".rels")) or "theme" in name or "docProps" in name:
        return data
    root = etree.fromstring(data)
    namespace = etree.QName(root).namespace
    prefix = "x" if namespace == MAIN else "y"
    new = etree.Element(root.tag, dict(root.attrib), nsmap={prefix: namespace, "r": OFFICE})
    new.extend(list(root))
    etree.cleanup_namespaces(new, keep_ns_prefixes=["r"])
    text = etree.tostring(new)
    assert f"<{prefix}:".encode() in text
    return b'<?xml version="1.0" encoding="utf-8"?>' + text


def _pretty(name: str, data: bytes) -> bytes:
    if not name.endswith((".xml", ".rels")):
        return data
    return etree.tostring(etree.fromstring(data), pretty_print=True, xml_declaration=True, encoding="UTF-8")


def _undeclared(name: str, data: bytes) -> bytes:
    return etree.tostring(etree.fromstring(data)) if name.endswith((".xml", ".rels")) else data


def _commented(name: str, data: bytes) -> bytes:
    if not name.endswith((".xml", ".rels")):
        return data
    head = b'<?xml version="1.0" encoding="UTF-8" standalone="no"?>\r\n<!-- made by hand --><?made by="hand"?>'
    return head + etree.tostring(etree.fromstring(data)) + b"\n<!-- the end -->\n"


def _strict(name: str, data: bytes) -> bytes:
    if "docProps" in name:
        return data
    for old, new in (
        (MAIN, f"{STRICT}/spreadsheetml/main"),
        (OFFICE, f"{STRICT}/officeDocument/relationships"),
        ("http://schemas.openxmlformats.org/drawingml/2006/main", f"{STRICT}/drawingml/main"),
    ):
        data = data.replace(old.encode(), new.encode())
    return data


def _inline() -> bytes:
    """Shared strings written into their cells, rich text and reading aids too; no shared strings at all."""
    found = parts()
    items = [etree.tostring(e) for e in etree.fromstring(found.pop(STRINGS))]
    inner = [re.sub(rb"^<si[^>]*>|</si>\s*$", b"", item) for item in items]
    inner[1] = b'<r><rPr><b/></rPr><t xml:space="preserve">Tit</t></r><r><t>le</t></r>' if b"Title" in inner[1] else b""
    cell = re.compile(rb'<c ([^>]*?)t="s"([^>]*)><v>(\d+)</v></c>')
    for part in (SHEET, NOTES):
        made = cell.sub(lambda m: b'<c %st="inlineStr"%s><is>%s</is></c>' % (m[1], m[2], inner[int(m[3])]), found[part])
        found[part] = made
    found[TYPES] = re.sub(rb"<Override[^>]*sharedStrings[^>]*/>", b"", found[TYPES])
    found[RELATIONS] = re.sub(rb"<Relationship [^>]*sharedStrings[^>]*/>", b"", found[RELATIONS])
    return packed(found)


def _rich() -> bytes:
    """Rich text and reading aids among the shared strings."""
    found = parts()
    rich = (
        b'<si><r><rPr><b/><sz val="11"/></rPr><t xml:space="preserve">SKU</t></r><r><t>-2</t></r>'
        b'<rPh sb="0" eb="1"><t>aid</t></rPh><phoneticPr fontId="1"/></si>'
    )
    found[STRINGS] = re.sub(rb"<si><t>SKU-2</t></si>", rich, found[STRINGS])
    assert b"rPh" in found[STRINGS]
    return packed(found)


# --- ways of writing the package


def _moved() -> bytes:
    """The workbook's parts in another folder, under other names."""
    found, names = {}, {BOOK: "book/main.xml", SHEET: "book/a/items.xml", NOTES: "book/a/notes.xml"}
    names |= {RELATIONS: "book/_rels/main.xml.rels"}
    pattern = re.compile("|".join(f"(?<=/){re.escape(old)}" for old in names))
    for name, data in parts().items():
        found[names.get(name, name)] = pattern.sub(lambda m: names[m[0]], data.decode()).encode()
    found["_rels/.rels"] = found["_rels/.rels"].replace(BOOK.encode(), b"book/main.xml")
    rels = names[RELATIONS]
    found[rels] = re.sub(rb'Target="(styles|theme)', rb'Target="../xl/\1', found[rels])
    return packed(found)


def _targets(change: Callable[[str], str]) -> Maker:
    def make() -> bytes:
        found = parts()
        pattern = re.compile(rb'Target="/?(?:xl/)?([^":]+)"')
        found[RELATIONS] = pattern.sub(lambda m: f'Target="{change(m[1].decode())}"'.encode(), found[RELATIONS])
        return packed(found)

    return make


def _sloppy_types() -> bytes:
    """Only the workbook's type is declared by name, all other parts by a default that is too wide."""
    found = parts()
    kept = re.search(rb'<Override [^>]*PartName="/xl/workbook.xml"[^>]*/>', found[TYPES])
    assert kept
    head = b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    found[TYPES] = head + b'<Default Extension="XML" ContentType="application/xml"/>' + kept[0] + b"</Types>"
    return packed(found)


def _types_of_sheets_by_default() -> bytes:
    found = parts()
    default = f'<Default Extension="xml" ContentType="{TYPE}worksheet+xml"/>'
    found[TYPES] = re.sub(rb'<Default [^>]*Extension="xml"[^>]*/>', default.encode(), found[TYPES])
    found[TYPES] = re.sub(rb"<Override [^>]*worksheet\+xml[^>]*/>", b"", found[TYPES])
    return packed(found)


def _ordered() -> bytes:
    found = parts()
    return packed(dict(sorted(found.items(), key=lambda pair: (pair[0] == TYPES, pair[0]), reverse=False)))


def _folders() -> bytes:
    found: Parts = {}
    for name, data in parts().items():
        pieces = name.split("/")[:-1]
        for depth in range(1, len(pieces) + 1):
            found.setdefault("/".join(pieces[:depth]) + "/", b"")
        found[name] = data
    return packed(found)


class _Pipe(BytesIO):
    """Not seekable: zipfile writes data descriptors."""

    def seekable(self) -> bool:
        return False

    def tell(self) -> int:
        raise OSError

    def seek(self, *_: object) -> int:
        raise OSError


def _descriptors() -> bytes:
    out = _Pipe()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in parts().items():
            file.writestr(name, data)
    return out.getvalue()


def _zip64() -> bytes:
    """Every member with its sizes in a zip64 field, as streaming writers do (EPPlus, System.IO.Packaging)."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in parts().items():
            with file.open(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), "w", force_zip64=True) as member:
                member.write(data)
    return out.getvalue()


def _zip64_directory() -> bytes:
    """Sizes and places in the directory stand in zip64 fields too, and so does its end."""
    body, directory = b"", b""
    for name, data in parts().items():
        raw, crc, start = name.encode(), zlib.crc32(data), len(body)
        sizes = struct.pack("<HHQQ", 1, 16, len(data), len(data))
        head = struct.pack("<4s5H3I2H", b"PK\x03\x04", 45, 0, 0, 0, 33, crc, 2**32 - 1, 2**32 - 1, len(raw), 20)
        body += head + raw + sizes + data
        wide = struct.pack("<HHQQQ", 1, 24, len(data), len(data), start)
        entry = struct.pack(
            "<4s6H3I5H2I", b"PK\x01\x02", 45, 45, 0, 0, 0, 33, crc, 2**32 - 1, 2**32 - 1, len(raw), 28, 0, 0, 0, 0,
            2**32 - 1,
        )  # fmt: skip
        directory += entry + raw + wide
    count, at = len(parts()), len(body)
    end = struct.pack("<4sQ2H2I4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, len(directory), at)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, at + len(directory), 1)
    last = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 65535, 65535, 2**32 - 1, 2**32 - 1, 0)
    return body + directory + end + locator + last


def _extras() -> bytes:
    """Extra fields, notes, permissions, UTF-8 flags, a note at the end; a member with a name beyond ASCII."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.comment = b"a note"
        for name, data in {**parts(), "xl/media/Bild ä.png": b"\x89PNG"}.items():
            info = zipfile.ZipInfo(name, (2026, 11, 22, 14, 3, 0))
            info.extra = struct.pack("<HH4s", 0xA220, 4, b"\x00" * 4)
            info.external_attr, info.comment, info.compress_type = 0o644 << 16, b"note", zipfile.ZIP_DEFLATED
            file.writestr(info, data)
    return out.getvalue()


# --- what workbooks hold


def _more_sheets(kinds: Mapping[str, str]) -> Maker:
    """Further tabs of other kinds: name -> kind."""

    def make() -> bytes:
        found = parts()
        for number, (name, kind) in enumerate(kinds.items(), 9):
            part = f"xl/{kind}s/other{number}.xml"
            body = f'<{kind} xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0"/></sheetViews></{kind}>'
            if kind == "worksheet":
                body = f'<worksheet xmlns="{MAIN}"><sheetData/></worksheet>'
            full = (
                kind if "Macro" not in kind else "http://schemas.microsoft.com/office/2006/relationships/xlMacrosheet"
            )
            relation = f'<Relationship Id="k{number}" Type="{full if "/" in full else OFFICE + "/" + full}" '
            relation += f'Target="{part[3:]}"/></Relationships>'
            found[part] = body.encode()
            found[RELATIONS] = found[RELATIONS].replace(b"</Relationships>", relation.encode())
            override = f'<Override PartName="/{part}" ContentType="{TYPE}{kind}+xml"/></Types>'
            found[TYPES] = found[TYPES].replace(b"</Types>", override.encode())
            state = ' state="veryHidden"' if kind == "worksheet" else ""
            tab = f'<sheet xmlns:r="{OFFICE}" name="{name}" sheetId="{number + 40}"{state} r:id="k{number}"/></sheets>'
            found[BOOK] = found[BOOK].replace(b"</sheets>", tab.encode())
        return packed(found)

    return make


def _baggage() -> bytes:
    """Parts that Excel hangs on a workbook and its sheets: each must come out as it went in."""
    found = parts()
    ms, names = "http://schemas.microsoft.com/office", TYPE
    _add(
        found,
        BOOK,
        [
            ("externalLink", "xl/externalLinks/externalLink1.xml", b"<externalLink/>", names + "externalLink+xml"),
            ("connections", "xl/connections.xml", b"<connections/>", names + "connections+xml"),
            ("customXml", "customXml/item1.xml", b"<mine/>", "application/xml"),
            (f"{ms}/2011/relationships/timelineCache", "xl/timelineCaches/t1.xml", b"<t/>", "application/vnd.ms-excel"),
            (f"{ms}/2007/relationships/slicerCache", "xl/slicerCaches/s1.xml", b"<s/>", "application/vnd.ms-excel"),
            (f"{ms}/2006/relationships/vbaProject", "xl/vbaProject.bin", b"\x01\x02", "application/vnd.ms-office.vba"),
            (f"{ms}/2017/10/relationships/person", "xl/persons/person.xml", b"<personList/>", "application/vnd.ms"),
            ("powerPivotData", "xl/model/item.data", b"\x00" * 100, "application/vnd.openxmlformats-o.model+data"),
            ("sheetMetadata", "xl/metadata.xml", b"<metadata/>", names + "sheetMetadata+xml"),
            ("pivotCacheDefinition", "xl/pivotCache/p1.xml", b"<pivotCacheDefinition/>", names + "pivot+xml"),
        ],
    )
    _add(
        found,
        SHEET,
        [
            (f"{ms}/2017/10/relationships/threadedComment", "xl/threadedComments/t.xml", b"<T/>", "application/vnd"),
            ("printerSettings", "xl/printerSettings/p.bin", b"\x00\x01", names + "printerSettings"),
            ("ctrlProp", "xl/ctrlProps/c.xml", b"<formControlPr/>", "application/vnd.ms-excel.controlproperties+xml"),
        ],
    )
    found["docMetadata/LabelInfo.xml"] = b"<clbl/>"
    return packed(found)


_NAMES = (
    '<definedNames><definedName name="_xlnm.Print_Area" localSheetId="0">\'Item Master\'!$A$1:$C$6</definedName>'
    '<definedName name="Rate" comment="R &amp; D">0.19</definedName></definedNames><calcPr'
)
_EXTENDED = (
    f'<worksheet xmlns="{MAIN}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:x14ac="http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac" '
    'xmlns:xr="http://schemas.microsoft.com/office/spreadsheetml/2014/revision" mc:Ignorable="x14ac xr" '
    'xr:uid="{00000000-0001-0000-0000-000000000000}">'
)
_ALTERNATE = (
    '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:Choice '
    'Requires="x15"><x15ac:absPath xmlns:x15ac="http://schemas.microsoft.com/office/spreadsheetml/2010/11/ac" '
    'url="C:\\Users\\anna\\"/></mc:Choice></mc:AlternateContent><bookViews>'
)

WRITTEN: dict[str, Maker] = {
    "as openpyxl writes it": seller_book,
    "texts shared": lambda: packed(parts()),
    "a byte order mark in every part": every(_bom),
    "prefixed elements": every(_prefixed),
    "white space between elements": every(_pretty),
    "no XML declaration": every(_undeclared),
    "comments and instructions around the root": every(_commented),
    "Strict": every(_strict),
    "texts within the cells": _inline,
    "rich text and reading aids": _rich,
    "other names and folders": _moved,
    "absolute targets": _targets(lambda t: f"/xl/{t}"),
    "targets by way of the folder above": _targets(lambda t: f"../xl/./{t}"),
    "escaped targets": _targets(lambda t: t.replace("sheet1", "%73heet1")),
    "targets in other case": _targets(lambda t: t.replace("worksheets", "Worksheets")),
    "one default type for all": _sloppy_types,
    "the default type is a sheet's": _types_of_sheets_by_default,
    "types last": _ordered,
    "folders as members": _folders,
    "data descriptors": _descriptors,
    "zip64 members": _zip64,
    "a zip64 directory": _zip64_directory,
    "extra fields, notes and rights": _extras,
    "stored members": lambda: packed(parts(), zipfile.ZIP_STORED),
    "no dimension": matched(SHEET, r"<dimension[^>]*/>", ""),
    "relation ids by another prefix": changed(BOOK, ("xmlns:r=", "xmlns:rel="), (" r:id=", " rel:id=")),
    "no calculation settings": matched(BOOK, r"<calcPr[^>]*/>", ""),
    "names of one tab": matched(BOOK, r"(?:<definedNames\s*/>)?<calcPr", _NAMES),
    "an empty list of names": matched(BOOK, r"(?:<definedNames\s*/>)?<calcPr", "<definedNames/><calcPr"),
    "alternate content": changed(BOOK, ("<bookViews>", _ALTERNATE)),
    "extension namespaces": matched(SHEET, r"<worksheet[^>]*>", _EXTENDED),
    "row extensions": matched(
        SHEET, r'<row r="3"([^>]*)>',
        r'<row r="3"\1 spans="1:4" x14ac:dyDescent="0.25" xmlns:x14ac="http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac">',
    ),
    "attributes in another order": matched(SHEET, r'<c r="(\w+)" ([^>/]*)>', r'<c \2 r="\1">'),
    "no differential styles": matched(STYLES, r"<dxfs[^>]*/>|<dxfs.*?</dxfs>|(?=<tableStyles)", ""),
    "an empty list of formats": matched(
        STYLES, r"<numFmts[^>]*/>|<numFmts.*?</numFmts>|(?=<fonts)", '<numFmts count="0"/>'
    ),
    "a font with an ampersand": changed(STYLES, ('val="Calibri"', 'val="R&amp;D Sans"')),
    "a macro workbook": changed(TYPES, (f"{TYPE}sheet.main", "application/vnd.ms-excel.sheet.macroEnabled.main")),
    "a template": changed(TYPES, ("spreadsheetml.sheet.main+xml", "spreadsheetml.template.main+xml")),
    "tabs of other kinds": _more_sheets(
        {"Chart": "chartsheet", "Ask": "dialogsheet", "Macro1": "xlMacrosheet", "Deep": "worksheet"}
    ),
    "all of Excel's baggage": _baggage,
    "other tab's name needs escapes": changed(BOOK, ('name="My notes"', 'name="R&amp;D &apos;24 &quot;ü&quot; 日本"')),
    "dates from 1904": lambda: seller_book(epoch_1904=True),
    "a number written in another way": changed(SHEET, ("<v>30</v>", "<v>3.0E1</v>")),
    "an unknown state of a tab": changed(BOOK, ('sheetId="2" state="visible"', 'sheetId="2" state="show"')),
    "a cell without a type": matched(SHEET, r'(<c r="C3"[^>]*?) t="n"', r"\1"),
}  # fmt: skip
"""name -> maker: written, the mirrored cell too."""


def _no_styles() -> bytes:
    found = parts()
    del found[STYLES]
    found[TYPES] = re.sub(rb"<Override[^>]*styles[^>]*/>", b"", found[TYPES])
    found[RELATIONS] = re.sub(rb"<Relationship [^>]*styles[^>]*/>", b"", found[RELATIONS])
    return packed(found)


def _final() -> bytes:
    found = parts()
    types = "http://schemas.openxmlformats.org/officeDocument/2006"
    mark = '<property fmtid="{D5CDD505}" pid="2" name="_MarkAsFinal"><vt:bool>true</vt:bool></property>'
    mark = f'xmlns="{types}/custom-properties" xmlns:vt="{types}/docPropsVTypes">{mark}'
    body = f"<Properties {mark}</Properties>"
    _add(found, "", [("custom-properties", "docProps/custom.xml", body.encode(), "application/vnd.custom+xml")])
    return packed(found)


REFUSED: dict[str, tuple[Maker, str]] = {
    "no styles": (_no_styles, "no cell styles"),
    "cells without addresses": (matched(SHEET, r'<c r="\w+"', "<c"), "leaves out the addresses"),
    "rows without numbers": (matched(SHEET, r'<row r="\d+"', "<row"), "leaves out the addresses"),
    "a row twice": (matched(SHEET, r'(<row r="3".*?</row>)', r"\1\1"), "twice"),
    "a cell twice": (matched(SHEET, r'(<c r="C3".*?</c>)', r"\1\1"), "twice"),
    "a comment among the rows": (changed(SHEET, ("<sheetData>", "<sheetData><!-- mine -->")), "not used"),
    "single quotes": (matched(SHEET, r'<c r="(\w+)"', r"<c r='\1'"), "leaves out the addresses"),
    "a password to modify": (
        matched(BOOK, r"<workbookPr", '<fileSharing userName="Anna" reservationPassword="CC1A"/><workbookPr'),
        "password before it may be changed",
    ),
    "read-only recommended": (
        matched(BOOK, r"<workbookPr", '<fileSharing readOnlyRecommended="1"/><workbookPr'),
        "read-only",
    ),
    "marked as final": (_final, "final"),
    "UTF-16": (every(lambda n, d: d.decode().encode("utf-16") if n == STYLES else d), "UTF-8"),
    "an entity among the texts": (
        changed(STRINGS, ("<sst", '<!DOCTYPE sst [<!ENTITY a "b">]><sst')),
        "definitions",
    ),
}
"""name -> (maker, a word of the refusal): nothing is written."""
