"""Requests about what is drawn over cells: filters, banding, conditional formats, charts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent.practice.google import masks
from agent.practice.google.a1 import Area
from agent.practice.google.batch_moves import sort
from agent.practice.google.errors import Refused
from agent.practice.google.filtering import filtered
from agent.practice.google.guards import Writer
from agent.practice.google.look import colours, with_styles
from agent.practice.google.tab import Tab

Body = Mapping[str, Any]
Reply = dict[str, Any]


def _ranged(writer: Writer, asked: Body) -> tuple[Tab, dict[str, Any]]:
    """The tab, and the thing with its range as it is kept, all ends named."""
    tab, box = writer.book.ranged(asked.get("range", {}))
    return tab, {**asked, "range": box.area.told(tab.sheet_id)}


def _filter(writer: Writer, body: Body) -> Reply:
    tab, found = _ranged(writer, body.get("filter", {}))
    tab.things.basic_filter = [found]
    specs = found.get("sortSpecs", [])
    if specs:
        box = tab.box(Area(found["range"]["startRowIndex"] + 1, *list(_ends(found["range"]))))
        sort(writer, tab, box, [(int(spec.get("dimensionIndex", 0)), spec) for spec in specs])
    filtered(writer.book, tab)
    return {}


def _ends(found: Body) -> tuple[int, int, int]:
    return found["endRowIndex"], found["startColumnIndex"], found["endColumnIndex"]


def _clear_filter(writer: Writer, body: Body) -> Reply:
    tab = writer.book.tab(body.get("sheetId", 0))
    tab.things.basic_filter = []
    filtered(writer.book, tab)
    return {}


def _find(writer: Writer, kind: str, name: str, one_id: Any, what: str) -> tuple[Tab, int]:
    for tab in writer.book.tabs:
        for at, one in enumerate(getattr(tab.things, kind)):
            if one[name] == one_id:
                return tab, at
    raise Refused(f"No {what} with id: {one_id}")


def _given_id(writer: Writer, kind: str, name: str, asked: Body, what: str) -> int:
    one_id = int(asked.get(name) or writer.book.new_id())
    if any(one[name] == one_id for tab in writer.book.tabs for one in getattr(tab.things, kind)):
        raise Refused(f"A {what} with id {one_id} already exists.")
    return one_id


def _view(writer: Writer, body: Body) -> Reply:
    asked = body.get("filter", {})
    one_id = _given_id(writer, "filter_views", "filterViewId", asked, "filter view")
    tab, kept = _ranged(writer, asked)
    title = asked.get("title") or f"Filter {len(tab.things.filter_views) + 1}"
    found = {"filterViewId": one_id, "title": title, **_but(kept, "filterViewId", "title")}
    tab.things.filter_views.append(found)
    return {"addFilterView": {"filter": found}}


def _but(thing: Body, *names: str) -> dict[str, Any]:
    return {name: value for name, value in thing.items() if name not in names}


def _update_view(writer: Writer, body: Body) -> Reply:
    asked, mask = body.get("filter", {}), masks.fields(body.get("fields"))
    tab, at = _find(writer, "filter_views", "filterViewId", asked.get("filterViewId"), "filter view")
    old = tab.things.filter_views[at]
    tab.things.filter_views[at] = masks.changed(old, {**asked, "filterViewId": old["filterViewId"]}, mask)
    return {}


def _delete_view(writer: Writer, body: Body) -> Reply:
    tab, at = _find(writer, "filter_views", "filterViewId", body.get("filterId"), "filter view")
    del tab.things.filter_views[at]
    return {}


def _band(writer: Writer, body: Body) -> Reply:
    asked = body.get("bandedRange", {})
    one_id = _given_id(writer, "banded", "bandedRangeId", asked, "banded range")
    tab, kept = _ranged(writer, asked)
    box = tab.box(Area.of(kept["range"]))
    if any(tab.box(Area.of(one["range"])).meets(box) for one in tab.things.banded):
        raise Refused(
            "You cannot add alternating background colors to a range that already has alternating background colors."
        )
    found = with_styles(colours({"bandedRangeId": one_id, **_but(kept, "bandedRangeId")}))
    tab.things.banded.append(found)
    return {"addBanding": {"bandedRange": found}}


def _update_band(writer: Writer, body: Body) -> Reply:
    asked, mask = body.get("bandedRange", {}), masks.fields(body.get("fields"))
    tab, at = _find(writer, "banded", "bandedRangeId", asked.get("bandedRangeId"), "banded range")
    old = tab.things.banded[at]
    new = masks.changed(old, {**asked, "bandedRangeId": old["bandedRangeId"]}, mask)
    tab.things.banded[at] = with_styles(colours(new))
    return {}


def _delete_band(writer: Writer, body: Body) -> Reply:
    tab, at = _find(writer, "banded", "bandedRangeId", body.get("bandedRangeId"), "banded range")
    del tab.things.banded[at]
    return {}


def _rule(writer: Writer, asked: Body) -> tuple[Tab, dict[str, Any]]:
    found = [writer.book.ranged(each) for each in asked.get("ranges", [])]
    if not found:
        raise Refused("A conditional format rule must have at least one range.")
    tab = found[0][0]
    if any(other is not tab for other, _ in found):
        raise Refused("All ranges of a conditional format rule must be on the same sheet.")
    if ("booleanRule" in asked) == ("gradientRule" in asked):
        raise Refused("Exactly one of booleanRule and gradientRule must be set.")
    ranges = [box.area.told(tab.sheet_id) for _, box in found]
    return tab, with_styles(colours({**asked, "ranges": ranges}))


def _add_rule(writer: Writer, body: Body) -> Reply:
    tab, rule = _rule(writer, body.get("rule", {}))
    tab.things.conditional.insert(_rule_index(tab, body.get("index", 0), 1), rule)
    return {}


def _rule_index(tab: Tab, index: int, more: int) -> int:
    size = len(tab.things.conditional)
    if index < 0 or index >= size + more:
        raise Refused(f"No conditional format on sheet: {tab.sheet_id} at index: {index}")
    return index


def _update_rule(writer: Writer, body: Body) -> Reply:
    tab = writer.book.tab(body.get("rule", {}).get("ranges", [{}])[0].get("sheetId", body.get("sheetId", 0)))
    at = _rule_index(tab, body.get("index", 0), 0)
    old = tab.things.conditional[at]
    reply: dict[str, Any] = {"oldRule": old, "oldIndex": at}
    if "rule" in body:
        reply["newRule"] = tab.things.conditional[at] = _rule(writer, body["rule"])[1]
    else:
        to = _rule_index(tab, body.get("newIndex", 0), 0)
        tab.things.conditional.insert(to, tab.things.conditional.pop(at))
        reply |= {"newRule": old, "newIndex": to}
    return {"updateConditionalFormatRule": {name: value for name, value in reply.items() if value != 0}}


def _delete_rule(writer: Writer, body: Body) -> Reply:
    tab = writer.book.tab(body.get("sheetId", 0))
    rule = tab.things.conditional.pop(_rule_index(tab, body.get("index", 0), 0))
    return {"deleteConditionalFormatRule": {"rule": rule}}


def _chart(writer: Writer, body: Body) -> Reply:
    asked = body.get("chart", {})
    one_id = _given_id(writer, "charts", "chartId", asked, "chart")
    if "spec" not in asked:
        raise Refused("A chart must have a spec.")
    tab = _chart_tab(writer, asked.get("position", {}))
    found = colours({"chartId": one_id, "spec": asked["spec"], "position": _position(tab, asked)})
    tab.things.charts.append(found)
    return {"addChart": {"chart": found}}


def _chart_tab(writer: Writer, position: Body) -> Tab:
    overlay = position.get("overlayPosition", {})
    if position.get("newSheet"):
        raise Refused("A chart on a tab of its own is not offered here.")
    return writer.book.tab(overlay.get("anchorCell", {}).get("sheetId", 0))


def _position(tab: Tab, asked: Body) -> dict[str, Any]:
    overlay = dict(asked.get("position", {}).get("overlayPosition", {}))
    own = {"sheetId": tab.sheet_id} if tab.sheet_id else {}
    overlay["anchorCell"] = {**overlay.get("anchorCell", {}), **own}
    overlay.setdefault("widthPixels", 600)
    overlay.setdefault("heightPixels", 371)
    return {"overlayPosition": overlay}


def _update_chart(writer: Writer, body: Body) -> Reply:
    tab, at = _find(writer, "charts", "chartId", body.get("chartId"), "chart")
    tab.things.charts[at] = colours({**tab.things.charts[at], "spec": body.get("spec", {})})
    return {}


def _delete_object(writer: Writer, body: Body) -> Reply:
    tab, at = _find(writer, "charts", "chartId", body.get("objectId"), "embedded object")
    del tab.things.charts[at]
    return {}


def _move_object(writer: Writer, body: Body) -> Reply:
    tab, at = _find(writer, "charts", "chartId", body.get("objectId"), "embedded object")
    mask, asked = masks.fields(body.get("fields")), body.get("newPosition", {})
    chart = tab.things.charts[at]
    old = chart["position"]["overlayPosition"]
    new = masks.changed(old, asked.get("overlayPosition", {}), mask.get("overlayPosition", mask))
    to = writer.book.tab(new.get("anchorCell", {}).get("sheetId", 0))
    del tab.things.charts[at]
    chart = {**chart, "position": _position(to, {"position": {"overlayPosition": new}})}
    to.things.charts.append(chart)
    return {"updateEmbeddedObjectPosition": {"position": chart["position"]}}


KINDS = {
    "setBasicFilter": _filter,
    "clearBasicFilter": _clear_filter,
    "addFilterView": _view,
    "updateFilterView": _update_view,
    "deleteFilterView": _delete_view,
    "addBanding": _band,
    "updateBanding": _update_band,
    "deleteBanding": _delete_band,
    "addConditionalFormatRule": _add_rule,
    "updateConditionalFormatRule": _update_rule,
    "deleteConditionalFormatRule": _delete_rule,
    "addChart": _chart,
    "updateChartSpec": _update_chart,
    "deleteEmbeddedObject": _delete_object,
    "updateEmbeddedObjectPosition": _move_object,
}
