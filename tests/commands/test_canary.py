"""Canaries: a secret and a buyer's name go through everything; afterwards they are found nowhere (R6, R7, R8).

Connect, run, a shop that echoes the secret in every kind of error, logs at their most talkative, the workbook and the
file beside it, the database, a crash: every byte that was written or shown is searched, in every form that a secret
takes on its way. It lies in the key store alone, or in the encrypted file whose key lies there.
"""

from __future__ import annotations

import base64
import json
import logging
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

import keyring
import pytest

from agent import app, log
from agent.channels import http
from agent.config_write import set_value
from agent.practice.wire import ConnectionLost, Request, Response
from tests.commands.conftest import Place
from tests.test_secrets import InMemory

KEY, SECRET = "ck_canaryKEY0123456789abcdef", "cs_canarySECRET/+=0123456789abcdef"
LONG = "Atzr|canaryLONG" + "0123456789abcdef" * 120
"""A marketplace's token: too long for the key store of Windows."""
BUYER = {"first_name": "Canarybuyer", "email": "canarybuyer@mail.example", "address_1": "Canarybuyer Street 7"}
HTML = "<html><body><h1>Oops</h1>{}</body></html>"


def forms(secret: str) -> set[bytes]:
    """How a secret may be written: as it is, in an address, in JSON, in Basic wherever it begins there."""
    found = {secret, quote(secret), quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1], secret[3:]}
    for shift in range(3):
        raw = base64.b64encode(b"x" * shift + secret.encode()).decode()
        found.add(raw[4:-4])
    return {form.encode() for form in found}


CANARIES = {
    "key": forms(KEY), "secret": forms(SECRET), "long token": forms(LONG) | {LONG[:40].encode()},
    "pair": {base64.b64encode(f"{KEY}:{SECRET}".encode())}, "buyer": {b"anarybuyer"},
}  # fmt: skip


def contents(file: Path) -> Iterator[tuple[str, bytes]]:
    """The bytes of a file, and of each part of a workbook."""
    yield file.name, file.read_bytes()
    if zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as package:
            for name in package.namelist():
                yield f"{file.name}/{name}", package.read(name)


def sightings(folder: Path, shown: str = "") -> list[str]:
    """Where a canary was seen."""
    files = [part for file in sorted(folder.rglob("*")) if file.is_file() for part in contents(file)]
    everything = [*files, ("the screen", shown.encode())]
    return [
        f"{what} in {name}" for name, text in everything for what, seen in CANARIES.items() for f in seen if f in text
    ]


def echo(request: Request) -> str:
    """All that a careless host knows of a call."""
    return f"{request.headers.get('authorization')} {KEY} {SECRET} {quote(SECRET, safe='')} {BUYER['email']}"


def _json(status: int) -> Callable[[Request, Response], None]:
    def spoil(request: Request, response: Response) -> None:
        response.status = status
        response.body = json.dumps({"code": "oops", "message": echo(request), "data": {"status": status}}).encode()

    return spoil


def _page(status: int) -> Callable[[Request, Response], None]:
    def spoil(request: Request, response: Response) -> None:
        response.status, response.body = status, HTML.format(echo(request)).encode()
        response.headers["Content-Type"] = "text/html"

    return spoil


def _redirect(request: Request, response: Response) -> None:
    response.status, response.body = 302, b""
    response.headers["Location"] = f"https://{KEY}:{quote(SECRET, safe='')}@evil.example/{KEY}?key={KEY}&s={SECRET}"


def _wait(request: Request, response: Response) -> None:
    _json(429)(request, response)
    response.headers["Retry-After"] = "7200"


def _no_answer(request: Request, response: Response) -> None:
    raise ConnectionLost(echo(request))


def _items(request: Request, response: Response) -> None:
    """Batches are answered with an error for each item, which echoes; titles and SKUs echo, too."""
    found = json.loads(response.body)
    for item in found.get("update", []) if isinstance(found, dict) else []:
        item.clear()
        item |= {"id": 11, "error": {"code": "no", "message": echo(request), "data": {"status": 400}}}
    response.body = json.dumps(found).encode()


def _with_buyer(request: Request, response: Response) -> None:
    """A shop that sends more than it was asked for."""
    found = json.loads(response.body) if response.body[:1] in b"[{" else None
    for order in found if isinstance(found, list) and "/orders" in request.path else []:
        order |= {"billing": BUYER, "shipping": BUYER, "customer_note": f"for {BUYER['first_name']}"}
        for line in order.get("line_items", []):
            line["meta_data"] = [{"key": "Gift for", "value": BUYER["first_name"]}]
    if found is not None:
        response.body = json.dumps(found).encode()


FAULTS = {
    "401": _json(401), "403": _json(403), "404": _json(404), "500": _json(500), "503 page": _page(503),
    "403 page": _page(403), "200 page": _page(200), "redirect": _redirect, "429": _wait, "no answer": _no_answer,
    "items": _items,
}  # fmt: skip


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> InMemory:
    """This computer's key store."""
    kept = InMemory()
    monkeypatch.setattr(keyring, "get_keyring", lambda: kept)
    return kept


@pytest.fixture
def nest(
    empty_place: Place, store: InMemory, types: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Place]:
    """A seller's place, connected by hand with the canaries, everything logged that can be."""
    place = empty_place
    monkeypatch.setattr(http, "LONGEST_BACKOFF", 0.01)  # errors are repeated without a pause
    set_value(place.config, "secrets", "keyring")
    text = place.config.read_text(encoding="utf-8").replace("[log]", '[log]\nlevel = "detailed"', 1)
    place.config.write_text(text, encoding="utf-8")
    place.shop.keys.clear()
    place.shop.add_key(KEY, SECRET)
    place.shop.on_exchange = _with_buyer
    types(KEY, SECRET, "yes")
    url = f"http://127.0.0.1:{place.port}"
    assert place.run("connect", "woocommerce", "--name", "my-shop", "--url", url, "--private") == 0
    yield place
    log.stop()
    for name in ("httpx", "httpcore", "asyncio", "keyring", "filelock"):
        logging.getLogger(name).setLevel(logging.NOTSET if name not in ("httpx", "httpcore") else logging.WARNING)


def test_the_search_itself_finds_a_canary_in_every_form(tmp_path: Path) -> None:
    spots = [
        SECRET,
        quote(SECRET, safe=""),
        base64.b64encode(f"{KEY}:{SECRET}".encode()).decode(),
        LONG,
        BUYER["email"],
    ]
    for spot in spots:
        (tmp_path / "seen.txt").write_text(f"before {spot} after")
        assert sightings(tmp_path), spot
    with zipfile.ZipFile(tmp_path / "seen.txt", "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/worksheets/sheet1.xml", f"<v>{KEY}</v>" * 50)
    assert sightings(tmp_path) == ["key in seen.txt/xl/worksheets/sheet1.xml"] * 2


@pytest.mark.parametrize("some", [list(FAULTS)[at::4] for at in range(4)], ids=" ".join)
def test_a_canary_is_found_nowhere_but_in_the_key_store_R7(
    nest: Place, store: InMemory, capsys, some: list[str]
) -> None:  # type: ignore[no-untyped-def]
    """A whole life: live, sales, every kind of error on every kind of call, the workbook open and closed, commands."""
    nest.go_live()
    shown, written = "".join(capsys.readouterr()), set[str]()
    for number, name in enumerate(some):
        fault = FAULTS[name]
        nest.shop.sell(11, 1)
        opened = nest.folder / f"~${nest.workbook.name}"
        if number % 2:
            opened.write_bytes(b"\x04Anna")  # Excel has it open: results go into a file beside it

        def spoil(request: Request, response: Response, fault=fault) -> None:  # type: ignore[no-untyped-def]
            _with_buyer(request, response)
            if fault is not _items or request.path.endswith("/batch"):
                fault(request, response)

        nest.person.types("Item Master", {"SKU": "MUG"}, "Stocked", 30 - number)
        nest.shop.on_exchange = spoil
        more = (["plan", "--json"], ["explain", "MUG"], ["channels"]) if name in ("401", "items") else ()
        for command in (["sync"], ["check"], *more):
            nest.run(*command)
        written |= {file.name for file in nest.folder.rglob("*") if file.is_file()}
        shown += "".join(capsys.readouterr())
        assert name and not sightings(nest.folder, shown), (name, sightings(nest.folder, shown))
        opened.unlink(missing_ok=True)
        nest.shop.on_exchange = _with_buyer
        nest.run("sync")
    shown += "".join(capsys.readouterr())
    log.stop()
    assert {app.STORE, "config.toml", log.FILE, nest.workbook.name} <= written
    assert any("results" in name for name in written), written
    assert (nest.folder / log.FILE).stat().st_size > 1_000
    assert sightings(nest.folder, shown) == []
    assert {KEY, SECRET} <= set(store.kept.values())


@pytest.mark.parametrize("fault", ["401", "404", "items"])
def test_a_secret_that_looks_like_nothing_is_known_by_its_value(nest: Place, types, capsys, fault: str) -> None:  # type: ignore[no-untyped-def]
    """An application password has no telling beginning: only that it was loaded gives it away."""
    password = "canaryPWD0123456789abcde"
    nest.shop.local = True
    nest.shop.application_passwords["anna"] = {password}
    types("anna", password, "yes")
    assert nest.run("connect", "my-shop", "--way", "password") == 0
    nest.go_live()
    nest.shop.sell(11, 1)

    def spoil(request: Request, response: Response) -> None:
        if fault != "items" or request.path.endswith("/batch"):
            FAULTS[fault](request, response)
            response.body = response.body.replace(KEY.encode(), f"{password} {quote(password)}".encode())

    nest.shop.on_exchange = spoil
    nest.run("sync")
    nest.run("check")
    shown = "".join(capsys.readouterr()).encode()
    log.stop()
    seen = [
        name for file in nest.folder.rglob("*") if file.is_file() for name, text in contents(file) if b"PWD0123" in text
    ]
    assert seen == [] and b"PWD0123" not in shown
    assert b"hidden" in shown or b"***" in shown or fault == "404"


def test_a_long_token_lies_in_the_encrypted_file_alone(nest: Place, store: InMemory) -> None:
    from agent import config

    secrets = app.secrets_of(config.load(nest.config))
    secrets.put("my-shop", "refresh_token", LONG)
    assert secrets.get("my-shop", "refresh_token") == LONG
    assert (nest.folder / "secrets.sealed").exists()
    assert sightings(nest.folder) == []
    assert not any(form in text.encode() for text in store.kept.values() for form in CANARIES["long token"])


def test_a_crash_with_the_secret_in_its_words_leaves_none_in_log_or_screen(nest: Place, capsys, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    def stumble(*_: object) -> None:
        authorization = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
        raise RuntimeError(f"Basic {authorization} {SECRET} {quote(SECRET)} {BUYER['email']} {[SECRET]!r}")

    monkeypatch.setattr("agent.cycle.decide", stumble)
    assert nest.run("sync") == 2
    log.stop()
    text = (nest.folder / log.FILE).read_text(encoding="utf-8")
    assert "Traceback" in text and "RuntimeError" in text
    assert sightings(nest.folder, "".join(capsys.readouterr())) == []


def test_a_key_store_that_breaks_says_nothing_of_what_it_held(
    nest: Place, store: InMemory, capsys, monkeypatch
) -> None:  # type: ignore[no-untyped-def]
    def broken(service: str, username: str) -> str:
        raise RuntimeError(f"no {username}: {SECRET}")

    monkeypatch.setattr(store, "get_password", broken)
    assert nest.run("sync") == 2
    assert nest.run("check") == 1
    assert sightings(nest.folder, "".join(capsys.readouterr())) == []


def test_connecting_and_leaving_show_no_secret_and_leave_none_R4(nest: Place, store: InMemory, types, capsys) -> None:  # type: ignore[no-untyped-def]
    for fault in ("401", "500", "redirect", "200 page"):
        nest.shop.on_exchange = FAULTS[fault]
        types(KEY, SECRET, "yes")
        assert nest.run("connect", "my-shop") == 2
    nest.shop.on_exchange = _with_buyer
    types("yes")
    assert nest.run("leave", "my-shop") == 0
    assert sightings(nest.folder, "".join(capsys.readouterr())) == []
    assert not {KEY, SECRET} & set(store.kept.values())
