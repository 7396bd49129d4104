"""More odd kinds of workbooks, made by hand from one small Item Master, by XlsxWriter, and by what Excel adds later.

Beside `foreign.py`: ways of writing cells, odd things on a person's sheet and in the workbook, odd packages.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from io import BytesIO

import xlsxwriter
from foreign import (
    BOOK,
    MAIN,
    RELATIONS,
    SHEET,
    STRINGS,
    TYPE,
    TYPES,
    Maker,
    Parts,
    _add,
    changed,
    matched,
    packed,
    parts,
)
from xlsxwriter.worksheet import Worksheet

X14 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
XM = "http://schemas.microsoft.com/office/excel/2006/main"
MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"


def edited(change: Callable[[Parts], None]) -> Maker:
    """The parts after a change."""

    def make() -> bytes:
        found = parts()
        change(found)
        return packed(found)

    return make


def _behind(xml: str, part: str = SHEET) -> Maker:
    """XML just behind the rows."""
    return changed(part, ("</sheetData>", f"</sheetData>{xml}"))


def _cell(address: str, cell: str) -> Maker:
    """Another cell at this address."""
    return matched(SHEET, rf'<c r="{address}"[^>]*?>.*?</c>', f'<c r="{address}"{cell}</c>')


def _ext(uri: str, xml: str) -> Maker:
    ext = f'<extLst><ext uri="{{{uri}}}" xmlns:x14="{X14}">{xml}</ext></extLst></worksheet>'
    return changed(SHEET, ("</worksheet>", ext))


# --- by XlsxWriter: what people put beside their items


def written_by(change: Callable[[xlsxwriter.Workbook, Worksheet], None], **options: object) -> Maker:
    """The same Item Master by XlsxWriter, with something of a person's beside it."""

    def make() -> bytes:
        out = BytesIO()
        book = xlsxwriter.Workbook(out, {"in_memory": True, **options})
        sheet = book.add_worksheet("Item Master")
        sheet.write_row(0, 0, ["SKU", "Title", "Stocked", "Bought for"])
        for n in range(2, 7):
            sheet.write_row(n - 1, 0, [f"SKU-{n}", f"Title {n}", 10 * n, 1.5])
        book.add_worksheet("My notes").write_formula("B2", "=SUM('Item Master'!C2:C6)", value=200)
        change(book, sheet)
        book.close()
        return out.getvalue()

    return make


def _table(**options: object) -> Callable[[xlsxwriter.Workbook, Worksheet], None]:
    headers = ("SKU", "Title", "Stocked", "Bought for")
    columns = [{"header": header} for header in headers]
    last = 7 if options.get("total_row") else 6

    def add(_: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        sheet.add_table(f"A1:D{last}", {"columns": columns, "name": "Items", **options})

    return add


def _hidden_by_filter(_: xlsxwriter.Workbook, sheet: Worksheet) -> None:
    sheet.autofilter("A1:D6")
    sheet.filter_column("A", "x == SKU-2")
    for row in range(2, 6):
        sheet.set_row(row, options={"hidden": True})


def _looks(book: xlsxwriter.Workbook, sheet: Worksheet) -> None:
    sheet.conditional_format("C2:C6", {"type": "icon_set", "icon_style": "3_arrows"})
    sheet.conditional_format("C2:C6", {"type": "data_bar", "data_bar_2010": True})
    sheet.data_validation("D2:D6", {"validate": "list", "source": "='My notes'!$A$1:$A$9"})
    sheet.add_sparkline("F2", {"range": "'Item Master'!C2:C6"})
    sheet.write_comment("A2", "call Anna")
    sheet.insert_textbox("H2", "a box")
    sheet.insert_button("H9", {"caption": "Press"})
    sheet.insert_checkbox("F5", True)
    sheet.write_rich_string("G2", book.add_format({"bold": True}), "bold", " and plain")
    sheet.merge_range("F8:G9", "merged")
    sheet.freeze_panes(1, 1)
    sheet.set_header("&L&G", {"image_left": "logo.png", "image_data_left": BytesIO(PIXEL)})
    sheet.insert_image("J2", "x.png", {"image_data": BytesIO(PIXEL)})
    sheet.embed_image("K2", "x.png", {"image_data": BytesIO(PIXEL)})
    sheet.ignore_errors({"number_stored_as_text": "A1:A6"})
    sheet.repeat_rows(0)
    sheet.outline_settings()
    sheet.set_column("D:D", 12, None, {"level": 1})


PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360f8cfc000000301010018dd8db00000000049454e44ae426082"
)


def _new_formulas(_: xlsxwriter.Workbook, sheet: Worksheet) -> None:
    sheet.write_dynamic_array_formula("F2:F6", "=SORT(A2:A6)", value="SKU-2")
    sheet.write_array_formula("G2:G6", "{=C2:C6*2}", value=40)
    sheet.write_formula("H2", "=_xlfn.XLOOKUP(A2,A2:A6,C2:C6)", value=20)
    sheet.write_formula("I2", "=_xlfn.LAMBDA(_xlpm.x, _xlpm.x+1)(1)", value=2)


def _charts(book: xlsxwriter.Workbook, sheet: Worksheet) -> None:
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "='Item Master'!$C$2:$C$6"})
    sheet.insert_chart("F2", chart)
    other = book.add_chart({"type": "pie"})
    other.add_series({"values": "='Item Master'!$C$2:$C$6"})
    book.add_chartsheet("A chart alone").set_chart(other)


def _names(book: xlsxwriter.Workbook, _: Worksheet) -> None:
    for name in ("Été", "_xlnm.mine", "a.b.c", "\\path", "Rate", "'My notes'!Rate", "'Item Master'!Local"):
        book.define_name(name, "='Item Master'!$C$2")
    book.define_name("Gone", "='Item Master'!#REF!")
    book.define_name("Twice", "=_xlfn.LAMBDA(_xlpm.x,_xlpm.x*2)")


def _protected(unlocked: bool) -> Callable[[xlsxwriter.Workbook, Worksheet], None]:
    def protect(book: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        if unlocked:
            for n in range(2, 7):
                sheet.write_number(n - 1, 2, 10 * n, book.add_format({"locked": False}))
        sheet.protect("secret")

    return protect


# --- odd packages


def _renamed(*names: tuple[str, str]) -> Callable[[Parts], None]:
    def rename(found: Parts) -> None:
        for old, new in names:
            found[new] = found.pop(old)

    return rename


def _without_strings(found: Parts) -> None:
    """A relation and a type for shared strings that are not there, and cells that need none."""
    texts = re.findall(rb"<si>(.*?)</si>", found.pop(STRINGS), re.DOTALL)
    cell = re.compile(rb'<c ([^>]*?)t="s"([^>]*)><v>(\d+)</v></c>')
    for part in (SHEET, "xl/worksheets/sheet2.xml"):
        found[part] = cell.sub(
            lambda m: b'<c %st="inlineStr"%s><is>%s</is></c>' % (m[1], m[2], texts[int(m[3])]), found[part]
        )


def _many_strings(found: Parts) -> None:
    more = "".join(f"<si><t>never used {n}</t></si>" for n in range(60_000))
    found[STRINGS] = found[STRINGS].replace(b"</sst>", more.encode() + b"</sst>")


def _chain(found: Parts) -> None:
    body = f'<calcChain xmlns="{MAIN}"><c r="B2" i="2"/></calcChain>'.encode()
    _add(found, BOOK, [("calcChain", "xl/calcChain.xml", body, TYPE + "calcChain+xml")])


def _encoded(name: str, encoding: str, declared: str | None = None) -> Callable[[Parts], None]:
    def change(found: Parts) -> None:
        text = re.sub(r"^<\?xml.*?\?>\s*", "", found[name].decode())
        found[name] = f'<?xml version="1.0" encoding="{declared or encoding}"?>{text}'.encode(encoding)

    return change


def _with(name: str, data: bytes) -> Callable[[Parts], None]:
    return lambda found: found.update({name: data})


def _renamed_tab(name: str) -> Maker:
    """The Item Master under another name, found by the hidden name that adopting leaves."""
    plain = name.replace("&amp;", "&").replace("&quot;", '"').replace("&apos;", "'")
    inside = "'" + plain.replace("'", "''") + "'!$A$1"
    inside = inside.replace("&", "&amp;").replace('"', "&quot;")
    name_xml = f'<definedName name="_stocksheet_Item_Master" hidden="1">{inside}</definedName>'
    names = f"<definedNames>{name_xml}</definedNames><calcPr"

    def make() -> bytes:
        found = parts()
        found[BOOK] = found[BOOK].replace(b'name="Item Master"', f'name="{name}"'.encode())
        found[BOOK] = re.sub(rb"(?:<definedNames\s*/>)?<calcPr", names.encode().replace(b"\\", rb"\\"), found[BOOK])
        return packed(found)

    return make


def _backslashes() -> bytes:
    """As an old library of .NET writes them."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in parts().items():
            info = zipfile.ZipInfo(name)
            info.filename = name.replace("/", "\\")
            file.writestr(info, data)
    return out.getvalue()


def _in_front() -> bytes:
    return b"MZ" + bytes(100) + packed(parts())


def _behind_the_end() -> bytes:
    return packed(parts()) + b"\r\n"


def _bzip() -> bytes:
    return packed(parts(), zipfile.ZIP_BZIP2)


def _hidden_tab(state: str) -> Maker:
    return matched(BOOK, r'(<sheet [^>]*name="Item Master"[^>]*?) state="visible"', rf'\1 state="{state}"')


_CF14 = (
    f'<x14:conditionalFormattings><x14:conditionalFormatting xmlns:xm="{XM}"><x14:cfRule type="iconSet" priority="1" '
    'id="{1}"><x14:iconSet iconSet="3Stars"/></x14:cfRule><xm:sqref>C2:C6</xm:sqref>'
    "</x14:conditionalFormatting></x14:conditionalFormattings>"
)
_DV14 = (
    '<x14:dataValidations count="1" xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main"><x14:dataValidation '
    "type=\"list\"><x14:formula1><xm:f>'My notes'!$A$1:$A$9</xm:f></x14:formula1><xm:sqref>B2:B6</xm:sqref>"
    "</x14:dataValidation></x14:dataValidations>"
)
_CONTROLS = (
    f'<mc:AlternateContent xmlns:mc="{MC}"><mc:Choice Requires="x14"><controls><c r="C3"><v>99</v></c></controls>'
    "</mc:Choice><mc:Fallback/></mc:AlternateContent>"
)
_CUSTOM_VIEWS = '<customSheetViews><customSheetView guid="{A}" filter="1" showAutoFilter="1"/></customSheetViews>'

READ_AND_WRITTEN: dict[str, Maker] = {
    # ways of writing cells
    "texts in CDATA": matched(STRINGS, r"<t>SKU-2</t>", "<t><![CDATA[SKU-2]]></t>"),
    "texts by their numbers": matched(STRINGS, r"<t>SKU-2</t>", "<t>&#83;KU&#x2D;2</t>"),
    "comments among the texts": matched(STRINGS, r"<si><t>SKU-2</t>", "<!-- two --><si><t>SKU-2</t>"),
    "instructions among the texts": matched(STRINGS, r"<si><t>SKU-2</t>", "<?two?><si><t>SKU-2</t>"),
    "a number with a sign": changed(SHEET, ("<v>30</v>", "<v>+30</v>")),
    "a number with zeros": changed(SHEET, ("<v>30</v>", "<v>30.000</v>")),
    "spans that are wrong": matched(SHEET, r'<row r="(\d)"', r'<row r="\1" spans="7:9"'),
    "rows that are missing": matched(SHEET, "</sheetData>", '<row r="60"/><row r="90"><c r="A90"/></row></sheetData>'),
    "every row ends in blanks": matched(SHEET, r"</row>", " \n</row>\r\n"),
    "line ends within tags": matched(SHEET, r'<c r="C', '<c\n r="C'),
    "tabs between attributes": matched(SHEET, r'<row r="(\d)"', '<row\tr="\\1"'),
    "a dimension that lies": matched(SHEET, r"<dimension[^>]*/>", '<dimension ref="A1:XFD1048576"/>'),
    "a dimension that is too small": matched(SHEET, r"<dimension[^>]*/>", '<dimension ref="A1"/>'),
    "the last row of all": matched(SHEET, r"</sheetData>", '<row r="1048576"><c r="A1048576"/></row></sheetData>'),
    "a shared formula beside": _cell("D3", '><f t="shared" ref="D3:D4" si="0">C3*2</f><v>60</v>'),
    "an array formula beside": _cell("D3", ' cm="1"><f t="array" ref="D3:D6" ca="1">C3:C6*2</f><v>60</v>'),
    "an error beside": _cell("D3", ' t="e" vm="1"><v>#VALUE!</v>'),
    # what hangs on the sheet
    "icons of a later Excel": _ext("78C0D931-6437-407d-A8EE-F0AAD7539E65", _CF14),
    "lists on other tabs": _ext("CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF", _DV14),
    "slicers": _ext("A8765BA9-456A-4dab-B4F3-ACF838C121DE", "<x14:slicerList/>"),
    "controls that look like cells": _behind(_CONTROLS),
    "views of others": _behind(_CUSTOM_VIEWS),
    "merged cells beside": _behind('<mergeCells count="1"><mergeCell ref="F1:G9"/></mergeCells>'),
    "a filter with hidden rows": written_by(_hidden_by_filter),
    "a table": written_by(_table()),
    "a table with totals": written_by(_table(total_row=True)),
    "a table without a header": written_by(lambda _, sheet: sheet.add_table("F2:G6", {"header_row": False})),
    "everything that people put on a sheet": written_by(_looks),
    "formulas of a new Excel": written_by(_new_formulas),
    "charts and a chart sheet": written_by(_charts),
    "names of all kinds": written_by(_names),
    "an unlocked column of a protected sheet": written_by(_protected(unlocked=True)),
    "texts within the cells, by XlsxWriter": written_by(lambda *_: None, constant_memory=True, in_memory=False),
    "dates from 1904, by XlsxWriter": written_by(lambda *_: None, date_1904=True),
    "zip64, by XlsxWriter": written_by(lambda book, _: book.use_zip64()),
    "custom properties": written_by(lambda book, _: book.set_custom_property("Checked by", "Anna")),
    # the workbook
    "a list of formula cells": edited(_chain),
    "hidden": _hidden_tab("hidden"),
    "very hidden": _hidden_tab("veryHidden"),
    "a name with quotes": _renamed_tab("Anna&apos;s &quot;stock&quot;"),
    "a name with an emoji": _renamed_tab("Stock 😀 &amp; more"),
    "the longest name": _renamed_tab("x" * 31),
    "other letters": _renamed_tab("Lagerbestände 在庫"),
    "sheetIds out of order": changed(BOOK, ('sheetId="1"', 'sheetId="4711"')),
    "a revision of the workbook's views": changed(BOOK, ("<bookViews>", '<bookViews xr2:uid="{1}" xmlns:xr2="x">')),
    # the package
    "no shared strings behind their relation": edited(_without_strings),
    "60,000 texts more": edited(_many_strings),
    "utf-8 by another name": edited(_encoded(STRINGS, "utf-8", "utf-8")),
    "parts in capitals": edited(_renamed((SHEET, "xl/worksheets/Sheet1.XML"))),
    "a folder in capitals": edited(_renamed((STRINGS, "XL/sharedStrings.xml"))),
    "a part with spaces and signs": edited(_with("xl/media/a b%20ä+.png", b"\x89PNG")),
    "parts of a Macintosh": edited(_with("__MACOSX/._x", b"\x00")),
    "an empty part": edited(_with("docProps/thumbnail.jpeg", b"")),
    "blanks behind the end": _behind_the_end,
}  # fmt: skip
"""name -> maker: read, and written with the mirrored cell."""

REFUSED: dict[str, tuple[Maker, str]] = {
    "backslashes in names": (_backslashes, "name that Excel does not use"),
    "a program in front": (_in_front, "not an Excel workbook"),
    "packed by bzip2": (_bzip, "Excel does not use"),
    "a sheet in UTF-16": (edited(_encoded(SHEET, "utf-16")), "UTF-8"),
    "a workbook in UTF-16": (edited(_encoded(BOOK, "utf-16")), "UTF-8"),
    "texts in another alphabet's code": (edited(_encoded(STRINGS, "iso-8859-1")), "UTF-8"),
    "relations in UTF-16": (edited(_encoded(RELATIONS, "utf-16")), "UTF-8"),
    "garbage for styles": (edited(_with("xl/styles.xml", b"<styleSheet><")), "damaged"),
    "garbage for types": (edited(_with(TYPES, b"no")), "damaged"),
    "a locked column of a protected sheet": (written_by(_protected(unlocked=False)), "protected"),
    "addresses in small letters": (matched(SHEET, r'<c r="C3"', '<c r="c3"'), "leaves out the addresses"),
    "spaces within the end of tags": (matched(SHEET, r"</c>", "</c >"), "way that Excel does not use"),
    "spaces within the end of one tag": (
        matched(SHEET, r'(<c r="C3".*?)</c>', r"\1</c >"),
        "way that Excel does not use",
    ),
    "an entity among the rows": (changed(SHEET, ("<sheetData>", "<sheetData>&mine;")), "own check"),
    "comments within rows": (matched(SHEET, r'<c r="C3"', '<!-- here --><c r="C3"'), "not used"),
    "instructions within rows": (matched(SHEET, r'<c r="C3"', '<?here?><c r="C3"'), "not used"),
}
"""name -> (maker, a word of the refusal): nothing is written with the mirrored cell."""

UNREADABLE: dict[str, tuple[Maker, str]] = {
    "a number with spaces": (changed(SHEET, ("<v>40</v>", "<v> 40 </v>")), "damaged"),
    "a text beyond the shared ones": (matched(SHEET, r'(<c r="A3"[^>]*t="s"[^>]*><v>)\d+', r"\g<1>4711"), "damaged"),
}  # fmt: skip
"""name -> (maker, a word of the refusal): not even read."""

MOVED: dict[str, tuple[Maker, str]] = {
    "a shared formula": (
        _cell("C3", '><f t="shared" ref="C3:C4" si="0">A1</f><v>30</v>'),
        "formula",
    ),
    "the rest of a shared formula": (
        _cell("C3", '><f t="shared" si="0"/><v>30</v>'), "formula",
    ),
    "spilled over from above": (
        _cell("C2", ' cm="1"><f t="array" ref="C2:C6">X1:X5</f><v>20</v>'),
        "formula",
    ),
    "a table of what-ifs": (
        _cell("C2", '><f t="dataTable" ref="C2:C6" dt2D="1" r1="A1"/><v>20</v>'),
        "formula",
    ),
    "a text": (_cell("C3", ' t="inlineStr"><is><t>30 pcs</t></is>'), "holds"),
    "an error": (_cell("C3", ' t="e"><v>#REF!</v>'), "holds"),
}  # fmt: skip
"""name -> (maker, a word of what is said): the cell is not what was read, and stays."""
