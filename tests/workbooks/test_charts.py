"""Dashboard's charts in the file: made once, true to the numbers, and otherwise left as the person leaves them."""

from __future__ import annotations

import functools
import io
import re
import zipfile
from datetime import UTC

import openpyxl
import polars as pl
import pytest
from lxml import etree
from made import agent_frames, corpus, saved, seller_book
from openpyxl.chart import LineChart, Reference

from agent.core.report import shaped
from agent.frames import MIRROR, empty
from agent.workbooks.base import Mark
from agent.workbooks.charts import BLOCKS, CHARTS
from agent.workbooks.starter import make_starter
from agent.workbooks.tabs import CHART_DATA, DASHBOARD
from agent.workbooks.xlsx.package import Package
from agent.workbooks.xlsx.selfcheck import self_check
from agent.workbooks.xlsx.writing import Job, build

starter = functools.cache(make_starter)
CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"


def numbers(shops: int = 2, days: int = 15, pushed: int = 3) -> pl.DataFrame:
    """The tab Chart Data of so many shops."""
    shop = {"Shop": [f"shop {n} & co" for n in range(shops)], "Linked": [5 + n for n in range(shops)]}
    shop |= {"Not linked": [0] * shops, "In sync": [4] * shops, "Units shown": [None] * shops}
    other = {
        "Day": [str(n + 1) for n in range(days)],
        "Lowered": [pushed] * days,
        "Item": ["nothing"],
        "Risk in": ["none"],
    }
    longest = max(shops, days)
    filled = {name: [*values, *[None] * (longest - len(values))] for name, values in (shop | other).items()}
    return shaped(CHART_DATA, pl.DataFrame(filled, strict=False))


def told(data: pl.DataFrame) -> dict[str, pl.DataFrame]:
    figures = pl.DataFrame({"Figure": [f"Figure {n}" for n in range(13)], "Value": ["1 unit"] * 13})
    return {"Dashboard": shaped(DASHBOARD, figures), "Chart Data": data}


def write(content: bytes, data: pl.DataFrame, generation: int = 1) -> bytes:
    """One write as the agent does it, checked as the agent checks it."""
    package = Package.open(content)
    built = build(package, Job(told(data), empty(MIRROR), Mark("book", generation), zone=UTC))
    if built.changed:
        self_check(package, built)
    return built.content


def parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return {name: file.read(name) for name in file.namelist()}


def charts(content: bytes) -> dict[str, bytes]:
    return {name: data for name, data in parts(content).items() if re.fullmatch(r"xl/charts/chart\d+\.xml", name)}


def titled(content: bytes, title: str) -> etree._Element:
    """The chart of that title."""
    roots = [etree.fromstring(data) for data in charts(content).values()]
    return next(root for root in roots if title in "".join(root.find(f"{CHART}chart/{CHART}title").itertext()))


def drawn_on(chart: etree._Element) -> list[str]:
    return [element.text or "" for element in chart.iter(f"{CHART}f")]


def copies(chart: etree._Element, kind: str) -> list[list[str]]:
    """The copies of the numbers (`val`) or names (`cat`) that a chart carries."""
    series = [one.find(f"{CHART}{kind}") for one in chart.iter(f"{CHART}ser")]
    return [["".join(point.itertext()) for point in one.iter(f"{CHART}pt")] for one in series]


# --- made once


def test_the_first_write_puts_six_charts_below_the_figures() -> None:
    content = write(starter(), numbers())
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert len(book["Dashboard"]._charts) == len(CHARTS) == 6
    tops = {chart.anchor._from.row + 1 for chart in book["Dashboard"]._charts}
    assert min(tops) > 1 + 13, "no chart lies on a figure"
    assert book["Chart Data"].sheet_state == "hidden" and book["Dashboard"].sheet_state == "visible"


def test_every_column_that_a_chart_draws_on_is_declared_and_every_declared_one_is_drawn() -> None:
    assert set(BLOCKS) == set(CHART_DATA.names)


def test_a_chart_carries_copies_of_its_numbers_so_that_previews_show_them() -> None:
    chart = titled(write(starter(), numbers(shops=2)), "Listings matched")
    assert copies(chart, "cat") == [["shop 0 & co", "shop 1 & co"]] * 2
    assert copies(chart, "val") == [["5", "6"], ["0", "0"]]
    assert copies(chart, "tx") == [["Linked"], ["Not linked"]]


def test_what_is_not_known_is_no_point_and_not_zero_I11() -> None:
    chart = titled(write(starter(), numbers()), "Units that each shop shows")
    assert copies(chart, "val") == [[]]


def test_the_next_write_changes_only_reach_and_numbers() -> None:
    first = write(starter(), numbers(shops=2))
    second = write(first, numbers(shops=4, pushed=8), 2)
    chart = titled(second, "Listings matched")
    assert "'Chart Data'!$B$2:$B$5" in drawn_on(chart)
    assert copies(chart, "val")[0] == ["5", "6", "7", "8"]
    assert copies(titled(second, "Pushes a day"), "val")[0] == ["8"] * 15

    def bare(data: bytes) -> bytes:
        data = re.sub(rb"<(str|num)Cache>.*?</\1Cache>", b"", data)
        return re.sub(rb":\$[A-Z]+\$\d+</f>|</f>", b"</f>", data)

    assert list(map(bare, charts(first).values())) == list(map(bare, charts(second).values()))
    assert charts(first).keys() == charts(second).keys()


def test_a_second_write_of_the_same_adds_nothing() -> None:
    first = write(starter(), numbers())
    assert write(first, numbers(), 2) == first


def test_a_workbook_that_was_taken_over_gets_its_charts_once() -> None:
    first = write(seller_book(), numbers())
    assert len(charts(first)) == 6
    assert len(charts(write(first, numbers(shops=5), 2))) == 6


def test_a_workbook_made_before_there_were_charts_gets_them_in_the_place_of_the_old_one() -> None:
    book = openpyxl.load_workbook(io.BytesIO(starter()))
    del book["Chart Data"]
    old: LineChart = LineChart()
    old.add_data(Reference(book["Dashboard"], min_col=2, min_row=2, max_row=6))
    book["Dashboard"].add_chart(old, "A10")
    content = write(saved(book), numbers())
    shown = openpyxl.load_workbook(io.BytesIO(content))["Dashboard"]._charts
    assert len(shown) == 6 and old.title not in [chart.title for chart in shown]


def test_before_there_is_anything_to_tell_no_chart_is_put_in() -> None:
    nothing = {name: frame.clear() for name, frame in told(numbers()).items()}
    built = build(Package.open(starter()), Job(nothing, empty(MIRROR), Mark("book", 1), zone=UTC))
    assert not charts(built.content)
    assert len(charts(write(built.content, numbers(), 2))) == 6


def test_a_tab_that_was_deleted_comes_back_with_its_charts() -> None:
    book = openpyxl.load_workbook(io.BytesIO(write(starter(), numbers())))
    del book["Dashboard"]
    again = write(saved(book), numbers(), 2)
    assert len(openpyxl.load_workbook(io.BytesIO(again))["Dashboard"]._charts) == 6


# --- left as the person leaves them


def edited(content: bytes, change) -> bytes:  # type: ignore[no-untyped-def]
    """The workbook with every part as `change(name, data)` gives it."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as file:
        for name, data in parts(content).items():
            file.writestr(name, change(name, data))
    return held.getvalue()


def test_a_chart_that_was_deleted_does_not_come_back() -> None:
    def without_one(name: str, data: bytes) -> bytes:
        anchor = rb"<twoCellAnchor.*?</twoCellAnchor>"
        return re.sub(anchor, b"", data, count=1, flags=re.DOTALL) if name.startswith("xl/drawings/drawing") else data

    fewer = edited(write(starter(), numbers()), without_one)
    assert len(openpyxl.load_workbook(io.BytesIO(fewer))["Dashboard"]._charts) == 5
    again = write(fewer, numbers(shops=6), 2)
    assert len(openpyxl.load_workbook(io.BytesIO(again))["Dashboard"]._charts) == 5


def test_all_charts_deleted_stay_away() -> None:
    book = openpyxl.load_workbook(io.BytesIO(write(starter(), numbers())))
    book["Dashboard"]._charts.clear()
    assert not charts(write(saved(book), numbers(shops=3), 2))


def test_a_chart_that_was_moved_and_restyled_stays_so_and_goes_on_with_the_numbers() -> None:
    def restyled(name: str, data: bytes) -> bytes:
        if name.startswith("xl/charts/chart"):
            return data.replace(b"1F3A5F", b"00AA00").replace(b"Listings matched", b"Mine")
        return data.replace(b"<row>15</row>", b"<row>40</row>") if name.startswith("xl/drawings/") else data

    mine = edited(write(starter(), numbers()), restyled)
    again = write(mine, numbers(shops=3), 2)
    assert copies(titled(again, "Mine"), "val")[0] == ["5", "6", "7"]
    assert b"00AA00" in b"".join(charts(again).values()) and b"1F3A5F" not in b"".join(charts(again).values())
    drawing = next(name for name in parts(mine) if name.startswith("xl/drawings/drawing"))
    assert parts(again)[drawing] == parts(mine)[drawing]


def test_charts_follow_a_tab_that_was_renamed() -> None:
    def renamed(name: str, data: bytes) -> bytes:
        return data.replace(b"'Chart Data'!", b"'Anna''s &amp; numbers'!").replace(
            b'name="Chart Data"', b'name="Anna\'s &amp; numbers"'
        )

    again = write(edited(write(starter(), numbers()), renamed), numbers(shops=3), 2)
    assert "'Anna''s & numbers'!$B$2:$B$4" in drawn_on(titled(again, "Listings matched"))


def test_the_persons_own_charts_and_drawings_keep_their_bytes() -> None:
    book = openpyxl.load_workbook(io.BytesIO(seller_book()))
    own: LineChart = LineChart()
    own.add_data(Reference(book["Item Master"], min_col=3, min_row=2, max_row=6))
    book["My notes"].add_chart(own, "D4")
    before = parts(saved(book))
    first = write(saved(book), numbers())
    after = parts(write(first, numbers(shops=3), 2))
    kept = [name for name in before if name.startswith(("xl/charts/", "xl/drawings/"))]
    assert len(kept) >= 2 and all(after[name] == before[name] for name in kept)
    assert len(charts(first)) == 7


def test_a_chart_that_the_person_put_beside_them_over_other_cells_keeps_its_bytes() -> None:
    book = openpyxl.load_workbook(io.BytesIO(write(starter(), numbers())))
    own: LineChart = LineChart()
    own.add_data(Reference(book["Item Master"], min_col=3, min_row=2, max_row=6))
    book["Dashboard"].add_chart(own, "Z1")
    content = saved(book)
    mine = {name: data for name, data in charts(content).items() if b"Item Master" in data}
    assert len(mine) == 1
    assert mine.items() <= charts(write(content, numbers(shops=3), 2)).items()


def test_a_dashboard_of_the_persons_own_is_left_alone() -> None:
    book = openpyxl.load_workbook(io.BytesIO(seller_book()))
    book.create_sheet("Dashboard")["B7"] = 42
    shown = openpyxl.load_workbook(io.BytesIO(write(saved(book), numbers())))
    assert not shown["Dashboard"]._charts and len(shown["Dashboard (Stocksheet)"]._charts) == 6


def test_a_write_without_the_two_tabs_makes_no_charts() -> None:
    frames = {name: frame for name, frame in agent_frames(2).items() if name != "Chart Data"}
    built = build(Package.open(starter()), Job(frames, empty(MIRROR), Mark("book", 1), zone=UTC))
    assert not charts(built.content)


@pytest.mark.parametrize(("path", "refused"), corpus("real", step=7))
def test_a_real_workbook_takes_the_charts_and_keeps_its_own(path, refused) -> None:  # type: ignore[no-untyped-def]
    if refused:
        return
    before = parts(path.read_bytes())
    first = write(path.read_bytes(), numbers())
    after = parts(write(first, numbers(shops=3), 2))
    assert len(charts(first)) - len(charts(path.read_bytes())) == 6
    drawn = [name for name in before if "/charts/" in name or "/drawings/" in name]
    assert all(after[name] == before[name] for name in drawn)
    for data in (charts(first) | charts(write(first, numbers(shops=3), 2))).values():
        etree.fromstring(data)
