"""Suppliers' lists as they come: real files of many kinds, and real HTTP on loopback."""

from __future__ import annotations

import asyncio
import io
import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import openpyxl
import pytest

from agent.looking.feed_sources import Columns, FileFeed, UrlFeed
from agent.looking.seams import FeedOut, FeedRead


def book(*rows: list[object]) -> bytes:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


SAYS = {"00123": 12, "BLUE-M": 0, "TEE": 7}
LISTS = {
    "comma.csv": b"SKU,Available,Price\r\n00123,12,3.50\r\nBLUE-M,0,1\r\nTEE,7,2\r\n",
    "german.csv": "Artikelnummer;Name;Bestand\n00123;Größe \"M\"; 12\nBLUE-M;ü;0,00\nTEE;Tee;7,0\n".encode("cp1252"),
    "excel.csv": "sep=;\nItem no.;Qty\n00123;12\nBLUE-M;0\nTEE;7\n".encode("utf-8-sig"),
    "wide.txt": "Code\tStock\n00123\t12\nBLUE-M\t0\nTEE\t7\n".encode("utf-16"),
    "title.csv": b"Acme Ltd stock list,,\nof Monday,,\n,,\nSKU,Name,In stock\n00123,Cup,12\nBLUE-M,,0\nTEE,,7\n",
    "quoted.csv": b'"SKU","Name","Qty"\n"00123","a ""big"" one\nof two lines","12"\n"BLUE-M","b","0"\n"TEE","c",">7"\n',
    "book.xlsx": book(["List"], [], ["SKU", "", "Qty"], ["00123", "Cup", 12], ["BLUE-M", None, 0], ["TEE", "", 7.0]),
    "no-ending": book(["SKU", "Qty"], ["00123", 12], ["BLUE-M", 0], ["TEE", 7]),
}  # fmt: skip


def read(feed: FileFeed | UrlFeed, token: str | None = None) -> FeedRead | None:
    return asyncio.run(feed.read(token))


def found(feed: FileFeed | UrlFeed) -> FeedRead:
    made = read(feed)
    assert made is not None
    return made


def out(feed: FileFeed | UrlFeed) -> str:
    with pytest.raises(FeedOut) as caught:
        read(feed)
    return f"{caught.value.what} {caught.value.fix}"


@pytest.mark.parametrize("name", LISTS)
def test_lists_of_every_kind_say_the_same(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(LISTS[name])
    made = found(FileFeed("acme", tmp_path / name))
    assert dict(made.figures.select("code", "figure").iter_rows()) == SAYS


def test_a_list_is_of_the_time_when_its_file_was_written_and_not_read_twice(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(LISTS["comma.csv"])
    os.utime(file, (1_700_000_000, 1_700_000_000))
    feed = FileFeed("acme", file)
    made = found(feed)
    assert made.at == datetime.fromtimestamp(1_700_000_000, UTC)
    assert read(feed, made.token) is None
    file.write_bytes(LISTS["comma.csv"] + b"NEW,3\n")
    again = read(feed, made.token)
    assert again is not None and again.figures.height == 4


FIGURES = {
    "12": 12, "12.0": 12, "1 200": 1200, "1'200": 1200, ">12": 12, "12+": 12, "≥ 5": 5, "-3": 0, "0": 0,
    "in stock": None, "1.5": None, "12 pcs": None, "1.200": None, "1e3": None, "99999999": None,
}  # fmt: skip


@pytest.mark.parametrize("text", FIGURES)
def test_a_figure_is_read_or_is_none_never_a_guess_I11(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f'SKU;Qty\nA;"{text}"\nB;1\n', encoding="utf-8")
    made = found(FileFeed("acme", tmp_path / "a.csv"))
    assert dict(made.figures.select("code", "figure").iter_rows()) == {"A": FIGURES[text], "B": 1}
    assert made.unread == (FIGURES[text] is None)


def test_a_code_that_stands_there_twice_has_the_lower_figure_and_none_if_one_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("SKU,Qty\nA,9\nA,4\nB,4\nB,?\nC,\n", encoding="utf-8")
    made = found(FileFeed("acme", tmp_path / "a.csv"))
    assert dict(made.figures.select("code", "figure").iter_rows()) == {"A": 4, "B": None}


BAD: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "it is empty"),
    "only a header": (b"SKU,Qty\n", "has no rows. An empty list is not a zero"),
    "no such columns": (
        b"a,b\n1,2\n",
        'no columns for a SKU and a quantity. Name the columns in config.toml: sku = "..."',
    ),
    "two quantities": (b"SKU,Qty,Stock\nA,1,2\n", '"Qty" or "Stock". Say which one in config.toml: quantity = "Qty".'),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)), "The feed acme"),
    "half a workbook": (LISTS["book.xlsx"][:900], "it cannot be used"),
    "a page": (b"<!DOCTYPE html><html><body>Please sign in</body></html>", "no columns for"),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_is_no_list_is_said_in_a_sentence(kind: str, tmp_path: Path) -> None:
    content, sentence = BAD[kind]
    (tmp_path / "a.csv").write_bytes(content)
    assert sentence in out(FileFeed("acme", tmp_path / "a.csv"))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert out(FileFeed("acme", tmp_path / "gone.csv")).startswith(
        f"There is no file {tmp_path / 'gone.csv'} of the feed"
    )


def test_named_columns_are_taken_whatever_others_are_called(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Qty,Ref X,Free\n1,A,9\n", encoding="utf-8")
    made = found(FileFeed("acme", tmp_path / "a.csv", Columns("ref x", "Free")))
    assert made.figures.select("code", "figure").rows() == [("A", 9)]
    sentence = out(FileFeed("acme", tmp_path / "a.csv", Columns("Ref Y", "Free")))
    assert "no columns for Ref Y and Free" in sentence


# --- addresses --------------------------------------------------------------------------------------------------------


class Supplier(BaseHTTPRequestHandler):
    """A supplier's web server."""

    status, body, headers_sent = (
        200,
        LISTS["comma.csv"],
        {"ETag": '"v1"', "Last-Modified": "Mon, 23 Nov 2026 06:00:00 GMT"},
    )
    asked: list[str] = []  # noqa: RUF012

    def do_GET(self) -> None:
        self.asked.append(self.path)
        same = self.headers.get("If-None-Match") == self.headers_sent.get("ETag", "none")
        self.send_response(304 if same and self.status == 200 else self.status)
        for name, value in self.headers_sent.items():
            self.send_header(name, value)
        self.end_headers()
        if not same:
            self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def supplier() -> Iterator[tuple[str, type[Supplier]]]:
    handler = type("Handler", (Supplier,), {"asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/stock.csv?key=made-up", handler
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_list_at_an_address_is_read_and_not_fetched_again_while_it_is_the_same(
    supplier: tuple[str, type[Supplier]],
) -> None:
    url, _ = supplier
    feed = UrlFeed("acme", url)
    made = found(feed)
    assert dict(made.figures.select("code", "figure").iter_rows()) == SAYS
    assert made.at == datetime(2026, 11, 23, 6, tzinfo=UTC)
    assert read(feed, made.token) is None


def test_a_list_without_a_time_of_its_own_is_of_when_it_was_read(supplier: tuple[str, type[Supplier]]) -> None:
    url, handler = supplier
    handler.headers_sent = {}
    made = found(UrlFeed("acme", url))
    assert made.at is None
    assert read(UrlFeed("acme", url), made.token) is None


@pytest.mark.parametrize(
    ("status", "sentence"),
    [(401, "refuses the access"), (302, "has moved to another address"), (500, "answers with an error (500)")],
)
def test_a_refusal_is_said_without_the_key_in_the_address_R6(
    supplier: tuple[str, type[Supplier]], status: int, sentence: str
) -> None:
    url, handler = supplier
    handler.status = status
    said = out(UrlFeed("acme", url))
    assert sentence in said
    assert "made-up" not in said


@pytest.mark.parametrize(
    "url",
    ["http://feeds.example/s.csv", "https://10.0.0.1/s.csv", "https://user:pass@feeds.example/s.csv", "https://[::"],
)
def test_addresses_that_must_not_be_called_are_not_called_R17(url: str) -> None:
    assert "config.toml is spelled right" in out(UrlFeed("acme", url))


def test_nobody_there_is_said(supplier: tuple[str, type[Supplier]]) -> None:
    assert "does not answer" in out(UrlFeed("acme", "http://127.0.0.1:9/s.csv"))
