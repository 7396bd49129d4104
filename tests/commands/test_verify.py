"""`stocksheet verify`: a sample side by side with the sheet, read live, nothing pushed (S2-3, S2-4, S2-13, S2-22)."""

from __future__ import annotations

import json

from tests.commands.conftest import said


def verified(place, capsys, *more: str) -> dict[str, dict[str, object]]:  # type: ignore[no-untyped-def, type-arg]
    capsys.readouterr()
    assert place.run("verify", "--json", *more) == 0
    rows = json.loads(capsys.readouterr().out)["listings"]
    return {row["kind"]: row for row in rows} if not more else {str(row["sku_there"]): row for row in rows}


def test_one_of_each_kind_beside_the_sheet_before_anything_was_pushed(place, shop, capsys) -> None:  # type: ignore[no-untyped-def]
    shop.add_simple("", "Without a code", 3)
    shop.add_simple("BOX", "Gift box", 0)
    colours = [{"sku": sku, "options": {"Colour": sku}, "quantity": 2} for sku in ("RED", "BLUE")]
    shop.add_variable("TEE", "Tee", colours)
    shop.sell(11, 2)
    before = {product: shop.quantity(product) for product in (11, 12, 13)}
    rows = verified(place, capsys)
    mug = rows["a product by itself"]
    assert (mug["title"], mug["sku_there"], mug["item"]) == ("White mug", "MUG", "MUG")
    assert (mug["shows"], mug["stocked"], mug["allocated"], mug["available"]) == (23, 20, 2, 18)
    assert (mug["would_set"], mug["why"]) == (18, "20 stocked - 2 allocated = 18")
    assert rows["without a SKU there"]["why"] == "The listing has no SKU in the shop."
    assert (rows["at zero there"]["shows"], rows["at zero there"]["would_set"]) == (0, 9)
    assert rows["one of several variants"]["title"] == "Tee (Colour: RED)"
    assert {product: shop.quantity(product) for product in before} == before


def test_named_items_are_read_live_each_time(place, shop, capsys) -> None:  # type: ignore[no-untyped-def]
    assert verified(place, capsys, "MUG")["MUG"]["shows"] == 25
    shop.type_quantity(11, 4)
    rows = verified(place, capsys, "mug", "00123")
    assert (rows["MUG"]["shows"], rows["00123"]["shows"]) == (4, 7)
    assert {row["kind"] for row in rows.values()} == {"as you named it"}
    assert "SET" in verified(place, capsys, "BOX")  # the set takes a box


def test_it_is_told_in_plain_words_and_leaves_no_trace(place, shop, capsys) -> None:  # type: ignore[no-untyped-def]
    sheet = place.workbook.read_bytes()
    assert place.run("verify") == 0
    shown = said(capsys)
    assert "would change" in shown
    assert "Nothing was pushed." in shown
    assert "stocksheet plan" in shown
    lacking = "one of several variants or without a SKU there or at zero there or not on sale there"
    assert f"my-shop has nothing that is {lacking}." in shown
    assert place.workbook.read_bytes() == sheet
    assert not (place.folder / "stocksheet.db").exists()


def test_a_sku_that_nobody_sells_and_a_shop_that_is_not_connected_are_named(place, capsys) -> None:  # type: ignore[no-untyped-def]
    assert place.run("verify", "MUG", "TEAPOT") == 2
    assert "No listing of my-shop sells TEAPOT." in said(capsys)
    assert place.run("verify", "--channel", "other") == 2
    assert "There is no shop called other. Connected are: my-shop." in said(capsys)


def test_a_shop_that_cannot_be_read_is_told(place, capsys) -> None:  # type: ignore[no-untyped-def]
    place.keep_secrets(secret="cs_something_else")
    assert place.run("verify") == 1
    assert "refuses the access" in said(capsys)
