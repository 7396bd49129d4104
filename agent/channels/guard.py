"""What the network may and may not do: https only, no private addresses, no secrets in any text (R6, R16-R20).

An address comes from the local configuration, made at connect, never from a cell. It is resolved once a call, checked,
and exactly that address is connected to, so that a name that changes its mind between check and use gains nothing.
"""

from __future__ import annotations

import asyncio
import base64
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import quote

import httpx

from agent.channels.base import ChannelOut
from agent.words import in_words

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[list[str]]]

HIDDEN = "[hidden]"
_PATTERNS = re.compile(
    r"""(?ix)
    \b(?:ck|cs|shpat|shpss|shpca|shppa)_[A-Za-z0-9]{4,} | \bAtz[ra]\|[^\s"']+ | \bya29\.[^\s"']+ | \b1//[^\s"']{8,}
    | \bEAA[A-Za-z0-9]{16,} | \b(?:Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{12,} | \bAuthorization["']?\s*[:=]\s*[^\s,]+
    | (?<=://)[^/\s@]+(?=@) | (?<=[\w/])\?[\w%.~-]+=[^\s"'<>]*
    | [\w.+-]+@[\w-]+\.[\w.-]+   # a buyer's e-mail address (R8)
    """
)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without any secret: by exact value (plain, URL-encoded, base64) and by pattern (R6); nor any buyer's
    e-mail address (R8)."""
    for secret in secrets:
        for form in _forms(secret):
            text = text.replace(form, HIDDEN)
    return _PATTERNS.sub(HIDDEN, text)


def _forms(secret: str) -> list[str]:
    if len(secret) < 4:
        return []
    encoded = base64.b64encode(secret.encode()).decode()
    forms = {
        secret,
        quote(secret, safe=""),
        encoded,
        encoded.rstrip("="),
        base64.urlsafe_b64encode(secret.encode()).decode(),
    }
    return sorted(forms, key=len, reverse=True)


def check_url(url: str, *, allow_http: bool = False, allow_private: bool = False) -> httpx.URL:
    """The shop's address, if it may be called. Raises ChannelOut `host` with what to type instead."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, TypeError, ValueError):
        raise _wrong(in_words("guard.shop_address_cannot_read")) from None
    if parsed.scheme not in ("https", "http") or not parsed.host:
        raise _wrong(in_words("guard.shop_address_not_web"))
    if parsed.userinfo or parsed.query or parsed.fragment:
        raise _wrong(in_words("guard.shop_address_must_not"))
    if parsed.scheme == "http" and not (allow_http or is_loopback(parsed.host)):
        raise _wrong(in_words("guard.shop_address_begins_with"))
    literal = _literal(parsed.host)
    if literal is not None and not may_connect(literal, is_loopback(parsed.host), allow_private):
        raise _wrong(in_words("guard.shop_address_one_private"), PRIVATE)
    return parsed


PRIVATE = in_words("guard.type_shop_public_address")


def _wrong(what: str, fix: str = in_words("guard.type_address_as_browser")) -> ChannelOut:
    return ChannelOut("host", what, fix)


def is_loopback(host: str) -> bool:
    """This very computer, said in so many words: the practice shops."""
    literal = _literal(host)
    return host == "localhost" or (literal is not None and literal.is_loopback)


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None


def may_connect(address: Address, loopback: bool, allow_private: bool) -> bool:
    """Public addresses; this computer only when it was named; private networks only when the owner allowed them."""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return may_connect(address.ipv4_mapped, loopback, allow_private)
    if address.is_loopback:
        return loopback
    if address.is_multicast or address.is_unspecified or address.is_link_local:
        return False  # link-local holds the cloud's metadata address
    return address.is_global or (allow_private and not address.is_reserved)


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, by the operating system."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Forbidden(httpx.ConnectError):
    """The name leads to an address that may not be called."""


class Nameless(httpx.ConnectError):
    """No address was found for the name: it is misspelled, or this computer is offline."""


class GuardedTransport(httpx.AsyncBaseTransport):
    """Resolves, checks, and connects to exactly the address checked; TLS still proves the *name* (R17, R20)."""

    def __init__(self, inner: httpx.AsyncBaseTransport, allow_private: bool, resolver: Resolve = resolve) -> None:
        self._inner = inner
        self._allow_private = allow_private
        self._resolve = resolver

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        failed: httpx.TransportError | None = None
        for address in await self._addresses(request):
            try:
                return await self._inner.handle_async_request(_pinned(request, address))
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failed = error  # nothing was sent: the next address may do
        raise failed or Forbidden(in_words("guard.name_leads_no_address"), request=request)

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def _addresses(self, request: httpx.Request) -> list[str]:
        url = request.url
        try:
            found = await self._resolve(url.host, url.port or (443 if url.scheme == "https" else 80))
        except OSError:
            raise Nameless(in_words("guard.name_not_found"), request=request) from None
        loopback = is_loopback(url.host)
        parsed = [(text, _literal(text.partition("%")[0])) for text in found]
        return [text for text, address in parsed if address and may_connect(address, loopback, self._allow_private)]


def _pinned(request: httpx.Request, address: str) -> httpx.Request:
    return httpx.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,  # its Host is the name already
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": request.url.host},
    )
