"""Shop keys, kept in the computer's own key store (`reliability.md` 5.2, R1 to R4).

Service `stocksheet`, account `channel/key`. What the key store cannot hold (long tokens: Windows takes 2,560 bytes,
which are 1,280 characters of UTF-16) lies in an encrypted file of the data folder, whose key the key store holds. What
is stored is read back before it counts (R4). Where no key store can be used, nothing is written anywhere and a sentence
says so (R2); a plain file that only its owner can read is used when the settings say `secrets = "file"`, never without.

Tokens that change by themselves are kept by `KeptTokens`, in one piece and before they are used (R27).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeVar

import keyring
from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError

from agent.channels.tokens import Tokens
from agent.secret_files import EncryptedFile, OwnFile, SecretsOut

__all__ = ["KeptTokens", "KeyStore", "OwnFile", "Sealed", "Secret", "Secrets", "SecretsOut", "open_secrets"]

T = TypeVar("T")
SERVICE = "stocksheet"
LONGEST = 1_000
"""Units of UTF-16 of one entry of the key store: 1,280 on Windows (keyring issue 540), less some room."""
TOKENS = "tokens"
"""The key under which a channel's changing tokens are kept."""
_IN_FILE = "stocksheet-in-file"
_FILE_KEY = "/file-key"
"""No channel's name begins with a stroke."""
_UNUSABLE = ("keyring.backends.fail", "keyring.backends.null")
_PLAIN = "keyrings.alt"


class Secret(str):
    """A secret: shows itself as `***` wherever a value is looked at (lists, errors, debuggers)."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "***"


class Keep(Protocol):
    """A place that keeps texts under names. Raises SecretsOut."""

    warning: str
    """What `check` shows about this place; "" where nothing is to be said."""

    def read(self, account: str) -> str | None:
        """The text of that name, or None."""

    def write(self, account: str, text: str) -> None:
        """Keep a text under that name: the whole of it or, when that fails, what was there before."""

    def remove(self, account: str) -> None:
        """Forget it; nothing happens where there is none."""


class Secrets:
    """The secrets of all channels, whatever keeps them. `seen` is told every value: the log redacts it (R6)."""

    def __init__(self, keep: Keep, seen: Callable[[str], None] = lambda secret: None) -> None:
        self._keep = keep
        self.seen = seen

    @property
    def warning(self) -> str:
        """A sentence for `check`; "" where secrets lie in the key store."""
        return self._keep.warning

    def get(self, channel: str, key: str) -> Secret:
        """The secret. Raises SecretsOut where there is none."""
        found = self.find(channel, key)
        if found is None:
            raise SecretsOut("secret_missing", channel=channel, key=key)
        return found

    def find(self, channel: str, key: str) -> Secret | None:
        """The secret, or None."""
        text = self._keep.read(f"{channel}/{key}")
        if text is None:
            return None
        self.seen(text)
        return Secret(text)

    def put(self, channel: str, key: str, value: str) -> None:
        """Keep a secret and prove it by reading it back (R4); the one before is put back where that fails."""
        if not value.strip():
            raise SecretsOut("secret_empty", channel=channel, key=key)
        self.seen(value)
        account = f"{channel}/{key}"
        old = self._keep.read(account)
        self._keep.write(account, value)
        if self._keep.read(account) != value:
            self._keep.remove(account) if old is None else self._keep.write(account, old)
            raise SecretsOut("keystore_unproven", channel=channel)

    def remove(self, channel: str, key: str) -> None:
        """Forget a secret; nothing happens where there is none."""
        self._keep.remove(f"{channel}/{key}")


class KeptTokens:
    """A channel's changing tokens (agent.channels.tokens.Keeper), kept as one secret: never half a pair."""

    def __init__(self, secrets: Secrets, channel: str) -> None:
        self._secrets = secrets
        self._channel = channel

    def read(self) -> Tokens | None:
        """The tokens last kept, or None. Raises SecretsOut."""
        text = self._secrets.find(self._channel, TOKENS)
        return None if text is None else self._known(_tokens(self._channel, text))

    def keep(self, tokens: Tokens) -> None:
        """Keep them; they are there for good when this returns. Raises SecretsOut."""
        self._secrets.put(self._channel, TOKENS, _written(self._known(tokens)))

    def _known(self, tokens: Tokens) -> Tokens:
        for token in (tokens.access, tokens.refresh):
            if token:
                self._secrets.seen(token)
        return tokens


def _written(tokens: Tokens) -> str:
    ends = {name: at.isoformat() for name in ("access_ends", "refresh_ends") if (at := getattr(tokens, name))}
    return json.dumps({"access": tokens.access, "refresh": tokens.refresh, **ends})


def _tokens(channel: str, text: str) -> Tokens:
    try:
        kept = json.loads(text)
        ends = {name: datetime.fromisoformat(kept[name]) for name in ("access_ends", "refresh_ends") if name in kept}
        return Tokens(kept["access"], refresh=kept["refresh"], **ends)
    except (ValueError, KeyError, TypeError):
        raise SecretsOut("secret_damaged", channel=channel, key=TOKENS) from None


class KeyStore:
    """The key store of the operating system. Raises SecretsOut where there is none that can be used (R2)."""

    warning = ""

    def __init__(self, backend: KeyringBackend | None = None) -> None:
        self._backend = backend or keyring.get_keyring()
        _check(self._backend)

    def read(self, account: str) -> str | None:
        return self._asked(lambda: self._backend.get_password(SERVICE, account))

    def write(self, account: str, text: str) -> None:
        self._asked(lambda: self._backend.set_password(SERVICE, account, text))

    def remove(self, account: str) -> None:
        with suppress(PasswordDeleteError):  # there is none
            self._asked(lambda: self._backend.delete_password(SERVICE, account))

    def _asked(self, call: Callable[[], T]) -> T:
        try:
            return call()
        except PasswordDeleteError:
            raise
        except Exception as error:  # each key store has errors of its own; their text may hold the secret
            raise SecretsOut("keystore_locked", detail=type(error).__name__) from None


def _check(backend: KeyringBackend) -> None:
    """Refuse what keeps nothing, and what keeps plain text without saying so."""
    used = list(getattr(backend, "backends", [backend]))  # a chain of several, or the one
    names = [type(one).__module__ for one in used]
    if any(name.startswith(_PLAIN) for name in names):
        raise SecretsOut("keystore_plain", name=backend.name)
    if all(name.startswith(_UNUSABLE) for name in names):
        raise SecretsOut("keystore_missing")


class Sealed:
    """The key store for what it can hold; an encrypted file for longer texts, its key in the key store (R1).

    A text that moves between the two is written to its new place first: a crash in between loses nothing.
    """

    def __init__(self, store: Keep, folder: Path) -> None:
        self._store = store
        self._file = EncryptedFile(folder, lambda: store.read(_FILE_KEY), lambda key: store.write(_FILE_KEY, key))
        self.warning = store.warning

    def read(self, account: str) -> str | None:
        text = self._store.read(account)
        if text != _IN_FILE:
            return text
        found = self._file.read(account)
        if found is None:
            channel, _, key = account.rpartition("/")
            raise SecretsOut("secret_damaged", channel=channel, key=key)
        return found

    def write(self, account: str, text: str) -> None:
        if _fits(text):
            self._store.write(account, text)
            self._file.remove(account)
            return
        self._file.write(account, text)
        if self._store.read(account) != _IN_FILE:
            self._store.write(account, _IN_FILE)

    def remove(self, account: str) -> None:
        self._store.remove(account)
        self._file.remove(account)


def _fits(text: str) -> bool:
    return len(text.encode("utf-16-le")) // 2 <= LONGEST and text != _IN_FILE


def open_secrets(kind: str, folder: Path, seen: Callable[[str], None] = lambda secret: None) -> Secrets:
    """The secrets as `secrets = "keyring" / "file"` of the settings says. Raises SecretsOut; never falls back (R2)."""
    return Secrets(OwnFile(folder) if kind == "file" else Sealed(KeyStore(), folder), seen)
