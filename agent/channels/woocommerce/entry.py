"""The ways into a WooCommerce shop: in the browser, with an application password, with keys that are pasted.

Application passwords are WordPress's own (since 5.6, over https). Its page `authorize-application.php` makes one when a
person says yes; without an address to go back to, it shows the password for copying. It sends the browser back to a
plain http address of this computer since WordPress 7.0 only, which no call tells: the front page may name the version.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

from agent.channels.base import Browser, ChannelOut, Way
from agent.channels.http import Http, Ports, allowed, not_connected
from agent.channels.values import record
from agent.channels.woocommerce.reader import FIXES
from agent.words import in_words

APP_ID = "5f0c6f0e-5a0b-4d53-9a55-73746f636b73"
"""Stocksheet, to WordPress: it lists the passwords that it made under this."""
_PAGE = "/wp-admin/authorize-application.php"
_OLDER = (7, 0)
"""From this version on WordPress sends the browser back to 127.0.0.1."""
_VERSION = re.compile(r"""<meta[^>]*\bcontent=["']WordPress (\d+)\.(\d+)""", re.IGNORECASE)


def site(typed: str) -> str:
    """The shop's address, from whatever page of it was copied."""
    address = typed.strip().rstrip("/")
    for tail in ("/wp-json", "/wp-admin", "/wp-login.php"):
        address = address.split(tail)[0]
    return address if "://" in address else f"https://{address}"


def who(name: str, settings: Mapping[str, str]) -> tuple[str, str]:
    """The name and the secret of every call. Raises ChannelOut where something is missing."""
    ways = ({"user": "User name", "application_password": "Application password"},
            {"consumer_key": "Consumer key", "consumer_secret": "Consumer secret"})  # fmt: skip
    begun = next((way for way in ways if any(settings.get(key) for key in way)), ways[1])
    missing = [label for key, label in {"url": "Shop address", **begun}.items() if not settings.get(key)]
    if missing:
        raise not_connected(name, missing, FIXES)
    user, secret = (settings[key] for key in begun)
    return user, secret


def must_be_a_shop(name: str, about: Mapping[str, object]) -> None:
    """`about`: the index of the site. Raises ChannelOut where WooCommerce is not there."""
    if not about.get("namespaces"):
        raise ChannelOut("host", in_words("woocommerce.something_else_than_wordpress", name=name), FIXES.address)
    if "wc/v3" not in str(about.get("namespaces")):
        fix = in_words("woocommerce.switch_woocommerce_wordpress_under")
        raise ChannelOut("host", in_words("woocommerce.wordpress_site_but_woocommerce", name=name), fix)


async def offers(name: str, settings: Mapping[str, str], ports: Ports) -> tuple[str, ...]:
    """Which `WAYS` this shop offers. Raises ChannelOut where no WooCommerce shop answers at the address."""
    http = Http(
        name, site(settings["url"]) + "/", ports, requests_per_second=5, burst=10, fixes=FIXES, **allowed(settings)
    )
    try:
        fields = {"_fields": "namespaces,authentication"}
        index = await http.request("GET", "wp-json/", params=fields, lane="audit", idempotent=True)
        about = record(index.json)
        must_be_a_shop(name, about)
        if "application-passwords" not in record(about.get("authentication")):
            return ("keys",)
        found = _VERSION.search(await http.page(""))
    finally:
        await http.close()
    back = found is not None and (int(found[1]), int(found[2])) >= _OLDER
    return ("browser", "password", "keys") if back else ("password", "keys")


def _asks_for(settings: Mapping[str, str], to_yes: str, to_no: str) -> str:
    asked = {"app_name": "Stocksheet", "app_id": APP_ID, "success_url": to_yes, "reject_url": to_no}
    return f"{site(settings['url'])}{_PAGE}?{urlencode(asked)}"


def _brought(settings: Mapping[str, str], came: Mapping[str, str]) -> Mapping[str, str]:
    """WordPress brings `site_url`, `user_login` and `password`."""
    if _host(came.get("site_url", "")) != _host(site(settings["url"])):
        what = in_words("woocommerce.yes_from_another", site=urlsplit(came.get("site_url", "")).netloc)
        raise ChannelOut("host", what, FIXES.address)
    if not came.get("user_login") or not came.get("password"):
        raise ChannelOut(
            "access",
            in_words("woocommerce.wordpress_sent_no_password"),
            in_words("woocommerce.run_command_again_choose"),
        )
    return {"user": came["user_login"], "application_password": came["password"]}


def _host(address: str) -> str:
    return urlsplit(address.lower()).netloc.removeprefix("www.")


WAYS = (
    Way(
        "browser",
        "In the browser: you say yes in WordPress, there is nothing to copy (recommended)",
        (
            "Your browser opens WordPress. Sign in if it asks, best as a user of the role Shop manager.",
            "Click: Yes, I approve of this connection. The browser then says that you can come back here.",
        ),
        ("user", "application_password"),
        Browser(_asks_for, _brought),
    ),
    Way(
        "password",
        "With an application password: you say yes in WordPress and copy what it shows",
        (
            f"Open {{url}}{_PAGE}?app_name=Stocksheet in your browser, and sign in if it asks.",
            "Click: Yes, I approve of this connection. WordPress shows a password, once.",
            "Type your user name here, then copy that password and paste it here.",
        ),
        ("user", "application_password"),
    ),
    Way(
        "keys",
        "With keys: you make them in WooCommerce and copy both",
        (
            "Open {url}/wp-admin/admin.php?page=wc-settings&tab=advanced&section=keys in your browser "
            "(in WordPress: WooCommerce > Settings > Advanced > REST API).",
            "Click Add key. Description: Stocksheet. User: one who may manage the shop. Permissions: Read/Write.",
            "Click Generate API key. Copy both lines here, one after the other.",
        ),
        ("consumer_key", "consumer_secret"),
    ),
)
