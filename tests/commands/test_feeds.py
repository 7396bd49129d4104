"""A supplier's list through the real commands: settings, workbook, shop and file (S1-6, S1-13)."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from agent.commands._news import Told


def supplies(place, **figures: int) -> Path:  # type: ignore[no-untyped-def]
    file = place.folder / "acme.csv"
    file.write_text("".join(["SKU;Available\n", *(f"{sku};{n}\n" for sku, n in figures.items())]), encoding="utf-8")
    return file


def with_feed(place, **figures: int) -> Path:  # type: ignore[no-untyped-def]
    file = supplies(place, **figures)
    text = place.config.read_text(encoding="utf-8")
    place.config.write_text(f'{text}\n[feeds.acme]\npath = "{file.name}"\n', encoding="utf-8")
    place.person.types("Item Master", {"SKU": "MUG"}, "Stocked", None)
    place.person.types("Item Master", {"SKU": "MUG"}, "Feed", "acme")
    return file


def test_a_list_beside_the_workbook_sets_what_the_shop_shows(place, capsys) -> None:  # type: ignore[no-untyped-def]
    with_feed(place, MUG=31)
    place.go_live()
    mug = next(product for product in place.shop.products.values() if product.sku == "MUG")
    assert place.shop.quantity(mug.id) == 31
    assert next(row for row in place.person.look("Item Master") if row["SKU"] == "MUG")["Stocked"] is None
    supplies(place, MUG=28)
    assert place.run("sync") == 0
    assert place.shop.quantity(mug.id) == 28
    capsys.readouterr()
    assert place.run("explain", "MUG", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["feed"][0]["feed"], told["feed"][0]["says"]) == ("acme", 28)
    assert told["feed"][0]["age"].endswith(" s")


def checked(place, capsys) -> list[Told]:  # type: ignore[no-untyped-def]
    capsys.readouterr()
    place.run("check", "--json")
    lines = json.loads(capsys.readouterr().out)["lines"]
    return [(line["sign"], line["sentence"]) for line in lines if "acme" in line["sentence"]]


def test_check_reads_every_feed_and_says_how_old_it_is(place, capsys) -> None:  # type: ignore[no-untyped-def]
    file = with_feed(place, MUG=31, OTHER=4)
    ((sign, sentence),) = checked(place, capsys)
    assert sign == "ok" and sentence.startswith("Feed acme: 2 rows, of ")
    os.utime(file, (time.time() - 5 * 86400,) * 2)
    ((sign, sentence),) = checked(place, capsys)
    assert sign == "note" and sentence.endswith("too old to raise anything")
    file.unlink()
    ((sign, sentence),) = checked(place, capsys)
    assert sign == "fix" and "There is no file" in sentence
