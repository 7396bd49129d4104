"""Files of secrets in the data folder: their owner's alone (mode 0600), never half written, one writer at a time.

`OwnFile` is plain, and used only when the settings ask for it (R2). `EncryptedFile` (Fernet: AES with a proof that
nobody changed it) holds what is too long for the key store, which holds its key (R1).
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from filelock import FileLock, Timeout

from agent.words import in_words, say

PATIENCE = 10.0
"""Seconds to wait for another program of ours that writes the same file."""


class SecretsOut(Exception):
    """Secrets cannot be kept or read. `what` and `fix` are plain sentences without any secret."""

    def __init__(self, code: str, **facts: object) -> None:
        words = say(code, facts)
        super().__init__(str(words))
        self.code = code
        self.what = words.what
        self.fix = words.fix


class OwnFile:
    """A file of texts under names that only its owner can read. Raises SecretsOut."""

    name = "secrets.json"

    def __init__(self, folder: Path) -> None:
        self._file = folder / self.name
        self.warning = str(say("secrets_in_file", {"file": self._file}))

    def read(self, account: str) -> str | None:
        """The text of that name, or None."""
        return self._all().get(account)

    def write(self, account: str, text: str) -> None:
        """Keep a text. It is on the disk when this returns; what was there before stays until then."""
        self._change(lambda kept: kept.__setitem__(account, text))

    def remove(self, account: str) -> None:
        """Forget it; nothing happens where there is none."""
        if self._file.exists():
            self._change(lambda kept: kept.pop(account, None))

    def _packed(self, kept: Mapping[str, str]) -> bytes:
        return json.dumps(kept, indent=1, sort_keys=True).encode()

    def _unpacked(self, content: bytes) -> Mapping[object, object]:
        """Raises ValueError where the content is not ours."""
        kept = json.loads(content)
        if not isinstance(kept, dict):
            raise ValueError("no names")
        return kept

    def _all(self) -> dict[str, str]:
        try:
            if self._file.stat().st_mode & 0o077:
                self._file.chmod(0o600)  # R3: repaired as soon as it is seen
            kept = self._unpacked(self._file.read_bytes())
            return {str(name): str(text) for name, text in kept.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError):
            raise SecretsOut("secrets_file_damaged", file=self._file) from None

    def _change(self, change: Callable[[dict[str, str]], object]) -> None:
        """Read, change and write while no other program of ours does (a shop is connected while another one runs)."""
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with FileLock(self._file.with_name(f".{self.name}.lock"), timeout=PATIENCE, mode=0o600):
                kept = self._all()
                before = dict(kept)
                change(kept)
                if kept != before:
                    self._save(self._packed(kept))
        except Timeout:
            raise SecretsOut(
                "folder_unusable", folder=self._file.parent, detail=in_words("secret_files.it_is_in_use")
            ) from None
        except OSError as error:
            raise SecretsOut("folder_unusable", folder=self._file.parent, detail=error.strerror) from None

    def _save(self, content: bytes) -> None:
        """Write beside and put in place: never half a file, never readable by others for a moment."""
        beside = self._file.with_name(f".{self.name}.new")
        beside.unlink(missing_ok=True)
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        beside.replace(self._file)
        _keep_name(self._file.parent)


class EncryptedFile(OwnFile):
    """The same, encrypted. `key` and `keep_key` read and keep its key elsewhere; it is made with the first text."""

    name = "secrets.sealed"

    def __init__(self, folder: Path, key: Callable[[], str | None], keep_key: Callable[[str], None]) -> None:
        super().__init__(folder)
        self._key = key
        self._keep_key = keep_key

    def _packed(self, kept: Mapping[str, str]) -> bytes:
        key = self._key()
        if key is None:
            key = Fernet.generate_key().decode()
            self._keep_key(key)
            if self._key() != key:
                raise SecretsOut("keystore_unproven")
        return Fernet(key).encrypt(super()._packed(kept))

    def _unpacked(self, content: bytes) -> Mapping[object, object]:
        try:
            return super()._unpacked(Fernet(self._key() or "").decrypt(content))
        except InvalidToken:
            raise ValueError("not by this key") from None


def _keep_name(folder: Path) -> None:
    """The new name survives a power cut, too; Windows keeps names by itself and opens no folders."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
