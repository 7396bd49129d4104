"""The few web pages of WordPress that a person, not a program, opens: the front page and *Authorize Application*.

The person at the browser is signed in already, as `Shop.user`. WordPress sends them back to a plain http address of
their own computer since 7.0; without an address to go back to, it shows the new password.
"""

from __future__ import annotations

import string
from html import escape
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from agent.practice.wire import Request, Response
from agent.practice.woocommerce.shop import Shop

AUTHORIZE = "/wp-admin/authorize-application.php"
_ASKED = ("app_name", "app_id", "success_url", "reject_url")
_LETTERS = string.ascii_letters + string.digits


def page(shop: Shop, request: Request) -> Response | None:
    """The page; None where the path is none of a person's."""
    if request.path == "/" and request.method in {"GET", "HEAD"}:
        version = f'<meta name="generator" content="WordPress {shop.wordpress}" />' if shop.shows_version else ""
        return _html(f"<title>{escape(shop.name)}</title>{version}")
    if request.path == AUTHORIZE:
        return _authorize(shop, request)
    return None


def offered(shop: Shop, scheme: str) -> bool:
    """Application passwords need https, or a site whose environment is called local."""
    return scheme == "https" or shop.local


def _authorize(shop: Shop, request: Request) -> Response:
    form = dict(request.form()) if request.method == "POST" else {}
    asked = {name: (form or dict(request.query)).get(name, "") for name in _ASKED}
    if form.get("action") == "authorize_application_password":
        return _decided(shop, request, form, asked)
    refusal = _refusal(shop, asked)
    if refusal:
        return _html(f"The Authorize Application request is not allowed. {refusal}", 500)
    if not offered(shop, request.scheme):
        return _html("Application passwords are not available.", 501)
    return _form(shop, asked)


def _refusal(shop: Shop, asked: dict[str, str]) -> str:
    for name in ("success_url", "reject_url"):
        parts = urlsplit(asked[name])
        loopback = parts.hostname in {"127.0.0.1", "::1"} and _version(shop) >= (7, 0)
        if asked[name] and not (parts.scheme and parts.netloc):
            return "Invalid URL format."
        if parts.scheme in {"javascript", "data"} or (parts.scheme == "http" and not (loopback or shop.local)):
            return "The URL must be served over a secure connection."
    try:
        UUID(asked["app_id"] or str(UUID(int=0)))
    except ValueError:
        return "The application ID must be a UUID."
    return ""


def _version(shop: Shop) -> tuple[int, ...]:
    return tuple(int(part) for part in shop.wordpress.split("."))


def _form(shop: Shop, asked: dict[str, str]) -> Response:
    shop.page_nonce = f"{shop.rng.getrandbits(40):010x}"
    hidden = {"_wpnonce": shop.page_nonce, "action": "authorize_application_password", **asked}
    fields = "".join(f'<input type="hidden" name="{name}" value="{escape(value)}" />' for name, value in hidden.items())
    return _html(
        "<title>Authorize Application</title><h1>An application would like to connect to your account.</h1>"
        f"<p>Would you like to give the application identifying itself as <strong>{escape(asked['app_name'])}</strong> "
        f'access to your account?</p><form action="{AUTHORIZE}" method="post">{fields}'
        '<input type="submit" name="approve" value="Yes, I approve of this connection" />'
        '<input type="submit" name="reject" value="No, I do not approve of this connection" /></form>'
    )


def _decided(shop: Shop, request: Request, form: dict[str, str], asked: dict[str, str]) -> Response:
    if form.get("_wpnonce") != shop.page_nonce or not shop.page_nonce:
        return _html("The link you followed has expired.", 403)
    shop.page_nonce = ""
    if "approve" not in form:
        return _sent(asked["reject_url"] or f"{request.base}/wp-admin/", {"success": "false"})
    password = "".join(shop.rng.choice(_LETTERS) for _ in range(24))
    shop.application_passwords.setdefault(shop.user, set()).add(password)
    if asked["success_url"]:
        brought = {"site_url": request.base, "user_login": shop.user, "password": password}
        return _sent(asked["success_url"], brought)
    chunks = " ".join(password[at : at + 4] for at in range(0, 24, 4))
    return _html(f'Your new password for {escape(asked["app_name"])} is: <input readonly value="{chunks}" />')


def _sent(address: str, brought: dict[str, str]) -> Response:
    joint = "&" if urlsplit(address).query else "?"
    return Response(302, b"", {"Location": f"{address}{joint}{urlencode(brought)}"})


def _html(body: str, status: int = 200) -> Response:
    return Response(status, f"<!DOCTYPE html>{body}".encode(), {"Content-Type": "text/html; charset=UTF-8"})
