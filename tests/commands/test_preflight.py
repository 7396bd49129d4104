"""`stocksheet check`, the preflight: general and per platform, each line with its fix (S3-1, S3-2, S3-26)."""

from __future__ import annotations

import json
import shutil
from collections import namedtuple
from datetime import UTC, datetime, timedelta

import pytest

from agent import config, loop
from agent.commands import _preflight
from agent.config_write import set_value

Disk = namedtuple("Disk", ("total", "used", "free"))


def checked(place, capsys) -> tuple[int, dict[str, list[str]]]:  # type: ignore[no-untyped-def]
    """Exit code, and the sentences by sign."""
    capsys.readouterr()
    code = place.run("check", "--json")
    lines: dict[str, list[str]] = {"ok": [], "note": [], "fix": [], "stop": []}
    for line in json.loads(capsys.readouterr().out)["lines"]:
        lines[line["sign"]].append(line["sentence"])
    return code, lines


def one(lines: list[str], words: str) -> str:
    (found,) = [line for line in lines if words in line]
    return found


def test_a_sound_place_has_only_good_lines(place, capsys) -> None:  # type: ignore[no-untyped-def]
    code, lines = checked(place, capsys)
    assert (code, lines["fix"], lines["stop"]) == (0, [], [])
    assert one(lines["ok"], "Times in the workbook")
    assert one(lines["ok"], "Shop my-shop: Anna's shop, RO, EUR, 4 products")
    assert one(lines["ok"], "stock management is on")


def test_a_shop_without_stock_management_is_named_with_the_way_to_the_switch(place, shop, capsys) -> None:  # type: ignore[no-untyped-def]
    shop.options["manage_stock"] = "no"
    code, lines = checked(place, capsys)
    assert code == 1
    assert one(lines["fix"], "stock management") == (
        "my-shop has stock management switched off, so it keeps no quantity that is set there. "
        "In WordPress: WooCommerce > Settings > Products > Inventory: tick Enable stock management, and save."
    )


def test_what_is_good_to_know_of_a_shop_stops_nothing(place, shop, capsys) -> None:  # type: ignore[no-untyped-def]
    shop.options |= {"hide_out_of_stock_items": "yes", "hold_stock_minutes": ""}
    code, lines = checked(place, capsys)
    assert code == 0
    assert one(lines["note"], "hides products at 0")
    assert one(lines["note"], "Hold stock (minutes)")


@pytest.mark.parametrize(("hours", "word"), [(-2, "behind"), (2, "ahead of")])
def test_a_clock_that_is_off_is_told_against_the_shops_own(place, capsys, monkeypatch, hours: int, word: str) -> None:  # type: ignore[no-untyped-def]
    clock = _preflight.SystemClock

    class Off(clock):  # type: ignore[misc, valid-type]
        def now(self) -> datetime:
            return datetime.now(UTC) + timedelta(hours=hours)

    monkeypatch.setattr(_preflight, "SystemClock", Off)
    code, lines = checked(place, capsys)
    assert code == 1
    assert f"This computer's clock is {word} that of my-shop by 120 minutes." in one(lines["fix"], "clock")


def test_another_agent_at_work_is_told(place, capsys) -> None:  # type: ignore[no-untyped-def]
    lock = loop.only_one(config.make_data_folder(config.load(place.config).data_folder))
    try:
        code, lines = checked(place, capsys)
    finally:
        lock.release()
    assert code == 0
    assert "Stocksheet is running now" in one(lines["note"], "running")
    assert not any("running" in line for line in checked(place, capsys)[1]["note"])


@pytest.mark.parametrize(("free", "sign", "then"), [(50, "fix", 1), (600, "note", 0)])
def test_a_disk_that_is_nearly_full_is_told(place, capsys, monkeypatch, free: int, sign: str, then: int) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Disk(10**12, 10**12, free * 10**6))
    code, lines = checked(place, capsys)
    assert code == then
    assert f"little room left: {free} MB." in one(lines[sign], "room")


def test_a_workbook_that_is_read_only_is_told(place, capsys) -> None:  # type: ignore[no-untyped-def]
    place.workbook.chmod(0o444)
    code, lines = checked(place, capsys)
    assert code == 1
    assert "The workbook cannot be written" in one(lines["fix"], "cannot be written")


def test_a_workbook_in_a_synced_folder_works_and_is_warned_about(place, capsys) -> None:  # type: ignore[no-untyped-def]
    folder = place.folder / "OneDrive - Anna"
    folder.mkdir()
    shutil.copy(place.workbook, folder / "Stock.xlsx")
    set_value(place.config, "workbook", str(folder / "Stock.xlsx"))
    code, lines = checked(place, capsys)
    assert code == 0
    assert one(lines["note"], "OneDrive").startswith("Stock.xlsx lies in a folder that is copied elsewhere (OneDrive).")


def test_each_of_several_shops_is_told_of_and_one_that_is_out_hides_no_other(place, shop, capsys) -> None:  # type: ignore[no-untyped-def]
    from agent.config_write import add_channel

    add_channel(place.config, "closed", {"platform": "woocommerce", "url": "http://127.0.0.1:9", "allow_private": True})
    code, lines = checked(place, capsys)
    assert code == 1
    assert len([line for line in lines["fix"] if "closed" in line]) == 1
    assert one(lines["ok"], "Shop my-shop")
