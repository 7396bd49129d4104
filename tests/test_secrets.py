"""Shop keys: in the key store or, when asked for, in a file that only its owner can read; never shown, never lost."""

from __future__ import annotations

import base64
import io
import json
import logging
import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import keyring
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keyring.backend import KeyringBackend
from keyring.backends import fail, null
from keyring.errors import KeyringLocked, PasswordDeleteError

from agent import log
from agent.channels.tokens import Tokens
from agent.config import LogSettings
from agent.secret_files import EncryptedFile
from agent.secrets import (
    LONGEST,
    KeptTokens,
    KeyStore,
    OwnFile,
    Sealed,
    Secret,
    Secrets,
    SecretsOut,
    open_secrets,
)

CANARY = "canary+/=" + "0123456789abcdef"


class InMemory(KeyringBackend):
    """A key store that keeps for as long as the test runs, with the limit of Windows."""

    priority = 1  # type: ignore[assignment]
    limit = 1_280

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if len(password.encode("utf-16-le")) > 2 * self.limit:
            raise OSError(f"(1783, 'CredWrite', 'The stub received bad data: {password}')")
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError("not found")


class Forgetful(InMemory):
    """Takes everything and keeps only the beginning."""

    def set_password(self, service: str, username: str, password: str) -> None:
        super().set_password(service, username, password[:10])


class Locked(InMemory):
    """Does not open."""

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked(f"locked: {CANARY}")


@pytest.fixture(params=["key store", "file"])
def secrets(request: pytest.FixtureRequest, tmp_path: Path) -> Secrets:
    return sealed(tmp_path) if request.param == "key store" else Secrets(OwnFile(tmp_path))


def sealed(folder: Path, store: KeyringBackend | None = None) -> Secrets:
    """Secrets in a key store, the long ones in the encrypted file beside it."""
    return Secrets(Sealed(KeyStore(store or InMemory()), folder))


@pytest.mark.parametrize("length", [1, 64, LONGEST, LONGEST + 1, 50_000])
def test_a_secret_of_any_length_comes_back_as_it_was_R1(secrets: Secrets, length: int) -> None:
    value = ("tökén🔑" * length)[:length]
    secrets.put("etsy", "refresh_token", value)
    assert secrets.get("etsy", "refresh_token") == value


@given(st.text(min_size=1).filter(str.strip))
def test_any_text_comes_back_as_it_was_R4(tmp_path_factory: pytest.TempPathFactory, value: str) -> None:
    secrets = sealed(tmp_path_factory.getbasetemp())
    value = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    secrets.put("shop", "key", value)
    assert secrets.get("shop", "key") == value


def test_secrets_of_two_shops_do_not_meet_and_one_can_be_forgotten(secrets: Secrets) -> None:
    secrets.put("a", "key", "one")
    secrets.put("b", "key", "two" * 1_000)
    secrets.remove("b", "key")
    secrets.remove("b", "never there")
    assert secrets.get("a", "key") == "one"
    assert secrets.find("b", "key") is None
    with pytest.raises(SecretsOut, match="stocksheet connect b"):
        secrets.get("b", "key")


# --- long ones: an encrypted file, its key in the key store (R1) -----------------------------------------------------


def test_a_long_token_lies_in_the_encrypted_file_and_only_its_key_in_the_key_store_R1(tmp_path: Path) -> None:
    store = InMemory()
    sealed(tmp_path, store).put("ebay", "refresh_token", CANARY * 200)
    (file,) = tmp_path.glob("secrets*")
    assert CANARY.encode() not in file.read_bytes()
    assert b"ebay" not in file.read_bytes()
    assert max(len(text) for text in store.kept.values()) <= 44
    assert sealed(tmp_path, store).get("ebay", "refresh_token") == CANARY * 200


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_the_encrypted_file_is_its_owners_alone_R3(tmp_path: Path) -> None:
    sealed(tmp_path / "new").put("ebay", "refresh_token", "x" * 3_000)
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in (tmp_path / "new").iterdir()} == {0o600}


def test_a_new_long_secret_leaves_nothing_of_the_old_one(tmp_path: Path) -> None:
    store = InMemory()
    secrets = sealed(tmp_path, store)
    for value in ("x" * 5_000, "y" * 3_000, "short"):
        secrets.put("shop", "key", value)
        assert secrets.get("shop", "key") == value
    del store.kept["stocksheet", "shop/key"]
    assert secrets.find("shop", "key") is None
    secrets.put("shop", "key", "z" * 3_000)
    secrets.remove("shop", "key")
    store.kept["stocksheet", "shop/key"] = "stocksheet-in-file"
    with pytest.raises(SecretsOut, match="only in part"):
        secrets.get("shop", "key")


class PowerCut(BaseException):
    """The computer goes off: no code of ours runs after it."""


def lives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str) -> Iterator[str]:
    """What is read after a power cut at the first, second ... step of renewing a secret, until it came through."""
    for cut in range(40):
        store, folder = InMemory(), tmp_path / str(cut)
        sealed(folder, store).put("shop", "key", old)
        steps = iter(range(cut))
        with monkeypatch.context() as patched:

            def counted(real, steps=steps):  # type: ignore[no-untyped-def]
                def step(*values, **named):  # type: ignore[no-untyped-def]
                    if next(steps, None) is None:
                        raise PowerCut
                    return real(*values, **named)

                return step

            for place, name in ((os, "open"), (os, "fsync"), (Path, "replace"), (Path, "unlink")):
                patched.setattr(place, name, counted(getattr(place, name)))
            for name in ("set_password", "delete_password"):
                patched.setattr(store, name, counted(getattr(store, name)))
            try:
                sealed(folder, store).put("shop", "key", new)
            except PowerCut:
                pass
            else:
                yield sealed(folder, store).get("shop", "key")
                return
        yield sealed(folder, store).get("shop", "key")
    raise AssertionError("never came through")


@pytest.mark.parametrize(("old", "new"), [("o", "n" * 3_000), ("o" * 3_000, "n" * 4_000), ("o" * 3_000, "n")])
def test_a_power_cut_at_any_step_leaves_the_old_one_or_the_new_one_R4(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str
) -> None:
    found = list(lives(tmp_path, monkeypatch, old, new))
    assert set(found) <= {old, new}
    assert found == sorted(found, key=lambda value: value == new), "the new one does not go away again"
    assert (found[0], found[-1]) == (old, new)
    assert len(found) > 2


def test_two_programs_that_write_at_once_lose_none_of_the_others(tmp_path: Path) -> None:
    store = InMemory()
    sealed(tmp_path, store).put("first", "key", "0" * 2_000)  # the file's key is there

    def write(number: int) -> None:
        sealed(tmp_path, store).put(f"shop{number}", "key", str(number) * 2_000)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert all(sealed(tmp_path, store).get(f"shop{n}", "key") == str(n) * 2_000 for n in range(8))


@pytest.mark.parametrize("harm", ["another key", "changed", "cut off"])
def test_an_encrypted_file_that_is_not_ours_any_more_is_said_and_left_as_it_is(tmp_path: Path, harm: str) -> None:
    store = InMemory()
    sealed(tmp_path, store).put("shop", "key", "x" * 5_000)
    file = tmp_path / EncryptedFile.name
    content = file.read_bytes()
    other = b"A" if content[200:201] != b"A" else b"B"
    if harm == "another key":
        store.kept["stocksheet", "/file-key"] = base64.urlsafe_b64encode(b"k" * 32).decode()
    else:
        file.write_bytes(content[:-7] if harm == "cut off" else content[:200] + other + content[201:])
    now = file.read_bytes()
    for attempt in (lambda s: s.get("shop", "key"), lambda s: s.put("other", "key", "y" * 2_000)):
        with pytest.raises(SecretsOut, match="cannot be read"):
            attempt(sealed(tmp_path, store))
    assert file.read_bytes() == now


# --- changing tokens (R27) -------------------------------------------------------------------------------------------

HOUR = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)


def test_a_pair_of_tokens_comes_back_as_it_was_with_its_ends(secrets: Secrets) -> None:
    kept = KeptTokens(secrets, "etsy")
    assert kept.read() is None
    for tokens in (Tokens("a" * 2_000, HOUR, "r" * 900, HOUR), Tokens("a", None, None, None)):
        kept.keep(tokens)
        assert KeptTokens(secrets, "etsy").read() == tokens


def test_tokens_are_told_to_the_log_and_never_show_themselves_R6(tmp_path: Path) -> None:
    seen: list[str] = []
    secrets = Secrets(OwnFile(tmp_path), seen.append)
    KeptTokens(secrets, "etsy").keep(Tokens("access-canary", HOUR, "refresh-canary"))
    assert {"access-canary", "refresh-canary"} <= set(seen)
    assert "canary" not in repr(Tokens("access-canary", HOUR, "refresh-canary"))


def test_kept_tokens_that_are_no_tokens_are_said(secrets: Secrets) -> None:
    secrets.put("etsy", "tokens", "{}")
    with pytest.raises(SecretsOut, match="only in part"):
        KeptTokens(secrets, "etsy").read()


# --- what may go wrong -----------------------------------------------------------------------------------------------


def test_a_store_that_gives_something_else_back_is_refused_and_nothing_stays_R4() -> None:
    store = Forgetful()
    with pytest.raises(SecretsOut, match="did not give the same one back"):
        Secrets(KeyStore(store)).put("shop", "key", CANARY)
    assert not store.kept


def test_an_empty_secret_is_refused(secrets: Secrets) -> None:
    with pytest.raises(SecretsOut, match="is empty"):
        secrets.put("shop", "key", "  ")


@pytest.mark.parametrize("backend", [fail.Keyring, null.Keyring])
def test_without_a_key_store_nothing_is_kept_and_it_is_said_R2(
    backend: type[KeyringBackend], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyring, "get_keyring", backend)
    with pytest.raises(SecretsOut, match='secrets = "file"'):
        open_secrets("keyring", tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_store_that_keeps_plain_text_is_refused_R2() -> None:
    plain = type("PlaintextKeyring", (InMemory,), {"__module__": "keyrings.alt.file"})
    chain = InMemory()
    chain.backends = [fail.Keyring(), plain()]  # type: ignore[attr-defined]
    for backend in (plain(), chain):
        with pytest.raises(SecretsOut, match="plain text"):
            KeyStore(backend)


def test_a_locked_store_is_said_without_its_own_words() -> None:
    with pytest.raises(SecretsOut, match="Unlock it") as caught:
        Secrets(KeyStore(Locked())).find("shop", "key")
    assert CANARY not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_the_file_is_its_owners_alone_and_repaired_R2_R3(tmp_path: Path) -> None:
    secrets = open_secrets("file", tmp_path)
    secrets.put("shop", "key", CANARY)
    file = tmp_path / OwnFile.name
    assert {each.stat().st_mode & 0o777 for each in tmp_path.iterdir()} == {0o600}
    file.chmod(0o644)
    assert secrets.get("shop", "key") == CANARY
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_file_is_named_as_a_warning_and_the_key_store_is_not(tmp_path: Path) -> None:
    assert "secrets.json" in open_secrets("file", tmp_path).warning
    assert not Secrets(KeyStore(InMemory())).warning


@pytest.mark.parametrize("content", ["{", "[]", '"x"', "\x00"])
def test_a_damaged_file_is_said_and_left_as_it_is(tmp_path: Path, content: str) -> None:
    (tmp_path / "secrets.json").write_text(content)
    with pytest.raises(SecretsOut, match="cannot be read"):
        open_secrets("file", tmp_path).put("shop", "key", CANARY)
    assert (tmp_path / "secrets.json").read_text() == content


def test_a_secret_shows_itself_as_stars_and_works_as_text() -> None:
    secret = Secret(CANARY)
    assert repr(secret) == "***"
    assert CANARY not in repr({"key": [secret]})
    assert f"Bearer {secret}" == f"Bearer {CANARY}"


# --- the log ---------------------------------------------------------------------------------------------------------


class Noon:
    """A clock that stands still."""

    def now(self) -> datetime:
        return datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        """At once."""


@pytest.fixture
def logger(tmp_path: Path) -> Iterator[logging.Logger]:
    log.start(tmp_path, LogSettings(), Noon(), io.StringIO())
    yield logging.getLogger("agent.cycle")
    log.stop()


def test_a_line_is_a_sentence_with_allowed_fields_only_R6(logger: logging.Logger, tmp_path: Path) -> None:
    logger.info("2 quantities pushed.", extra={"channel": "etsy", "count": 2, "buyer": "Ann Canary"})
    assert log.path(tmp_path).read_text() == "2026-11-22 12:00:00Z info 2 quantities pushed. (channel=etsy count=2)\n"


def test_no_form_of_a_loaded_secret_reaches_the_log_R6(logger: logging.Logger, tmp_path: Path) -> None:
    secrets = Secrets(KeyStore(InMemory()), log.redactor.add)
    secrets.put("shop", "key", CANARY)
    forms = [CANARY, quote(CANARY), json.dumps(CANARY)]
    forms += [base64.b64encode(f"{user}:{CANARY}".encode()).decode() for user in ("", "a", "ab")]
    for form in forms:
        logger.warning("The shop answered %s nonsense.", form)
    written = log.path(tmp_path).read_text()
    assert written.count("***") == len(forms)
    assert "canary" not in written
    assert base64.b64encode(CANARY.encode()).decode()[4:20] not in written


@pytest.mark.parametrize(
    "text",
    [
        "shpat_canary0123456789",
        "shpss_canary0123456789",
        "ck_canary0123456789",
        "cs_canary0123456789",
        "Atzr|canary-0123456789",
        "Atza|canary-0123456789",
        "ya29.canary-0123456789",
        "1//canary-0123456789",
        "EAAcanary0123456789ab",
        "Bearer canary0123456789",
        "Authorization: Basic canary0123456789=",
        "{'X-API-Key': 'canary0123456789'}",
        '{"access_token": "canary0123456789", "expires": 3}',
        "client_secret=canary0123456789&x=1",
        "https://shop.example/orders?after=3&sign=canary0123456789",
        "https://ann:canary0123456789@shop.example/orders",
        "ann.canary@mail.example bought one",
        "eyJcanary0123.eyJcanary0123.canary",
    ],
)
def test_what_looks_like_a_secret_does_not_reach_the_log_R6(text: str) -> None:
    assert "canary" not in log.Redactor().clean(f"The shop said {text} and stopped.")


def test_ordinary_sentences_are_left_as_they_are() -> None:
    for text in (
        "20 stocked - 5 allocated = 15 -> reserve 2 = 13 -> 80% = 10 -> max 8 = 8",
        "Run: stocksheet connect etsy. Did you mean workbook? Correct it.",
        "https://shop.example/products/12 does not answer.",
        "SKU BLUE-M: Item Master!C7 holds 1/2.",
    ):
        assert log.Redactor().clean(text) == text


def test_a_traceback_is_cleaned_too_and_a_cell_cannot_begin_a_line_R6(logger: logging.Logger, tmp_path: Path) -> None:
    try:
        raise ValueError("token shpat_canary0123456789")
    except ValueError:
        logger.exception("A title:\n2026-01-01 00:00:00Z info all is well\x1b[2J")
    lines = log.path(tmp_path).read_text().splitlines()
    assert "canary" not in "".join(lines)
    assert [line[:4] for line in lines].count("2026") == 1
    assert "\x1b" not in lines[0]


def test_the_log_puts_itself_aside_and_is_its_owners_alone_R3(tmp_path: Path) -> None:
    logger = log.start(tmp_path, LogSettings(megabytes=0.0005, files=2), Noon())
    for number in range(50):
        logger.info("Cycle %s is done.", number)
    log.stop()
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["stocksheet.log", "stocksheet.log.1", "stocksheet.log.2"]
    if os.name != "nt":
        assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_warnings_reach_the_screen_and_news_do_not(tmp_path: Path) -> None:
    screen = io.StringIO()
    logger = log.start(tmp_path, LogSettings(), Noon(), screen)
    logger.info("All is well.")
    logger.warning("etsy does not answer.")
    log.stop()
    assert "All is well" not in screen.getvalue()
    assert "etsy does not answer." in screen.getvalue()


def test_warnings_of_libraries_are_redacted_too_R6(tmp_path: Path) -> None:
    screen = io.StringIO()
    log.start(tmp_path, LogSettings(), Noon(), screen)
    logging.getLogger("asyncio").error("Task failed: Bearer canary0123456789")
    log.stop()
    written = log.path(tmp_path).read_text()
    assert "Task failed" in written
    assert "canary" not in written + screen.getvalue()


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    logger = log.start(tmp_path / "not there", LogSettings(), Noon(), io.StringIO())
    logger.info("5 quantities pushed.")
    log.stop()
