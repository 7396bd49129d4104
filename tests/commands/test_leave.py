"""`stocksheet leave`: says what it means, asks, forgets; the shop itself hears nothing of it."""

from __future__ import annotations

import json

from agent import app, config, loop
from agent.store import Store
from tests.commands.conftest import said


def test_leave_says_what_it_means_and_a_no_changes_nothing(place, types, capsys) -> None:  # type: ignore[no-untyped-def]
    place.go_live()
    place.shop.sell(11, 3)
    place.run("sync")
    before = (place.folder / app.STORE).read_bytes(), place.config.read_bytes()
    capsys.readouterr()
    types("no")
    assert place.run("leave", "my-shop") == 1
    shown = said(capsys)
    assert "To leave my-shop (Anna's shop) means:" in shown or "To leave my-shop means:" in shown
    assert "Its 3 listings there keep what they show now" in shown
    assert "1 order of it is not shipped yet, with 3 units." in shown
    assert "Nothing was changed." in shown
    assert before[1] == place.config.read_bytes()
    assert Store(place.folder / app.STORE).table("link").height > 0


def test_leave_forgets_the_shop_and_its_keys_and_never_calls_it(place, types, capsys) -> None:  # type: ignore[no-untyped-def]
    place.go_live()
    place.shop.sell(11, 3)
    place.run("sync")
    pushes = Store(place.folder / app.STORE).table("push").height
    calls: list[object] = []
    place.shop.on_exchange = lambda request, response: calls.append(request)
    shows = [place.shop.quantity(each) for each in place.shop.products]
    types("yes")
    assert place.run("leave", "MY-SHOP") == 0
    assert calls == []
    assert shows == [place.shop.quantity(each) for each in place.shop.products]
    assert config.load(place.config).channels == {}
    assert json.loads((place.folder / "secrets.json").read_text()) == {}
    store = Store(place.folder / app.STORE)
    for table in ("channel", "listing", "cell", "order_line", "link", "missing"):
        assert store.table(table).is_empty(), table
    assert store.table("push").height == pushes > 0
    assert dict(store.table("level").select("sku", "on_hand").iter_rows())["MUG"] == 17
    store.close()
    assert "Delete the key" in said(capsys)


def test_connected_again_it_begins_with_a_first_plan_and_goes_live_by_a_new_yes(place, types, capsys) -> None:  # type: ignore[no-untyped-def]
    place.go_live()
    types("yes", "ck_practice", "cs_practice", "yes")
    assert place.run("leave", "my-shop") == 0
    url = f"http://127.0.0.1:{place.port}"
    assert place.run("connect", "woocommerce", "--name", "my-shop", "--url", url, "--private") == 0
    place.shop.type_quantity(11, 25)
    capsys.readouterr()
    assert place.run("sync") == 1
    assert "The first plan for my-shop is ready" in said(capsys)
    assert place.shop.quantity(11) == 25
    place.go_live()
    assert place.shop.quantity(11) == 20


def test_leave_knows_no_such_shop_and_says_which_there_are(place, capsys) -> None:  # type: ignore[no-untyped-def]
    assert place.run("leave", "etsy") == 2
    assert "No connected shop is called etsy. You have: my-shop." in said(capsys)


def test_leave_waits_until_a_running_agent_is_ended(place, capsys) -> None:  # type: ignore[no-untyped-def]
    lock = loop.only_one(place.folder)
    try:
        assert place.run("leave", "my-shop", "--yes") == 2
    finally:
        lock.release()
    assert "already running" in said(capsys)
    assert "my-shop" in config.load(place.config).channels
