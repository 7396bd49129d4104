"""The commands with a Google Sheet, over the practice Google on a real socket (issue 6)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from agent import app, config
from agent.__main__ import main
from agent.config_write import add_channel, set_value
from agent.practice.google import AGENT, SELLER, Book, Google, serve, service_account
from agent.practice.google.person import Person
from agent.practice.woocommerce import Shop
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


def test_what_is_no_sheet_is_refused_in_a_sentence(seller: Seller, capsys: pytest.CaptureFixture[str]) -> None:
    assert seller.run("init", "--google", "https://example.com/x") == 2
    assert "is no address of a Google Sheet" in said(capsys)


def test_without_access_it_is_said_how_to_get_it(seller: Seller, capsys: pytest.CaptureFixture[str]) -> None:
    assert seller.run("init", "--google", seller.address) == 1
    assert "service account" in said(capsys)
