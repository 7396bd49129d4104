"""The workbook's styles: what is there is used, what is missing is appended once and found again by its form.

Nothing that exists is changed or renumbered, so no cell of the person looks different afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from lxml import etree

from agent.words import in_words
from agent.workbooks.cells import BUILT_IN_FORMATS, format_class
from agent.workbooks.looks import BODY, FONT, GREEN, GREEN_TINT, GREY, INK, LINE, NAVY, SIGNALS, SIGNED, TITLE, WHITE
from agent.workbooks.xlsx.package import Refused, local, parse
from agent.workbooks.xlsx.splice import Edit, Node, append, apply, attribute, insert_in_order, outline, set_attribute

_ORDER = (
    "numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles", "colors",
    "extLst",
)  # fmt: skip
_FIRST_OWN_FORMAT = 164
_LEFT = '<alignment horizontal="left" vertical="top" indent="1"/>'
_WRAP = '<alignment horizontal="left" vertical="top" wrapText="1" indent="1"/>'
_RIGHT = '<alignment horizontal="right" vertical="top" indent="1"/>'
_CUT = '<alignment horizontal="fill" vertical="top"/>'  # a long address ends at its own cell
_HEAD = '<alignment horizontal="left" vertical="center" wrapText="1" indent="1"/>'
_HEAD_RIGHT = '<alignment horizontal="right" vertical="center" wrapText="1" indent="1"/>'
_ABOVE = '<alignment vertical="center"/>'
_SOLID = '<fill><patternFill patternType="solid"><fgColor rgb="FF{0}"/><bgColor indexed="64"/></patternFill></fill>'
_LINED = f'<border><left/><right/><top/><bottom style="thin"><color rgb="FF{LINE}"/></bottom><diagonal/></border>'


@dataclass(frozen=True)
class Look:
    """How a kind of cell looks, where the workbook does not say so already."""

    number_format: str = ""
    bold: bool = False
    colour: str = ""
    underlined: bool = False
    fill: str = ""
    alignment: str = _LEFT
    size: int = 0
    """Points; 0: the workbook's own."""
    lined: bool = True
    """A hairline below."""


LOOKS: dict[str, Look] = {
    "title": Look(bold=True, colour=NAVY, alignment=_ABOVE, size=TITLE, lined=False),
    "quiet": Look(colour=GREY, alignment=_ABOVE, lined=False),
    "light": Look(bold=True, colour=GREY, alignment=_ABOVE, lined=False),
    "header": Look(bold=True, colour=WHITE, fill=NAVY, alignment=_HEAD),
    "header right": Look(bold=True, colour=WHITE, fill=NAVY, alignment=_HEAD_RIGHT),
    "header person": Look(bold=True, colour=WHITE, fill=GREEN, alignment=_HEAD),
    "header person right": Look(bold=True, colour=WHITE, fill=GREEN, alignment=_HEAD_RIGHT),
    "text": Look(),
    "why": Look(alignment=_WRAP),
    "sku": Look(number_format="@"),
    "code": Look(number_format="@", alignment=_WRAP),
    "choice": Look(),
    "whole": Look(number_format="0", alignment=_RIGHT),
    "signed": Look(number_format=SIGNED, alignment=_RIGHT),
    "number": Look(alignment=_RIGHT),
    "percent": Look(number_format="0%", alignment=_RIGHT),
    "figure": Look(bold=True, colour=NAVY, alignment=_RIGHT),
    "when": Look(number_format="yyyy\\-mm\\-dd\\ hh:mm"),
    "cell": Look(alignment=_WRAP),
    "link": Look(colour=NAVY, underlined=True, alignment=_CUT),
    "person": Look(number_format="@", colour=INK, fill=GREEN_TINT),
}
"""The agent's tabs in a workbook that was adopted. The starter workbook brings its own looks, which are kept."""

_BUILT_IN_IDS = {"0": 1, "0%": 9, "@": 49}


class Styles:
    """One styles part and what is appended to it. Raises Refused where the part cannot take styles."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._added: dict[str, list[str]] = {}
        self._root = outline(data, "styles")
        if self._root.find("cellXfs") is None or self._root.find("fonts") is None:
            raise Refused(in_words("styles.no_cell_styles"), in_words("styles.save_once"))

    def look(self, name: str) -> int:
        """The style id of a kind of cell of `LOOKS`."""
        return self._looks.setdefault(name, 0) or self._make_look(name)

    @cached_property
    def _looks(self) -> dict[str, int]:
        return {}

    def _make_look(self, name: str) -> int:
        look = LOOKS[name]
        number_format = self._number_format(look.number_format)
        font = self._font(look) if look.bold or look.colour or look.underlined else self._base("fontId")
        fill = self._ensure("fills", _SOLID.format(look.fill)) if look.fill else 0
        border = self._ensure("borders", _LINED) if look.lined and self._existing("borders") else 0
        applied = f'applyFill="{int(bool(look.fill))}" applyBorder="{int(look.lined)}"'
        flags = f'applyNumberFormat="1" applyFont="1" {applied} applyAlignment="1"'
        ids = f'numFmtId="{number_format}" fontId="{font}" fillId="{fill}" borderId="{border}" xfId="0"'
        self._looks[name] = self._ensure("cellXfs", f"<xf {ids} {flags}>{look.alignment}</xf>")
        return self._looks[name]

    def signal(self, name: str) -> int:
        """The id of a differential style of `looks.SIGNALS`, for conditional formats."""
        colour, fill = SIGNALS[name]
        ground = (
            f'<fill><patternFill patternType="solid"><fgColor rgb="FF{fill}"/><bgColor rgb="FF{fill}"/></patternFill>'
            "</fill>"
        )
        font = f'<font>{"<b/>" * (name == "bad")}<color rgb="FF{colour}"/></font>'
        return self._ensure("dxfs", f"<dxf>{font}{ground if fill else ''}</dxf>")

    def format_class(self, style: int) -> str:
        """The class (frames.FORMAT) of a style's number format."""
        number = int(self._xf(style).get("numFmtId", "0"))
        codes = {n.attributes.get("numFmtId"): n.attributes.get("formatCode", "") for n in self._existing("numFmts")}
        own = codes.get(str(number))
        return format_class(own) if own is not None else BUILT_IN_FORMATS.get(number, "other")

    def wraps(self, style: int) -> bool:
        """Cells of this style break their text into lines."""
        xfs, added = self._existing("cellXfs"), self._added.get("cellXfs", [])
        if style >= len(xfs):
            return 'wrapText="1"' in "".join(added[style - len(xfs) : style - len(xfs) + 1])
        alignment = xfs[style].find("alignment")
        return alignment is not None and alignment.attributes.get("wrapText", "0") in ("1", "true")

    def locked(self, style: int) -> bool:
        """Cells of this style are locked where their sheet is protected (Excel's own default)."""
        xfs = self._existing("cellXfs")
        protection = xfs[style].find("protection") if style < len(xfs) else None
        return protection is None or protection.attributes.get("locked", "1") not in ("0", "false")

    @property
    def changed(self) -> bool:
        """Something was appended."""
        return any(self._added.values())

    def data(self) -> bytes:
        """The part with what was appended."""
        edits: list[Edit] = []
        for container, added in self._added.items():
            node = self._root.find(container)
            written = "".join(self._prefix(xml) for xml in added)
            if node is None:
                new = f'<{self._root.prefix}{container} count="{len(added)}">{written}</{self._root.prefix}{container}>'
                edits.append(insert_in_order(self._root, container, _ORDER, new))
                continue
            count = str(len(node.children) + len(added))
            edits += _fill(self._data, node, written, count)
        return apply(self._data, edits)

    def _prefix(self, xml: str) -> str:
        p = self._root.prefix
        return xml if not p else xml.replace("</", "\0").replace("<", f"<{p}").replace("\0", f"</{p}")

    def _existing(self, container: str) -> list[Node]:
        node = self._root.find(container)
        return node.children if node else []

    def _xf(self, style: int) -> dict[str, str]:
        xfs = self._existing("cellXfs")
        return xfs[style].attributes if style < len(xfs) else {}

    def _base(self, what: str) -> int:
        return int(self._xf(0).get(what, "0"))

    def _ensure(self, container: str, xml: str) -> int:
        wanted = _form(xml.encode())
        known = self._known(container)
        if wanted not in known:
            known[wanted] = len(self._existing(container)) + len(self._added.setdefault(container, []))
            self._added[container].append(xml)
        return known[wanted]

    @cached_property
    def _forms(self) -> dict[str, dict[str, int]]:
        return {}

    def _known(self, container: str) -> dict[str, int]:
        if container not in self._forms:
            root = parse(self._data, "styles")
            found = next((e for e in root if local(e) == container), ())
            forms = [_form(etree.tostring(e, with_tail=False)) for e in found]
            self._forms[container] = {form: index for index, form in reversed(list(enumerate(forms)))}
        return self._forms[container]

    def _number_format(self, code: str) -> int:
        if not code:
            return 0
        if code in _BUILT_IN_IDS:
            return _BUILT_IN_IDS[code]
        numbers = [n.attributes for n in self._existing("numFmts")]
        same = (int(n["numFmtId"]) for n in numbers if n.get("formatCode") == code)
        known = next(same, None)
        if known is not None:
            return known
        return self._new_format(code, numbers)

    def _new_format(self, code: str, numbers: list[dict[str, str]]) -> int:
        added = self._added.setdefault("numFmts", [])
        for index, xml in enumerate(added):
            if f'formatCode="{code}"' in xml:
                return self._free_format(numbers) + index
        number = self._free_format(numbers) + len(added)
        added.append(f'<numFmt numFmtId="{number}" formatCode="{code}"/>')
        return number

    @staticmethod
    def _free_format(numbers: list[dict[str, str]]) -> int:
        return max([_FIRST_OWN_FORMAT - 1, *(int(n.get("numFmtId", "0")) for n in numbers)]) + 1

    def _font(self, look: Look) -> int:
        base = self._existing("fonts")[self._base("fontId")]
        kept = {c.name: c.attributes.get("val", "") for c in base.children}
        size, name = str(look.size or kept.get("sz", BODY)), kept.get("name", FONT)
        rest = "".join(f"<{k} val={attribute(kept[k])}/>" for k in ("family", "scheme") if k in kept)
        bold, line = "<b/>" * look.bold, "<u/>" * look.underlined
        colour = f'<color rgb="FF{look.colour}"/>'
        return self._ensure(
            "fonts", f'<font>{bold}{line}<sz val="{size}"/>{colour}<name val={attribute(name)}/>{rest}</font>'
        )


def _fill(data: bytes, node: Node, written: str, count: str) -> list[Edit]:
    if not node.empty:
        return [*set_attribute(data, node, "count", count), *append(data, node, written)]
    head = data[node.start : node.inner - 2].decode()
    head = head.replace('count="0"', f'count="{count}"').rstrip()
    return [Edit(node.start, node.end, f"{head}>{written}</{node.tag}>".encode())]


def _form(xml: bytes) -> str:
    """The same for elements that mean the same, whatever their prefix and order of attributes."""

    def form(element: etree._Element) -> str:
        attributes = sorted((k, v) for k, v in element.attrib.items() if not str(k).startswith("{"))
        return f"{local(element)}{attributes}({','.join(form(child) for child in element)})"

    return form(etree.fromstring(xml))
