"""From a seller's own workbook and a grown Shopify shop to a written preview: seconds, and words typed (goal <= 30).

    python benchmarks/first_hour.py --listings 400 --unmatched 150

A practice Shopify on loopback HTTP, a workbook with the items of all but so many of its listings, an empty folder, and
the real commands one after the other, answered as a seller would. A word is whatever stands between two spaces of what
is typed, the name of the command included. This machine may have no key store: the choice of a file is made beforehand.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import openpyxl

from agent.config_write import set_value
from agent.practice.person import Person
from agent.practice.shopify import Shop, fill_many, serve

HEADERS = ("Article no.", "Description", "On hand", "EAN", "Shelf", "Price")


def workbook_of(shop: Shop, path: Path, unmatched: int) -> int:
    """A seller's own workbook: its items are those of the shop's listings, but for so many. Gives how many."""
    known: dict[str, tuple[object, ...]] = {}
    for variant in shop.variants.values():
        if variant.sku and variant.sku.strip() == variant.sku:
            number = len(known)
            known.setdefault(variant.sku, (variant.sku, f"Our {variant.sku.lower()}", number % 37 + 1, None, "A3", 9.9))
    rows = list(known.values())[: max(0, len(shop.variants) - unmatched)]
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Inventory"
    sheet.append(("Our stock",))
    sheet.append(())
    for row in (HEADERS, *rows):
        sheet.append(row)
    book.save(path)
    return len(rows)


def opened(shop: Shop) -> int:
    """The shop's port; it stays open in a thread of its own as long as this process lives."""
    ready, ports = threading.Event(), []

    async def stay() -> None:
        ports.append((await serve(shop))[0])
        ready.set()
        await asyncio.Event().wait()

    threading.Thread(target=lambda: asyncio.run(stay()), daemon=True).start()
    ready.wait(20)
    return ports[0]


class Seller:
    """Somebody at a terminal: types commands and answers, and counts both."""

    def __init__(self, home: Path) -> None:
        self.home, self.words, self.seconds = home, 0, 0.0

    def types(self, command: str, *answers: str, unseen: Sequence[str] = ()) -> str:
        """One command with its answers. `unseen`: options that only a practice shop needs."""
        self.words += sum(len(line.split()) for line in (f"stocksheet {command}", *answers))
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "agent", *command.split(), *unseen],
            input="".join(f"{line}\n" for line in answers),
            capture_output=True,
            text=True,
            env={**os.environ, "HOME": str(self.home), "USERPROFILE": str(self.home)},
            timeout=600,
            check=False,
        )
        self.seconds += time.perf_counter() - began
        print(f"  {time.perf_counter() - began:5.1f} s  stocksheet {command}  {list(answers)} -> {done.returncode}")
        if os.environ.get("SHOW"):
            print(done.stdout, done.stderr)
        if done.returncode == 2:
            raise SystemExit(done.stdout + done.stderr)
        return done.stdout


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--listings", type=int, default=400)
    reader.add_argument("--unmatched", type=int, default=150)
    chosen = reader.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        shop = fill_many(
            Shop(clock=lambda: datetime.now(UTC), rng=Random(3), access_token="shpat_practice"), chosen.listings
        )
        port, home = opened(shop), Path(folder)
        book = home / "Stock.xlsx"
        items = workbook_of(shop, book, chosen.unmatched)
        seller = Seller(home)
        seller.types(f"init --workbook {book}", "yes")
        set_value(home / "Stocksheet" / "config.toml", "secrets", "file")
        local = ("--url", f"http://127.0.0.1:{port}", "--private")
        seller.types("connect shopify --name shop --way token", "shpat_practice", "", "yes", unseen=local)
        seller.words += 2  # the shop's address, which the seller is asked for
        seller.types("check")
        seller.types("sync")
        look = Person(book).look
        print(
            f"{len(shop.variants)} listings, {items} items: {len(list(look('Listings')))} linked, "
            f"{len(list(look('Imports')))} in Imports, {len(list(look('Attention')))} rows of Attention"
        )
        print(f"empty folder to written preview: {seller.seconds:.1f} s, {seller.words} words typed (goal <= 30)")


if __name__ == "__main__":
    main()
