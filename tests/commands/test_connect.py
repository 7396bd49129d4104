"""`stocksheet connect`, as a seller goes through it: real HTTP to a practice shop, a browser process of its own."""

from __future__ import annotations

import json
import socket
import sys
import webbrowser
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from urllib.parse import urlencode, urlsplit

import keyring
import pytest
from keyring.backends import fail

from agent import channels, config
from agent.channels.base import ChannelOut
from agent.channels.etsy.access import challenge
from agent.channels.woocommerce import entry
from agent.commands import _browser
from agent.commands import connect as command
from agent.commands._ask_keys import problem_of
from agent.config_write import set_value
from agent.practice.amazon import Shop as AmazonShop
from agent.practice.amazon import serve as serve_amazon
from agent.practice.ebay import Shop as EbayShop
from agent.practice.ebay import serve as serve_ebay
from agent.practice.etsy import Shop as EtsyShop
from agent.practice.etsy import serve as serve_etsy
from agent.practice.lazada import Shop as LazadaShop
from agent.practice.lazada import serve as serve_lazada
from agent.practice.shopee import Shop as ShopeeShop
from agent.practice.shopee import serve as serve_shopee
from agent.practice.shopify import Shop as ShopifyShop
from agent.practice.shopify import serve as serve_shopify
from agent.practice.takealot import Shop as TakealotShop
from agent.practice.takealot import serve as serve_takealot
from agent.practice.tiktok import Shop as TikTokShop
from agent.practice.tiktok import serve as serve_tiktok
from agent.practice.woocommerce import Shop as WooShop
from agent.practice.woocommerce import serve
from tests.commands.conftest import opened, said

SURFER = """
import pathlib, re, sys, urllib.parse, urllib.request
deed, told, address = sys.argv[1:]
def page(address, form=None):
    data = urllib.parse.urlencode(form).encode() if form else None
    with urllib.request.urlopen(address, data, timeout=60) as answer:
        return answer.geturl(), answer.read().decode()
if deed != "closes the window":
    _, text = page(address)
    fields = dict(re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', text))
    fields = {name: value.replace("&amp;", "&") for name, value in fields.items()}
    url, text = page(urllib.parse.urljoin(address, re.search('action="([^"]*)"', text)[1]), {**fields, deed: "1"})
    pathlib.Path(told).write_text(url + "\\n" + text)
"""
"""A person's browser: opens the page, clicks one of its two buttons, follows where it leads."""


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """The browser of this computer: clicks what it is told to, and tells where it ended."""
    told = tmp_path / "browser-told.txt"

    def prepare(deed: str) -> Path:
        script = tmp_path / "surfer.py"
        script.write_text(SURFER)
        monkeypatch.setenv("BROWSER", f"{sys.executable} {script} {deed.replace(' ', '_')} {told} %s &")
        script.write_text(SURFER.replace("closes the window", "closes_the_window"))
        monkeypatch.setattr(webbrowser, "_tryorder", None)
        monkeypatch.setattr(webbrowser, "_browsers", {})
        return told

    return prepare


def connect(place, *more: str) -> int:  # type: ignore[no-untyped-def]
    url = f"http://127.0.0.1:{place.port}"
    return place.run("connect", "woocommerce", "--name", "my-shop", "--url", url, "--private", *more)


def kept(place) -> dict[str, str]:  # type: ignore[no-untyped-def]
    file = place.folder / "secrets.json"
    return json.loads(file.read_text()) if file.exists() else {}


# --- in the browser ---------------------------------------------------------------------------------------------------


def test_in_the_browser_a_yes_is_all_and_the_password_is_seen_nowhere(empty_place, types, browser, capsys) -> None:  # type: ignore[no-untyped-def]
    empty_place.shop.local = True
    told = browser("approve")
    types("1", "yes")
    assert connect(empty_place) == 0
    shown = said(capsys)
    ((password,),) = empty_place.shop.application_passwords.values()
    assert "In the browser: you say yes in WordPress" in shown and "Yes, I approve of this connection" in shown
    assert "Anna's shop" in shown and "role Shop manager" in shown
    assert kept(empty_place) == {"my-shop/application_password": password}
    one = config.load(empty_place.config).channels["my-shop"]
    assert (one.way, one.settings["user"], one.account_name) == ("browser", "anna", "Anna's shop")
    assert password not in shown + empty_place.config.read_text()
    assert empty_place.run("check") == 0
    assert empty_place.run("sync") == 1  # works with it: the first plan waits
    ended, text = told.read_text().split("\n", 1)
    assert "Stocksheet has what it needs" in text
    with socket.socket() as line:
        assert line.connect_ex(("127.0.0.1", urlsplit(ended).port or 0)) != 0, "nothing listens any more (R25)"


def test_a_no_in_the_browser_keeps_nothing(empty_place, types, browser, capsys) -> None:  # type: ignore[no-untyped-def]
    empty_place.shop.local = True
    browser("reject")
    types("1")
    assert connect(empty_place) == 1
    assert "You said no in the browser. Nothing was kept." in said(capsys)
    assert not kept(empty_place) and not config.load(empty_place.config).channels


def test_a_browser_that_is_closed_is_waited_for_a_while_only(empty_place, types, browser, capsys, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    empty_place.shop.local = True
    browser("closes the window")
    monkeypatch.setattr(command, "PATIENCE", 0.1)
    types("1")
    assert connect(empty_place) == 2
    assert "Nobody said yes in the browser within 5 minutes." in said(capsys)
    assert not kept(empty_place)


def test_a_yes_of_another_site_is_not_taken() -> None:
    (way,) = (way for way in entry.WAYS if way.browser)
    assert way.browser is not None
    settings = {"url": "https://www.shop.example/blog/wp-admin/"}
    good = {"site_url": "https://shop.example/blog", "user_login": "anna", "password": "abcd"}
    assert way.browser.brought(settings, good) == {"user": "anna", "application_password": "abcd"}
    for bad in ({**good, "site_url": "https://evil.example"}, {**good, "password": ""}, {}):
        with pytest.raises(ChannelOut):
            way.browser.brought(settings, bad)


def test_without_a_browser_on_this_computer_the_other_ways_are_offered(empty_place, types, capsys, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    empty_place.shop.local = True
    monkeypatch.setattr(webbrowser, "get", lambda *_: (_ for _ in ()).throw(webbrowser.Error("none")))
    assert not _browser.can_open()
    types("2", "ck_practice", "cs_practice", "yes")
    assert connect(empty_place) == 0
    assert "In the browser: you say yes" not in said(capsys)


def test_a_browser_within_the_terminal_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webbrowser, "get", lambda *_: webbrowser.GenericBrowser("lynx"))
    assert not _browser.can_open()


# --- pasting ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("wordpress", "shows"), [("6.9.1", True), ("7.0.4", False)], ids=["older", "version hidden"])
def test_where_wordpress_cannot_come_back_its_password_is_pasted(  # type: ignore[no-untyped-def]
    empty_place, types, capsys, wordpress: str, shows: bool
) -> None:
    shop = empty_place.shop
    shop.local, shop.wordpress, shop.shows_version = True, wordpress, shows
    shop.application_passwords["anna"] = {"abcd1234EFGH5678ijkl9012"}
    types("1", "anna", ' "abcd 1234 EFGH 5678 ijkl 9012"\u00a0', "yes")
    assert connect(empty_place) == 0
    shown = said(capsys)
    assert "In the browser" not in shown
    assert (
        f"1. Open http://127.0.0.1:{empty_place.port}/wp-admin/authorize-application.php?app_name=Stocksheet" in shown
    )
    assert config.load(empty_place.config).channels["my-shop"].way == "password"
    assert empty_place.run("check") == 0


def test_an_application_password_that_is_wrong_is_said_without_being_shown(empty_place, types, capsys) -> None:  # type: ignore[no-untyped-def]
    empty_place.shop.local = True
    empty_place.shop.application_passwords["anna"] = {"abcd1234EFGH5678ijkl9012"}
    types("anna", "her-login-password")
    assert connect(empty_place, "--way", "password") == 2
    shown = said(capsys)
    assert "invalid application password" in shown and "her-login-password" not in shown
    assert "Nothing was kept. Make new ones" in shown and "Run: stocksheet connect" not in shown
    assert not kept(empty_place)


def test_keys_in_each_others_place_are_told_at_once_and_nothing_is_sent(empty_place, types, capsys) -> None:  # type: ignore[no-untyped-def]
    sent: list[str] = []
    empty_place.shop.on_exchange = lambda request, response: sent.append(request.headers.get("authorization", ""))
    types("cs_practice", " ck_practice\n", "", "cs_practice", "yes")
    assert connect(empty_place) == 0
    shown = said(capsys)
    assert "That is the consumer secret: it begins with cs_. The consumer key begins with ck_." in shown
    assert "Nothing was typed. Copy the consumer secret and paste it here." in shown
    assert "cs_practice" not in shown
    assert sum(bool(header) for header in sent) > 0


def test_what_is_no_key_at_all_is_asked_for_three_times_and_then_it_ends(empty_place, types, capsys) -> None:  # type: ignore[no-untyped-def]
    types("my password", "my password", "my password", "yes")
    assert connect(empty_place) == 2
    shown = said(capsys)
    assert (
        "That is not the whole consumer key. It begins with ck_. Copy it once more." in shown
        and "Nothing was kept." in shown
    )
    assert "my password" not in shown


def test_no_sentence_about_a_value_shows_it() -> None:
    for platform in channels.platforms():
        asked = channels.find(platform).SETTINGS
        for setting in asked:
            for value in ("", "canary", *(f"{other.begins}canary" for other in asked if other.begins)):
                assert "canary" not in str(problem_of(setting, value, asked))


def test_an_address_of_some_page_of_the_shop_will_do(empty_place, types) -> None:  # type: ignore[no-untyped-def]
    types("ck_practice", "cs_practice", "yes")
    url = f"http://127.0.0.1:{empty_place.port}/wp-admin/admin.php?page=wc-settings"
    assert empty_place.run("connect", "woocommerce", "--name", "s", "--url", url, "--private") == 0
    assert config.load(empty_place.config).channels["s"].settings["url"] == f"http://127.0.0.1:{empty_place.port}"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://shop.example", "Write https:// instead. Only for a shop in your own network: --private."),
        ("https://anna:secret@shop.example", "is not the address of a shop"),
        ("my shop.example", "is not the address of a shop"),
    ],
)
def test_an_address_that_will_not_do_is_said_before_any_key_is_asked_for(  # type: ignore[no-untyped-def]
    empty_place, types, capsys, url: str, says: str
) -> None:
    types()
    assert empty_place.run("connect", "woocommerce", "--name", "s", "--url", url) == 2
    shown = said(capsys)
    assert says in shown and "secret" not in shown


def test_an_address_without_a_shop_is_said_before_any_key_is_asked_for(empty_place, types, capsys) -> None:  # type: ignore[no-untyped-def]
    types()
    assert empty_place.run("connect", "woocommerce", "--name", "s", "--url", "http://127.0.0.1:9", "--private") == 2
    shown = said(capsys)
    assert "cannot be reached. Nothing was kept." in shown and "run the command again" in shown


def test_a_key_that_lacks_permissions_is_refused_by_naming_them_R5(empty_place, types, capsys) -> None:  # type: ignore[no-untyped-def]
    empty_place.shop.add_key("ck_reads", "cs_reads", "read")
    types("ck_reads", "cs_reads", "yes")
    assert connect(empty_place) == 2
    shown = said(capsys)
    assert "a permission is missing: to write stock." in shown and "Permissions: Read/Write" in shown
    assert not kept(empty_place)


# --- which shop, and again --------------------------------------------------------------------------------------------


def test_without_arguments_it_asks_what_and_how_it_is_called(empty_place, types, capsys) -> None:  # type: ignore[no-untyped-def]
    kinds = [channels.find(name).CAN.title for name in channels.platforms()]
    number = [str(kinds.index("WooCommerce") + 1)] if len(kinds) > 1 else []  # one alone is not asked about
    types(*number, "", f"http://127.0.0.1:{empty_place.port}", "ck_practice", "cs_practice", "yes")
    assert empty_place.run("connect", "--private") == 0
    shown = said(capsys)
    assert "my-shop is connected." in shown and "stocksheet verify" in shown
    types("nonsense", "99", "0")
    assert empty_place.run("connect") == 2
    shown = said(capsys)
    assert "Where do you sell? One shop at a time." in shown and "my-shop: renew its access" in shown
    assert "Nothing was chosen, and nothing was changed." in shown


def test_a_connected_shop_is_renewed_by_its_name_and_only_keys_are_asked_for(place, types, capsys) -> None:  # type: ignore[no-untyped-def]
    place.shop.keys.clear()
    place.shop.add_key("ck_new", "cs_new")
    assert place.run("check") == 1
    assert "Run: stocksheet connect my-shop." in said(capsys)
    types("ck_new", "cs_new", "yes")
    assert place.run("connect", "my-shop") == 0
    shown = said(capsys)
    assert "The access to my-shop is renewed." in shown and "What do you call" not in shown
    assert kept(place) == {"my-shop/consumer_key": "ck_new", "my-shop/consumer_secret": "cs_new"}
    assert place.run("check") == 0


def test_another_way_in_leaves_nothing_of_the_old_one_behind(place, types, browser) -> None:  # type: ignore[no-untyped-def]
    place.shop.local = True
    browser("approve")
    types("1", "yes")
    assert place.run("connect", "my-shop") == 0
    assert list(kept(place)) == ["my-shop/application_password"]
    types("ck_practice", "cs_practice", "yes")
    assert place.run("connect", "my-shop", "--way", "keys") == 0
    assert list(kept(place)) == ["my-shop/consumer_key", "my-shop/consumer_secret"]
    assert "user" not in config.load(place.config).channels["my-shop"].settings
    assert place.run("check") == 0


def test_a_running_agent_is_told_of_renewed_keys_and_a_new_shop_waits_for_a_restart(place, types, capsys) -> None:  # type: ignore[no-untyped-def]
    from agent import loop

    lock = loop.only_one(place.folder)
    try:
        types("ck_practice", "cs_practice", "yes")
        assert place.run("connect", "my-shop") == 0
        assert "goes on with it by itself" in said(capsys)
        types("ck_practice", "cs_practice", "yes")
        with opened(serve, WooShop(clock=lambda: datetime.now(UTC), rng=Random(2), name="Another")) as bound:
            url = f"http://127.0.0.1:{bound}"
            assert place.run("connect", "woocommerce", "--name", "two", "--url", url, "--private") == 0
        assert "end it and start it again, so that it looks after two, too" in said(capsys)
    finally:
        lock.release()


# --- where keys are kept ----------------------------------------------------------------------------------------------


def test_without_a_key_store_only_an_explicit_word_keeps_keys_in_a_file_R2(  # type: ignore[no-untyped-def]
    empty_place, types, capsys, monkeypatch
) -> None:
    set_value(empty_place.config, "secrets", "keyring")
    monkeypatch.setattr(keyring, "get_keyring", fail.Keyring)
    for answer in ("", "yes", "no"):
        types(answer)
        assert connect(empty_place) == 1
        shown = said(capsys)
        assert "no key store" in shown and "It is not encrypted" in shown and "Nothing was kept." in shown
        assert not list(empty_place.folder.glob("secrets*"))
        assert config.load(empty_place.config).secrets == "keyring"
    types("file", "ck_practice", "cs_practice", "no")
    assert connect(empty_place) == 1
    assert config.load(empty_place.config).secrets == "keyring" and not kept(empty_place)
    types("file", "ck_practice", "cs_practice", "yes")
    assert connect(empty_place) == 0
    assert config.load(empty_place.config).secrets == "file"
    assert (empty_place.folder / "secrets.json").stat().st_mode & 0o077 == 0
    assert empty_place.run("check") == 0
    assert "kept in a file that only you can read" in said(capsys)


# --- another platform -------------------------------------------------------------------------------------------------


@pytest.fixture
def shopify() -> Iterator[tuple[ShopifyShop, int]]:
    """A practice Shopify on a real socket, and its port."""
    made = ShopifyShop(clock=lambda: datetime.now(UTC), rng=Random(1), name="Anna's shirts")
    with opened(serve_shopify, made) as bound:
        yield made, bound


def test_every_platform_leads_through_its_own_ways(empty_place, shopify, types, capsys) -> None:  # type: ignore[no-untyped-def]
    shop, bound = shopify
    url = f"http://127.0.0.1:{bound}"
    new = ("connect", "shopify", "--name", "shirts", "--url", url, "--private")
    types("1", "shpat_practice", shop.client_id, shop.client_secret, "", "yes")
    empty_place.run(*new, "--way", "nonsense")
    assert "There is no way called nonsense. This kind of shop has: app, token." in said(capsys)
    types("1", shop.client_id, "shpat_practice", shop.client_secret, "", "yes")
    assert empty_place.run(*new) == 0
    shown = said(capsys)
    assert "Dev Dashboard" in shown and "read_merchant_managed_fulfillment_orders" in shown
    assert "That is the access token: it begins with shpat_." in shown
    assert shop.client_secret not in shown + empty_place.config.read_text()
    one = config.load(empty_place.config).channels["shirts"]
    assert (one.way, set(one.settings), list(kept(empty_place))) == (
        "app",
        {"url", "client_id"},
        ["shirts/client_secret"],
    )
    types("2", "shpat_practice", "", "yes")
    assert empty_place.run("connect", "shirts") == 0
    assert list(kept(empty_place)) == ["shirts/access_token"]
    assert set(config.load(empty_place.config).channels["shirts"].settings) == {"url"}
    assert empty_place.run("channels") == 0


def test_takealot_takes_one_key_and_warns_before_a_new_one_is_made(empty_place, types, capsys) -> None:  # type: ignore[no-untyped-def]
    made = TakealotShop(
        clock=lambda: datetime.now(UTC), rng=Random(1), name="Anna's mugs", warehouses=("Cape", "Joburg")
    )
    made.add_simple("MUG", "Mug", 5)
    with opened(serve_takealot, made) as bound:
        new = ("connect", "takealot", "--name", "mugs", "--private", "--way", "practice")
        types("practice-key", f"http://127.0.0.1:{bound}", "", "yes")
        assert empty_place.run(*new) == 2
        assert "it is not said which one to keep: Cape (60143), Joburg (60144)" in said(capsys)
        types("practice-key", f"http://127.0.0.1:{bound}", "Joburg", "yes")
        assert empty_place.run(*new) == 0
        shown = said(capsys)
        assert "Shop Anna's mugs" in shown and "Locations Cape, Joburg" in shown
        assert "whoever makes a new one in the Seller Portal switches this one off" in shown
        assert "practice-key" not in shown + empty_place.config.read_text()
        assert list(kept(empty_place)) == ["mugs/api_key"]
        assert config.load(empty_place.config).channels["mugs"].settings["warehouse"] == "Joburg"
        empty_place.run("check")
        assert "stock is kept at your warehouse Joburg" in said(capsys)
        made.new_key("of-another-tool")
        empty_place.run("check")
        assert "Takealot keeps one active API key a seller" in said(capsys)


def test_takealot_is_led_to_step_by_step_and_asks_for_nothing_but_the_key_and_a_warehouse(  # type: ignore[no-untyped-def]
    empty_place, types, capsys
) -> None:
    types()
    assert empty_place.run("connect", "takealot", "--name", "mugs") == 2, "nobody typed a key"
    shown = said(capsys)
    assert shown.index("one active key a seller") < shown.index("Choose Generate API Key")
    assert "practice" not in shown and "several ways" not in shown


@pytest.fixture
def shopee() -> Iterator[tuple[ShopeeShop, int]]:
    """A practice Shopee on a real socket, and its port."""
    made = ShopeeShop(clock=lambda: datetime.now(UTC), rng=Random(1), name="Anna's mugs")
    with opened(serve_shopee, made) as bound:
        yield made, bound


def yes(shop: ShopeeShop) -> str:
    """The address that a yes leads the browser to."""
    return f"https://localhost/?code={shop.authorise()}&shop_id={shop.shop_id}"


def test_the_tokens_that_a_yes_brings_are_kept_and_used_up_by_nobody_else_R27(
    empty_place, shopee, types, capsys
) -> None:  # type: ignore[no-untyped-def]
    shop, bound = shopee
    shop.add_simple("MUG", "White mug", 5)
    new = ("connect", "shopee", "--name", "mugs", "--url", f"http://127.0.0.1:{bound}", "--private")
    types(str(shop.partner_id), shop.partner_key, yes(shop), "", "yes")
    assert empty_place.run(*new) == 0
    shown = said(capsys)
    assert f"partner_id={shop.partner_id}&response_type=code" in shown and "Click Confirm Authorization" in shown
    assert "Anna's mugs" in shown and "Access ends" in shown and shop.partner_key not in shown
    (pair,) = shop.pairs
    tokens = json.loads(kept(empty_place)["mugs/tokens"])
    assert (tokens["access"], tokens["refresh"]) == (pair.access, pair.refresh)
    assert empty_place.run("check") in (0, 1) and len(shop.pairs) == 1, "the code is good once: what it brought is used"
    assert pair.access not in said(capsys) + empty_place.config.read_text()
    shop.unlink()
    types(shop.partner_key, yes(shop), "", "yes")
    assert empty_place.run("connect", "mugs") == 0
    assert json.loads(kept(empty_place)["mugs/tokens"])["access"] == shop.pairs[-1].access, "a new yes, new tokens"
    assert empty_place.run("leave", "mugs", "--yes") in (0, 1, 2)


def test_a_yes_that_is_too_old_or_of_another_page_is_told_and_nothing_is_kept(
    empty_place, shopee, types, capsys
) -> None:  # type: ignore[no-untyped-def]
    shop, bound = shopee
    new = ("connect", "shopee", "--name", "mugs", "--url", f"http://127.0.0.1:{bound}", "--private")
    for address, words in (("https://localhost/?code=used&shop_id=987654321", "Invalid code"),
                           ("https://open.shopee.com/auth", "neither a code nor a shop's number")):  # fmt: skip
        types(str(shop.partner_id), shop.partner_key, address, "", "yes")
        assert empty_place.run(*new) == 2
        shown = said(capsys)
        assert words in shown and "Nothing was kept." in shown
    assert not kept(empty_place)


@pytest.fixture
def lazada() -> Iterator[tuple[LazadaShop, int]]:
    """A practice Lazada on a real socket, and its port."""
    made = LazadaShop(clock=lambda: datetime.now(UTC), rng=Random(1), name="Anna's mugs", country="th")
    with opened(serve_lazada, made) as bound:
        yield made, bound


def test_lazada_is_led_to_step_by_step_in_the_country_of_the_shop_R27(empty_place, lazada, types, capsys) -> None:  # type: ignore[no-untyped-def]
    shop, bound = lazada
    shop.add_simple("MUG", "White mug", 5)
    new = ("connect", "lazada", "--name", "mugs", "--url", f"http://127.0.0.1:{bound}", "--private")
    types("Thailand", shop.app_key, shop.app_secret, f"https://localhost/?code={shop.authorise()}", "", "yes")
    assert empty_place.run(*new) == 0
    shown = said(capsys)
    assert f"client_id={shop.app_key}" in shown and "within thirty minutes" in shown
    assert "Anna's mugs" in shown and "THB" in shown and "Access ends" in shown and shop.app_secret not in shown
    (pair,) = shop.pairs
    tokens = json.loads(kept(empty_place)["mugs/tokens"])
    assert (tokens["access"], tokens["refresh"]) == (pair.access, pair.refresh)
    assert empty_place.run("check") in (0, 1) and len(shop.pairs) == 1, "the code is good once: what it brought is used"
    assert "the shop's only warehouse" in said(capsys) and 'country = "th"' in empty_place.config.read_text()


@pytest.fixture
def tiktok() -> Iterator[tuple[TikTokShop, int]]:
    """A practice TikTok Shop on a real socket, and its port."""
    made = TikTokShop(clock=lambda: datetime.now(UTC), rng=Random(1), name="Anna's mugs")
    with opened(serve_tiktok, made) as bound:
        yield made, bound


def test_tiktok_leads_to_a_yes_keeps_its_tokens_and_says_when_the_access_ends_R27(
    empty_place, tiktok, types, capsys
) -> None:  # type: ignore[no-untyped-def]
    shop, bound = tiktok
    shop.add_simple("MUG", "White mug", 5)
    new = ("connect", "tiktok", "--name", "mugs", "--url", f"http://127.0.0.1:{bound}", "--private")
    back = f"https://localhost/?app_key={shop.app_key}&code={shop.authorise()}"
    types(shop.app_key, shop.app_secret, "https://localhost/", "", "", "yes")
    assert empty_place.run(*new) == 2 and "there is no code in it" in said(capsys) and not kept(empty_place)
    types(shop.app_key, shop.app_secret, back, "", "", "yes")
    assert empty_place.run(*new) == 0
    shown = said(capsys)
    assert shown.index("Redirect URL to https://localhost/") < shown.index("Confirm the authorization")
    assert "Anna's mugs" in shown and "Access ends" in shown and "GBP" in shown and shop.app_secret not in shown
    (pair,) = shop.pairs
    tokens = json.loads(kept(empty_place)["mugs/tokens"])
    assert (tokens["access"], tokens["refresh"]) == (pair.access, pair.refresh)
    assert empty_place.run("check") in (0, 1) and len(shop.pairs) == 1, "the code is good once: what it brought is used"
    assert "Main warehouse" in (shown := said(capsys)) and pair.access not in shown + empty_place.config.read_text()


def test_ebay_is_connected_by_a_yes_whose_address_is_copied_R27(empty_place, types, capsys) -> None:  # type: ignore[no-untyped-def]
    shop = EbayShop(clock=lambda: datetime.now(UTC), rng=Random(1), name="annas-mugs")
    shop.add_simple("MUG", "White mug", 5)
    with opened(serve_ebay, shop) as bound:
        new = ("connect", "ebay", "--name", "mugs", "--url", f"http://127.0.0.1:{bound}", "--private")
        typed = (shop.app_id, shop.runame, shop.cert_id)
        types(*typed, "https://signin.ebay.com/ws/eBayISAPI.dll?ThirdPartyAuthSucessFailure", "yes")
        assert empty_place.run(*new) == 2
        shown = said(capsys)
        assert "no code in it" in shown and "Nothing was kept." in shown and not kept(empty_place)
        types(*typed, f"https://signin.ebay.com/done?{urlencode({'code': shop.authorise()})}", "yes")
        assert empty_place.run(*new) == 0
        shown = said(capsys)
        assert f"client_id={shop.app_id}&response_type=code&redirect_uri={shop.runame}" in shown
        assert "annas-mugs" in shown and "Access ends" in shown and shop.cert_id not in shown
        tokens = json.loads(kept(empty_place)["mugs/tokens"])
        assert tokens["refresh"] == shop.yeses[0].refresh
        assert empty_place.run("check") in (0, 1) and "out-of-stock control is on" in said(capsys)
        assert len(shop.yeses) == 1, "the code is good once: what it brought is used"


def test_etsy_leads_to_the_yes_with_a_challenge_and_asks_about_the_fee(empty_place, types, capsys) -> None:  # type: ignore[no-untyped-def]
    shop = EtsyShop(clock=lambda: datetime.now(UTC), rng=Random(1), name="Anna's mugs")
    shop.add_simple("MUG", "White mug", 5)
    with opened(serve_etsy, shop) as bound:
        url = f"http://127.0.0.1:{bound}"
        new = ("connect", "etsy", "--name", "mugs", "--url", url, "--private")
        for wrong, words in (("https://localhost/?error=access_denied", "holds no yes from Etsy"),
                             ("https://localhost/?code=used", "code is invalid or expired")):  # fmt: skip
            types(shop.keystring, shop.shared_secret, wrong, url, "", "yes")
            assert empty_place.run(*new) == 2
            shown = said(capsys)
            assert words in shown and "Nothing was kept." in shown
        granted = f"https://localhost/?code={shop.authorise(challenge())}&state=x"
        types(shop.keystring, shop.shared_secret, granted, url, "yes", "yes")
        assert empty_place.run(*new) == 0
        shown = said(capsys)
        assert f"{url}/oauth/connect?client_id={shop.keystring}&" in shown and f"code_challenge={challenge()}" in shown
        assert "listing fee" in shown and "Anna's mugs" in shown and shop.shared_secret not in shown
        assert json.loads(kept(empty_place)["mugs/tokens"])["access"] == shop.pairs[-1].access
        assert config.load(empty_place.config).channels["mugs"].settings["renew"] == "yes"
        assert empty_place.run("check") in (0, 1) and len(shop.pairs) == 1
        assert "are renewed when there is stock again" in said(capsys)


def test_amazon_is_led_to_through_its_own_app_and_asks_for_no_role_about_buyers_R8(  # type: ignore[no-untyped-def]
    empty_place, types, capsys
) -> None:
    types("US")
    assert empty_place.run("connect", "amazon", "--name", "mugs") == 2, "nobody typed more"
    shown = said(capsys)
    assert shown.index("Private Developer") < shown.index("Add new app client") < shown.index("Authorize app")
    assert "No role about buyers is needed" in shown and "practice" not in shown and "several ways" not in shown


def test_amazon_is_connected_renewed_and_refused_in_words(empty_place, types, capsys) -> None:  # type: ignore[no-untyped-def]
    made = AmazonShop(clock=lambda: datetime.now(UTC), rng=Random(1), name="Anna's mugs")
    made.add_simple("MUG", "Mug", 5)
    with opened(serve_amazon, made) as bound:
        new = ("connect", "amazon", "--name", "mugs", "--private", "--way", "practice")
        app = (made.client_id, made.client_secret, made.refresh_token, made.seller_id, f"http://127.0.0.1:{bound}")
        types("Atlantis", *app, "yes")
        assert empty_place.run(*new) == 2
        assert "no Amazon in Atlantis" in said(capsys)
        types("us", *app, "yes")
        assert empty_place.run(*new) == 0
        shown = said(capsys)
        assert "Shop Anna's mugs" in shown and f"Account {made.seller_id}@ATVPDKIKX0DER" in shown
        assert "sets quantities of what you ship yourself" in shown
        assert made.client_secret not in shown + empty_place.config.read_text()
        assert {"mugs/client_secret", "mugs/refresh_token"} <= set(kept(empty_place))
        empty_place.run("check")
        assert "what Amazon keeps and ships (FBA) is shown, and never written" in said(capsys)
        made.revoke()
        empty_place.run("check")
        assert "authorise it once more" in said(capsys)


# --- several accounts of one platform ---------------------------------------------------------------------------------


def test_a_second_shop_of_a_platform_has_a_name_and_keys_of_its_own_S3_19(  # type: ignore[no-untyped-def]
    empty_place, types, capsys
) -> None:
    shops = [
        ShopeeShop(clock=lambda: datetime.now(UTC), rng=Random(n), name=f"Anna's {n}", shop_id=9000 + n) for n in (1, 2)
    ]
    with opened(serve_shopee, shops[0]) as first, opened(serve_shopee, shops[1]) as second:
        for shop, bound, name in ((shops[0], first, []), (shops[1], second, [""])):
            types(*(name or ["shopee"]), str(shop.partner_id), shop.partner_key, yes(shop), "", "yes")
            url = ("--url", f"http://127.0.0.1:{bound}", "--private")
            more = ["2", *name] if name else []  # the first one is called shopee: another one is meant
            if more:
                types(*more, str(shop.partner_id), shop.partner_key, yes(shop), "", "yes")
            assert empty_place.run("connect", "shopee", *url) == 0
        shown = said(capsys)
        assert "shopee: renew its access" in shown and "connect another shop of Shopee" in shown
        tokens = {name: json.loads(kept(empty_place)[f"{name}/tokens"])["access"] for name in ("shopee", "my-shop")}
        assert tokens == {"shopee": shops[0].pairs[0].access, "my-shop": shops[1].pairs[0].access}
        assert [one.account_id for one in config.load(empty_place.config).channels.values()] == ["9001", "9002"]
        assert empty_place.run("channels") == 0
        shown = said(capsys)
        assert "Anna's 1" in shown and "Anna's 2" in shown
        empty_place.run("sync")
        assert {row["Channel"]: row["Account"] for row in empty_place.person.look("Channel Status")} == {
            "shopee": "Anna's 1", "my-shop": "Anna's 2",
        }  # fmt: skip


def test_one_account_is_not_connected_under_a_second_name(empty_place, shopee, types, capsys) -> None:  # type: ignore[no-untyped-def]
    shop, bound = shopee
    for name, code in (("mugs", 0), ("mugs-again", 2)):
        types(str(shop.partner_id), shop.partner_key, yes(shop), "", "yes")
        url = ("--url", f"http://127.0.0.1:{bound}", "--private")
        assert empty_place.run("connect", "shopee", "--name", name, *url) == code
    assert "Anna's mugs is connected already, as mugs." in said(capsys)
    assert list(config.load(empty_place.config).channels) == ["mugs"]
    assert all(key.startswith("mugs/") for key in kept(empty_place))


@pytest.mark.parametrize(("country", "code"), [("CA", 2), ("DE", 0)])
def test_two_amazon_regions_are_two_shops_and_two_countries_of_one_region_are_one_S3_19(  # type: ignore[no-untyped-def]
    empty_place, types, capsys, country, code
) -> None:
    """Amazon keeps one quantity a SKU in all countries of a region."""
    for name, here, ends in (("us", "US", 0), ("second", country, code)):
        made = AmazonShop(clock=lambda: datetime.now(UTC), rng=Random(1), name=f"Anna's {here}", country=here)
        with opened(serve_amazon, made) as bound:
            app = (made.client_id, made.client_secret, made.refresh_token, made.seller_id, f"http://127.0.0.1:{bound}")
            types(here, *app, "yes")
            assert empty_place.run("connect", "amazon", "--name", name, "--private", "--way", "practice") == ends, said(
                capsys
            )
    shown = said(capsys)
    assert ("Anna's CA and us are one account with one stock" in shown) == (code == 2)
    assert list(config.load(empty_place.config).channels) == (["us"] if code else ["us", "second"])
