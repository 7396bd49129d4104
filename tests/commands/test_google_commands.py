"""The commands with a Google Sheet, over the practice Google on a real socket (issue 6)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from agent import app, config
from agent.__main__ import main
from agent.commands._screen import Screen
from agent.config_write import add_channel, set_value
from agent.practice.google import AGENT, SELLER, Book, Google, serve, service_account
from agent.practice.google.person import Person
from agent.practice.woocommerce import Shop
from agent.workbooks.base import Snapshot
from tests.commands.conftest import SHOP, opened, said


@dataclass
class Seller:
    """A seller with an empty sheet, a key file of a service account, and a connected shop."""

    folder: Path
    google: Google
    book: Book
    key: Path
    shop_port: int

    @property
    def address(self) -> str:
        return f"https://docs.google.com/spreadsheets/d/{self.book.id}/edit#gid=0"

    @property
    def person(self) -> Person:
        return Person(self.google, self.book, SELLER)

    def run(self, command: str, *more: str) -> int:
        return main([command, *more, "--config", str(self.folder / "config.toml")])

    def connect(self) -> None:
        file = self.folder / "config.toml"
        url = f"http://127.0.0.1:{self.shop_port}"
        add_channel(file, SHOP, {"platform": "woocommerce", "url": url, "allow_private": True})
        secrets = app.secrets_of(config.load(file))
        secrets.put(SHOP, "consumer_key", "ck_practice")
        secrets.put(SHOP, "consumer_secret", "cs_practice")


@pytest.fixture
def seller(tmp_path: Path, port: int) -> Iterator[Seller]:
    google = Google(rng=Random(1))
    book = google.new_book("Anna's stock")
    folder = tmp_path / "seller"
    folder.mkdir()
    key = tmp_path / "key.json"
    key.write_text(json.dumps(service_account(google, AGENT, "https://oauth2.googleapis.com")))
    with opened(serve, google) as bound:
        file = folder / "config.toml"
        set_value(file, "google_practice", f"http://127.0.0.1:{bound}")
        set_value(file, "data_folder", str(folder))
        set_value(file, "secrets", "file")
        yield Seller(folder, google, book, key, port)


def test_from_an_empty_sheet_to_a_live_shop(seller: Seller, shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    assert seller.run("init", "--google", seller.address, "--key", str(seller.key), "--empty") == 1
    told = said(capsys)
    assert AGENT in told and "Editor" in told
    seller.google.share(seller.book.id, AGENT, "writer")
    assert seller.run("init", "--google", seller.address, "--empty") == 0
    assert "Item Master" in said(capsys)
    seller.person.adds("Item Master", [{"SKU": "MUG", "Title": "White mug", "Counted": 20}])
    seller.connect()
    assert seller.run("check") == 0
    told = said(capsys)
    assert "Anna's stock, may be written" in told and "45 reads and 45 writes a minute" in told
    assert seller.run("plan") == 1  # the first plan waits for a yes
    assert "MUG" in said(capsys)
    seller.run("sync")
    row = next(row for row in seller.person.look("Attention") if row["Answers"] == "yes")
    seller.person.types("Attention", {"Id": row["Id"]}, "Answer", "yes")
    assert seller.run("sync") == 0
    capsys.readouterr()
    (mug,) = [each for each in shop.products.values() if each.shown_sku == "MUG"]
    assert shop.quantity(mug.id) == 20
    assert seller.run("explain", "MUG") == 0
    assert "20 on the shelf" in said(capsys)
    assert seller.person.look("Item Master")[0]["Counted"] == 20
    seller.run("check")
    assert "the running agent used" in said(capsys)  # as of its last write


def test_what_is_no_sheet_is_refused_in_a_sentence(seller: Seller, capsys: pytest.CaptureFixture[str]) -> None:
    assert seller.run("init", "--google", "https://example.com/x") == 2
    assert "is no address of a Google Sheet" in said(capsys)


def test_without_access_it_is_said_how_to_get_it(seller: Seller, capsys: pytest.CaptureFixture[str]) -> None:
    assert seller.run("init", "--google", seller.address) == 1
    assert "service account" in said(capsys)


# --- a sheet of one's own


def own_list(seller: Seller, **tabs: list[list[object]]) -> None:
    """The seller's sheet holds these tabs, from A1 on, and Stocksheet may write in it."""
    for title, rows in tabs.items():
        seller.person.adds_tab(title, rows)  # type: ignore[arg-type]
    seller.person.deletes_tab("Sheet1")
    seller.google.share(seller.book.id, AGENT, "writer")


LIST: list[list[object]] = [
    ["Our stock, spring", None, None, None, None],
    [None, None, None, None, None],
    ["Code", "What is it", "Qty left", "Qty right", "Status"],
    ["A-1", "Cup", 4, 9, "good"],
    ["A-2", "Plate", 15, 7, "good"],
    ["A-3", "Bowl, deep", 6, None, "old"],
]


def answers(monkeypatch: pytest.MonkeyPatch, *typed: str) -> list[str]:
    """What the seller types, one after the other; gives the questions."""
    waiting, asked = list(typed), list[str]()

    def ask(self: Screen, question: str, default: str = "", *, hidden: bool = False) -> str:
        asked.append(question)
        return waiting.pop(0)

    monkeypatch.setattr(Screen, "ask", ask)
    return asked


def test_ones_own_sheet_is_taken_over_with_the_same_questions_as_a_file(
    seller: Seller, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    own_list(seller, Bestand=LIST, Notes=[["milk"], ["bread"]])
    before = seller.person.look("Bestand")
    answers(monkeypatch, "2", "yes")
    assert seller.run("init", "--google", seller.address, "--key", str(seller.key)) == 0
    told = said(capsys)
    assert "never writes into it" in told and "counts it down" not in told
    assert "Counted" in told and "D Qty right" in told and "3 items, 2 of them with a quantity (16 units)" in told
    assert "1 without a quantity" in told and "Left alone: What is it, Qty left, Status" in told
    after = seller.person.look("Bestand")
    assert [{name: row[name] for name in before[0]} for row in after] == before
    assert "Status (Stocksheet)" in after[0] and "Stocked now" in after[0]  # beside the seller's own Status
    assert config.load(seller.folder / "config.toml").workbook == seller.address
    assert "milk" in str(seller.person.tab("Notes").rows)
    snapshot = reads(seller)
    rows = snapshot.tabs["Item Master"].select("SKU", "Stocked").rows()
    assert rows == [("A-1", "9"), ("A-2", "7"), ("A-3", None)]
    assert snapshot.issues.is_empty()


def test_a_column_of_an_adopted_list_is_found_wherever_it_is_moved_and_never_replaced_unasked(
    seller: Seller, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    own_list(seller, Bestand=LIST)
    answers(monkeypatch, "2")
    assert seller.run("init", "--google", seller.address, "--key", str(seller.key), "--yes") == 0
    seller.person.moves_column("Bestand", "Qty right", "Code")
    seller.person.inserts_columns("Bestand", "Qty left", 2)
    seller.person.inserts_rows("Bestand", 1, 2)
    seller.person.renames_tab("Bestand", "Lager")
    assert reads(seller).tabs["Item Master"]["Stocked"].to_list() == ["9", "7", None]
    seller.person.renames_column("Lager", "Qty right", "Anzahl")
    gone = reads(seller)
    assert "Stocked" not in gone.tabs["Item Master"].columns
    assert "header_missing" in gone.issues["code"].to_list()
    seller.person.renames_column("Lager", "Anzahl", "Counted")
    assert reads(seller).tabs["Item Master"]["Stocked"].to_list() == ["9", "7", None]
    seller.person.renames_column("Lager", "Qty left", "Counted")
    assert reads(seller).issues["code"].to_list() == ["header_twice"]


def test_a_no_or_a_try_changes_nothing_in_the_sheet_or_the_settings(
    seller: Seller, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    own_list(seller, Bestand=LIST)
    before = seller.person.titles(), len(seller.google.files[seller.book.id].history)
    answers(monkeypatch, "2", "no", "2", "0")
    assert seller.run("init", "--google", seller.address, "--key", str(seller.key)) == 1
    assert "Nothing was changed" in said(capsys)
    assert seller.run("init", "--google", seller.address, "--dry-run") == 0
    assert "D Qty right" in (told := said(capsys)) and "This was a try" in told
    assert seller.run("init", "--google", seller.address) == 1  # 0: none of these
    assert (seller.person.titles(), len(seller.google.files[seller.book.id].history)) == before
    assert not config.load(seller.folder / "config.toml").google


def test_of_two_lists_the_seller_is_asked_which_one(
    seller: Seller, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: list[list[object]] = [["SKU", "Qty"], ["A", 1], ["B", 2]]
    own_list(seller, One=rows, Two=[["SKU", "Qty"], ["A", 8], ["B", 9]])
    asked = answers(monkeypatch, "2")
    assert seller.run("init", "--google", seller.address, "--key", str(seller.key), "--yes") == 0
    assert len(asked) == 1 and "Several tabs look like lists" in said(capsys)
    assert reads(seller).tabs["Item Master"]["Stocked"].to_list() == ["8", "9"]


def test_a_sheet_without_a_list_says_what_it_needs(seller: Seller, capsys: pytest.CaptureFixture[str]) -> None:
    own_list(seller, Notes=[["milk", "bread"], ["eggs", "tea"]])
    assert seller.run("init", "--google", seller.address, "--key", str(seller.key)) == 2
    assert "Name them SKU and Counted" in said(capsys)


def reads(seller: Seller) -> Snapshot:
    """What the agent reads now."""
    book = app.open_google(config.load(seller.folder / "config.toml"))

    async def look() -> Snapshot:
        try:
            return await book.read()
        finally:
            await book.close()

    return asyncio.run(look())
