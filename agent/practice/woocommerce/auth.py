"""Who is calling: Basic, key in the query, OAuth 1.0a one-legged, or a user with an application password; answers as
observed on WooCommerce 11.0.1 (application passwords: on 8.6.0, and from WordPress's source)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import UTC
from urllib.parse import quote

from agent.practice.wire import Request
from agent.practice.woocommerce.errors import RestError
from agent.practice.woocommerce.shop import Key, Shop
from agent.practice.woocommerce.site_pages import offered

_HASHES = {"HMAC-SHA1": hashlib.sha1, "HMAC-SHA256": hashlib.sha256}
_OAUTH = ("oauth_consumer_key", "oauth_timestamp", "oauth_nonce", "oauth_signature", "oauth_signature_method")


def caller(shop: Shop, request: Request) -> Key | None:
    """The key behind the request; None for no key or an unknown one, which is a visitor; a wrong secret is refused."""
    query = dict(request.query)
    if "oauth_consumer_key" in query and request.scheme == "http":
        key: Key | None = _signed(shop, request, query)
    else:
        key = _plain(shop, request, query)
    if key is None or shop.faults.strikes("expired_key", shop.rng):
        return None
    return key


def _plain(shop: Shop, request: Request, query: dict[str, str]) -> Key | None:
    """A real shop takes Basic over https only. Practice shops live on loopback http, so they take it there as well;
    `require_https_for_basic` makes them as strict as a real one."""
    if shop.require_https_for_basic and request.scheme != "https":
        return None
    name, secret = query.get("consumer_key", ""), query.get("consumer_secret", "")
    if not name:
        name, secret = _basic(request.headers.get("authorization", ""))
    key = shop.keys.get(name) or _user(shop, request, name, secret)
    if key is not None and not hmac.compare_digest(key.secret.encode(), secret.encode()):
        raise refused("Consumer secret is invalid.")
    return key


def _user(shop: Shop, request: Request, name: str, password: str) -> Key | None:
    """WordPress's own: an application password of a user, read without the blanks that it is shown with."""
    passwords = shop.application_passwords.get(name)
    if passwords is None or not offered(shop, request.scheme):
        return None
    bare = "".join(filter(str.isalnum, password))
    if bare not in passwords:
        raise RestError(401, "incorrect_password", "The provided password is an invalid application password.")
    return Key(name, password)


def _basic(header: str) -> tuple[str, str]:
    kind, _, coded = header.partition(" ")
    try:
        pair = base64.b64decode(coded).decode() if kind.lower() == "basic" else ""
    except (binascii.Error, UnicodeDecodeError):
        pair = ""
    name, _, secret = pair.partition(":")
    return name, secret


def _signed(shop: Shop, request: Request, query: dict[str, str]) -> Key:
    missing = [name for name in _OAUTH if not query.get(name)]
    if missing:
        listed = ", ".join(missing)
        raise refused(f"Missing OAuth parameter {listed}")
    key = shop.keys.get(query["oauth_consumer_key"])
    if key is None:
        raise refused("Consumer key is invalid.")
    if not hmac.compare_digest(_signature(request, query, key.secret), query["oauth_signature"]):
        raise refused("Invalid signature - provided signature does not match.")
    _fresh(shop, query)
    return key


def _signature(request: Request, query: dict[str, str], secret: str) -> str:
    """The body is not signed. Of a parameter that is there twice PHP knows the last one, unless its name ends in []."""
    hashing = _HASHES.get(query["oauth_signature_method"])
    if hashing is None:
        raise refused("Invalid signature - signature method is invalid.")
    known = {name if not name.endswith("[]") else at: (name, value) for at, (name, value) in enumerate(request.query)}
    pairs = sorted((_encode(name), _encode(value)) for name, value in known.values() if name != "oauth_signature")
    joined = "&".join(f"{name}={value}" for name, value in pairs)
    signed = "&".join([request.method, _encode(f"{request.base}{request.path}"), _encode(joined)])
    digest = hmac.new(f"{secret}&".encode(), signed.encode(), hashing).digest()
    return base64.b64encode(digest).decode()


def _encode(value: str) -> str:
    return quote(value, safe="~")


def _fresh(shop: Shop, query: dict[str, str]) -> None:
    """Within 15 minutes, and a nonce only once."""
    try:
        sent = int(query["oauth_timestamp"])
    except ValueError:
        sent = 0
    if abs(shop.clock().astimezone(UTC).timestamp() - sent) > 15 * 60:
        raise refused("Invalid timestamp.")
    nonce = (query["oauth_consumer_key"], query["oauth_nonce"])
    if nonce in shop.nonces:
        raise refused("Invalid nonce - nonce has already been used.")
    shop.nonces.add(nonce)


def permitted(key: Key, request: Request) -> None:
    """A key may only read, only write, or both."""
    if not request.writes and key.permissions == "write":
        raise refused("The API key provided does not have read permissions.")
    if request.writes and key.permissions == "read":
        raise refused("The API key provided does not have write permissions.")


def refused(message: str) -> RestError:
    return RestError(401, "woocommerce_rest_authentication_error", message)
