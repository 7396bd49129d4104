"""WordPress's page *Authorize Application*, as its source has it: what it allows, refuses and sends back."""

from __future__ import annotations

import base64
import json
import random
import re
from datetime import UTC, datetime
from html import unescape
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from agent.practice.wire import Request, Response
from agent.practice.woocommerce import Shop, handle

SITE = "https://shop.example"
PAGE = f"{SITE}/wp-admin/authorize-application.php"
BACK = {"success_url": "http://127.0.0.1:4711/s/yes", "reject_url": "http://127.0.0.1:4711/s/no"}


@pytest.fixture
def shop() -> Shop:
    return Shop(clock=lambda: datetime(2026, 11, 22, 12, tzinfo=UTC), rng=random.Random(1))


def see(shop: Shop, page: str = PAGE, **asked: str) -> Response:
    return handle(shop, Request.of("GET", f"{page}?{urlencode({'app_name': 'Stocksheet', **asked})}"))


def click(shop: Shop, button: str, page: Response) -> Response:
    found = re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', page.body.decode())
    form = {name: unescape(value) for name, value in found} | {button: "1"}
    return handle(shop, Request.of("POST", PAGE, {}, urlencode(form).encode()))


def read(shop: Shop, user: str, password: str, site: str = SITE) -> int:
    basic = base64.b64encode(f"{user}:{password}".encode()).decode()
    return handle(shop, Request.of("GET", f"{site}/wp-json/wc/v3/products", {"Authorization": f"Basic {basic}"})).status


def test_a_yes_goes_back_with_a_password_that_opens_the_shop(shop: Shop) -> None:
    answer = click(shop, "approve", see(shop, **BACK))
    assert answer.status == 302
    came = {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}
    assert answer.headers["Location"].startswith(BACK["success_url"] + "?")
    assert (came["site_url"], came["user_login"], len(came["password"])) == (SITE, "anna", 24)
    assert read(shop, "anna", came["password"]) == 200
    chunks = " ".join(came["password"][at : at + 4] for at in range(0, 24, 4))
    assert read(shop, "anna", chunks) == 200
    assert read(shop, "anna", "wrong") == read(shop, "bert", came["password"]) == 401
    assert read(shop, "anna", came["password"], "http://shop.example") == 401, "over https only"


def test_a_no_goes_back_without_anything(shop: Shop) -> None:
    answer = click(shop, "reject", see(shop, **BACK))
    assert answer.headers["Location"] == f"{BACK['reject_url']}?success=false"
    assert not shop.application_passwords


def test_without_an_address_to_go_back_to_the_password_is_shown(shop: Shop) -> None:
    page = click(shop, "approve", see(shop))
    shown = re.search(r'value="([\w ]{29})"', page.body.decode())
    assert page.status == 200 and shown and read(shop, "anna", shown[1]) == 200


@pytest.mark.parametrize(
    ("wordpress", "address", "allowed"),
    [
        ("7.0.4", "http://127.0.0.1:4711/x", True),
        ("7.1", "http://[::1]:4711/x", True),
        ("7.0.4", "http://localhost:4711/x", False),
        ("7.0.4", "http://evil.example/x", False),
        ("6.9", "http://127.0.0.1:4711/x", False),
        ("6.9", "https://relay.example/x", True),
        ("7.0.4", "javascript:alert(1)", False),
    ],
)
def test_plain_http_back_to_this_computer_came_with_7_0(
    shop: Shop, wordpress: str, address: str, allowed: bool
) -> None:
    shop.wordpress = wordpress
    page = see(shop, success_url=address)
    assert (page.status == 200) is allowed
    assert allowed or b"not allowed" in page.body


def test_a_form_is_good_once_and_only_when_it_was_shown(shop: Shop) -> None:
    page = see(shop, **BACK)
    assert click(shop, "approve", page).status == 302
    assert click(shop, "approve", page).status == 403
    assert sum(map(len, shop.application_passwords.values())) == 1


def test_they_are_offered_over_https_or_on_a_local_site(shop: Shop) -> None:
    def offered(site: str) -> bool:
        index = json.loads(handle(shop, Request.of("GET", f"{site}/wp-json/")).body)
        return "application-passwords" in index["authentication"]

    assert (offered(SITE), offered("http://shop.example")) == (True, False)
    assert see(shop, PAGE.replace("https", "http")).status == 501
    shop.local = True
    assert offered("http://shop.example")


def test_the_front_page_names_the_version_unless_that_is_switched_off(shop: Shop) -> None:
    front = Request.of("GET", f"{SITE}/")
    assert b'content="WordPress 7.0.4"' in handle(shop, front).body
    shop.shows_version = False
    assert b"WordPress" not in handle(shop, front).body
