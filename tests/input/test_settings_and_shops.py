"""Settings with mistakes, wrong keys, and whatever may answer under a shop's address: a sentence, never more."""

from __future__ import annotations

import http.server
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agent import app, config
from tests.commands.conftest import SHOP
from tests.input.seller import Seller

DATA = {"Content-Type": "application/json"}
PAGE = {"Content-Type": "text/html"}
ADDRESS = "Open the shop in a browser and copy its address exactly (https, with or without www)."
NOT_DATA = "my-shop answers with something that is no data (status 200). If it worked before, wait"

ELSE = "Something else than a WordPress site answers for my-shop."
ON = "my-shop sends us on to another address"
ANSWERS: dict[str, tuple[int, dict[str, str], bytes, str]] = {
    "web page": (200, PAGE, b"<html>Welcome to my blog</html>", NOT_DATA),
    "web page, not found": (404, PAGE, b"<html>nothing here</html>", f"my-shop has no such page. {ADDRESS}"),
    "nothing": (200, DATA, b"", NOT_DATA),
    "deep nonsense": (200, DATA, b"[" * 50_000 + b"]" * 50_000, NOT_DATA),
    "a long number": (200, DATA, b"1" * 10_000, NOT_DATA),
    "somebody else's data": (200, DATA, b'{"hello": "world"}', f"{ELSE} {ADDRESS}"),
    "a list": (200, DATA, b"[1, 2]", ELSE),
    "null": (200, DATA, b"null", ELSE),
    "WordPress alone": (
        200, DATA, b'{"namespaces": ["wp/v2"]}', "my-shop is a WordPress site, but WooCommerce does not answer there."
    ),
    "WooCommerce in name": (
        200, DATA, b'{"namespaces": ["wc/v3"]}', f"my-shop does not answer the question: status 200. {ADDRESS}"
    ),
    "redirect": (
        302, {"Location": "https://elsewhere.example/?secret=1"}, b"", f"{ON}: https://elsewhere.example. {ADDRESS}"
    ),
    "redirect to a login": (301, {"Location": "/login"}, b"", f"{ON}. {ADDRESS}"),
    "its own trouble": (
        500, DATA, b'{"message": "x"}', "my-shop has trouble of its own (it answered 500). Nothing to do"
    ),
    "no access": (
        401, DATA, b'{"message": "Sorry, you cannot list resources."}',
        "my-shop refuses the access: Sorry, you cannot list resources. Run: stocksheet connect my-shop.",
    ),
}  # fmt: skip
"""What answers -> status, headers, body, and what is said."""


@contextmanager
def answering(
    status: int, headers: dict[str, str], body: bytes, context: ssl.SSLContext | None = None
) -> Iterator[int]:
    """A real server on this computer that always answers so; its port."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def moved_to(live: Seller, url: str) -> Iterator[None]:
    """The shop's address in the settings is another one for a while."""
    text = live.config.read_text(encoding="utf-8")
    live.config.write_text(text.replace(f"http://127.0.0.1:{live.port}", url), encoding="utf-8")
    try:
        yield
    finally:
        live.config.write_text(text, encoding="utf-8")


def says(live: Seller, sentence: str) -> None:
    """`check` and `sync` both say it and exit 1; the workbook goes on."""
    checked, synced = live.run("check"), live.run("sync")
    assert (checked.code, synced.code) == (1, 1)
    assert checked.lines(f"fix  {sentence}"), checked.text
    assert sentence in synced.text
    assert [live.shows(sku) for sku in "ABC"] == [20, 20, 20]


@pytest.mark.parametrize("name", ANSWERS)
def test_whatever_answers_under_the_address_is_told_apart(live: Seller, name: str) -> None:
    status, headers, body, sentence = ANSWERS[name]
    with answering(status, headers, body) as port, moved_to(live, f"http://127.0.0.1:{port}"):
        says(live, sentence)


def test_a_certificate_that_nobody_vouches_for_is_refused(live: Seller, tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not here: it makes the self-signed certificate")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    subprocess.run([*command, "-keyout", key, "-out", certificate], capture_output=True, check=True, timeout=60)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with answering(200, DATA, b"{}", context) as port, moved_to(live, f"https://127.0.0.1:{port}"):
        says(live, "my-shop has a certificate that cannot be trusted.")


def test_a_port_where_nobody_listens(live: Seller) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with moved_to(live, f"http://127.0.0.1:{port}"):
        says(live, "my-shop cannot be reached. Nothing to do: Stocksheet tries again by itself.")


def test_a_name_that_is_no_ones(live: Seller) -> None:
    with moved_to(live, "https://no-such-shop.invalid"):
        says(
            live,
            "my-shop cannot be found under its address, no-such-shop.invalid. Look whether this computer is online.",
        )


def test_a_wrong_key_is_told_with_where_to_make_a_new_one(live: Seller) -> None:
    secrets = app.secrets_of(config.load(live.config))
    secrets.put(SHOP, "consumer_secret", "cs_mistyped")
    try:
        says(live, "my-shop refuses the access")
    finally:
        secrets.put(SHOP, "consumer_secret", "cs_practice")


# --- settings


@pytest.mark.parametrize("command", ["check", "plan", "sync"])
def test_three_mistakes_in_the_settings_are_told_at_once(live: Seller, command: str) -> None:
    text = live.config.read_text(encoding="utf-8")
    wrong = text.replace('secrets = "file"', 'secrets = "flie"')
    mistaken = f'workbok = "x"\n{wrong}\n[channels.other]\nplatform = "wocommerce"\n'
    live.config.write_text(mistaken, encoding="utf-8")
    try:
        told = live.run(command)
    finally:
        live.config.write_text(text, encoding="utf-8")
    assert told.code == (1 if command == "check" else 2)
    for said in ("workbok", "secrets must be one of", "Did you mean woocommerce?"):
        assert said in told.text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x00\xff\xfe\x00nonsense", "cannot be read as a settings file"),
        (b"workbook = C:\\Stock.xlsx", "cannot be read as a settings file, because of line 1"),
        (b'workbook = "C:\\Users\\Ann\\Stock.xlsx"', "Put the path between single quotes"),
        (b"<html></html>", "cannot be read as a settings file"),
        (b"PK\x03\x04" + bytes(range(256)), "cannot be read as a settings file"),
        (b"workbook = [1, 2", "cannot be read as a settings file"),
        (b"a = " + b"[" * 5000, "cannot be read as a settings file"),
    ],
)
def test_settings_that_are_none_are_told_with_the_line(live: Seller, content: bytes, said: str) -> None:
    text = live.config.read_bytes()
    live.config.write_bytes(content)
    try:
        checked, synced = live.run("check"), live.run("sync")
    finally:
        live.config.write_bytes(text)
    assert (checked.code, synced.code) == (1, 2)
    assert said in checked.text
    assert said in synced.text
