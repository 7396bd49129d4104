"""`new` in a real workbook: the row stands below the others, and a workbook that has no room for it says so."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import openpyxl
import polars as pl
from made import seller_book

from agent import cycle
from agent.channels.http import Ports
from agent.channels.woocommerce import connect
from agent.ports import SystemClock
from agent.practice.woocommerce import Shop, transport
from agent.state import Agent
from agent.store import Store
from agent.workbooks.excel import ExcelWorkbook


def agent_with(path: Path) -> Agent:
    """The real agent over a real file, and a practice shop that sells a lamp that is in no row."""
    clock = SystemClock()
    shop = Shop(clock=lambda: datetime.now(UTC), rng=Random(1), name="north", sleep=clock.sleep)
    shop.add_simple("LAMP", "Desk lamp", 6, barcode="4006381333931")
    settings = {"url": "https://north.example.com", "consumer_key": "ck_practice", "consumer_secret": "cs_practice"}
    channel = connect("north", settings, Ports(clock, Random(1), transport(shop)))
    return Agent(clock, Store(":memory:"), ExcelWorkbook(path), {"north": channel}, Random(1), poll=10.0)


def types_new(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    sheet = book["Imports"]
    header = next(row for row in sheet.iter_rows() if "Link to SKU" in [cell.value for cell in row])
    place = next(cell for cell in header if cell.value == "Link to SKU")
    sheet.cell(place.row + 1, place.column, "new")
    book.save(path)


def attention(agent: Agent) -> list[str]:
    return agent.told["Attention"].select(pl.concat_str("What", pl.lit(" "), "What to do")).to_series().to_list()


async def asked(path: Path) -> Agent:
    agent = agent_with(path)
    await cycle.cycle(agent)
    types_new(path)
    await cycle.cycle(agent)
    return agent


def test_new_adds_a_row_to_a_sellers_own_file_once(tmp_path: Path) -> None:
    path = tmp_path / "Stock.xlsx"
    path.write_bytes(seller_book())

    async def story() -> None:
        agent = await asked(path)
        sheet = openpyxl.load_workbook(path)["Item Master"]
        assert [cell.value for cell in sheet[7]] == ["LAMP", "Desk lamp", 6, None]
        assert agent.told["Listings"]["SKU"].to_list() == ["LAMP"]
        assert agent.told["Imports"].is_empty()
        assert any("1 item was added to Item Master as you asked: LAMP." in text for text in attention(agent))
        await cycle.cycle(agent)
        assert openpyxl.load_workbook(path)["Item Master"].max_row == 7

    asyncio.run(story())


def test_a_total_below_the_items_is_left_alone_and_said_new_refused(tmp_path: Path) -> None:
    path = tmp_path / "Stock.xlsx"
    path.write_bytes(seller_book())
    book = openpyxl.load_workbook(path)
    book["Item Master"]["C9"] = "=SUM(C2:C6)"
    book.save(path)

    async def story() -> None:
        agent = await asked(path)
        (text,) = [text for text in attention(agent) if "cannot be added" in text]
        assert text.startswith("The row for the SKU LAMP that you asked for cannot be added to Item Master. Below your")
        assert text.endswith("Mend that and save; it is tried again. Or add the row yourself.")
        assert openpyxl.load_workbook(path)["Item Master"]["C9"].value == "=SUM(C2:C6)"
        assert agent.told["Imports"]["Why not linked"].to_list() == ["You typed new: its row is added to Item Master."]

    asyncio.run(story())
