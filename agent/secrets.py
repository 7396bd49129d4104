"""Shop keys, kept in the computer's own key store (`reliability.md` 5.2, R1 to R4).

Service `stocksheet`, account `channel/key`. What is stored is read back before it counts (R4). Where no key store can
be used, nothing is written anywhere and a sentence says so (R2); a file that only its owner can read is used when the
settings say `secrets = "file"`, and `check` shows that it is so.

A secret longer than `LONGEST` is kept in parts, as Windows takes 1,280 characters at most (keyring issue 540).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Protocol, TypeVar

import keyring
from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError

from agent.words import say

T = TypeVar("T")
SERVICE = "stocksheet"
LONGEST = 1_000
"""Characters of one entry of the key store: 1,280 units of UTF-16 on Windows, less some room."""
_PARTS = "stocksheet-parts:"
_UNUSABLE = ("keyring.backends.fail", "keyring.backends.null")
_PLAIN = "keyrings.alt"


class Secret(str):
    """A secret: shows itself as `***` wherever a value is looked at (lists, errors, debuggers)."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "***"


class SecretsOut(Exception):
    """Secrets cannot be kept or read. `what` and `fix` are plain sentences without any secret."""

    def __init__(self, code: str, **facts: object) -> None:
        words = say(code, facts)
        super().__init__(str(words))
        self.code = code
        self.what = words.what
        self.fix = words.fix


class Keep(Protocol):
    """A place that keeps texts under names. Raises SecretsOut."""

    warning: str
    """What `check` shows about this place; "" where nothing is to be said."""

    def read(self, account: str) -> str | None:
        """The text of that name, or None."""

    def write(self, account: str, text: str) -> None:
        """Keep a text under that name."""

    def remove(self, account: str) -> None:
        """Forget it; nothing happens where there is none."""


class Secrets:
    """The secrets of all channels, whatever keeps them. `seen` is told every value: the log redacts it (R6)."""

    def __init__(self, keep: Keep, seen: Callable[[str], None] = lambda secret: None) -> None:
        self._keep = keep
        self._seen = seen

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
        account = f"{channel}/{key}"
        head = self._keep.read(account)
        if head is None or not head.startswith(_PARTS):
            return self._known(head)
        text = "".join(self._keep.read(part) or "" for part in _parts(account, head))
        if _digest(text) != head.split(":")[2]:
            raise SecretsOut("secret_damaged", channel=channel, key=key)
        return self._known(text)

    def put(self, channel: str, key: str, value: str) -> None:
        """Keep a secret and prove it by reading it back (R4). The old one stays until the new one is complete."""
        if not value.strip():
            raise SecretsOut("secret_empty", channel=channel, key=key)
        self._seen(value)
        account = f"{channel}/{key}"
        old = self._keep.read(account)
        head, parts = _taken_apart(account, value)
        for name, text in parts.items():
            self._keep.write(name, text)
        self._keep.write(account, head)
        if self._keep.read(account) != head or any(self._keep.read(name) != text for name, text in parts.items()):
            self._forget([account, *parts])
            raise SecretsOut("keystore_unproven", channel=channel)
        self._forget(name for name in _parts(account, old) if name not in parts)

    def remove(self, channel: str, key: str) -> None:
        """Forget a secret; nothing happens where there is none."""
        account = f"{channel}/{key}"
        self._forget([account, *_parts(account, self._keep.read(account))][::-1])

    def _forget(self, names: Iterable[str]) -> None:
        for name in names:
            self._keep.remove(name)

    def _known(self, text: str | None) -> Secret | None:
        if text is None:
            return None
        self._seen(text)
        return Secret(text)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _taken_apart(account: str, value: str) -> tuple[str, Mapping[str, str]]:
    """The entry's own text, and the parts beside it (none for a short secret)."""
    if len(value.encode("utf-16-le")) // 2 <= LONGEST and not value.startswith(_PARTS):
        return value, {}
    step = LONGEST // 2  # a character takes two units of UTF-16 at most
    pieces = [value[start : start + step] for start in range(0, len(value), step)]
    head = f"{_PARTS}{len(pieces)}:{_digest(value)}"
    return head, dict(zip(_parts(account, head), pieces, strict=True))


def _parts(account: str, head: str | None) -> list[str]:
    """The names of the parts. They carry the digest: a new secret never overwrites the parts of the old one."""
    if head is None or not head.startswith(_PARTS):
        return []
    _, count, digest = head.split(":")
    return [f"{account}#{digest}-{number}" for number in range(1, int(count) + 1)]


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


class OwnFile:
    """A file in the data folder that only its owner can read (mode 0600). Used only when the settings ask for it."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "secrets.json"
        self.warning = str(say("secrets_in_file", {"file": self._file}))

    def read(self, account: str) -> str | None:
        return self._all().get(account)

    def write(self, account: str, text: str) -> None:
        self._save({**self._all(), account: text})

    def remove(self, account: str) -> None:
        kept = self._all()
        if kept.pop(account, None) is not None:
            self._save(kept)

    def _all(self) -> dict[str, str]:
        try:
            if self._file.stat().st_mode & 0o077:
                self._file.chmod(0o600)  # R3: repaired as soon as it is seen
            kept = json.loads(self._file.read_text(encoding="utf-8"))
            return {str(name): str(text) for name, text in kept.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, AttributeError):
            raise SecretsOut("secrets_file_damaged", file=self._file) from None

    def _save(self, kept: Mapping[str, str]) -> None:
        """Write beside and put in place: never half a file, never readable by others for a moment."""
        beside = self._file.with_name(f".{self._file.name}.new")
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            beside.unlink(missing_ok=True)
            handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as out:
                json.dump(kept, out, indent=1, sort_keys=True)
                out.flush()
                os.fsync(out.fileno())
            beside.replace(self._file)
        except OSError as error:
            raise SecretsOut("folder_unusable", folder=self._file.parent, detail=error.strerror) from None


def open_secrets(kind: str, folder: Path, seen: Callable[[str], None] = lambda secret: None) -> Secrets:
    """The secrets as `secrets = "keyring" / "file"` of the settings says. Raises SecretsOut; never falls back (R2)."""
    return Secrets(OwnFile(folder) if kind == "file" else KeyStore(), seen)
