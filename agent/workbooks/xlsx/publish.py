"""Putting a new version in the file's place, without ever losing what a person saved meanwhile.

Linux: the two files change places in one step, and what came out is compared with what the new version was made from;
if a person saved in between, their file is put back. macOS, Windows and some network drives: look once more, then
replace, again while a scanner holds the file. That leaves a moment in which a save can be lost (only the backup of the
version before it remains), which the exchange does not. (macOS has such a call, too; it could not be tried.)
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import hashlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from agent.words import in_words

_AT_FDCWD = -100
_EXCHANGE = 2
"""RENAME_EXCHANGE of renameat2."""
_RETRIES = (0.05, 0.1, 0.2, 0.4, 1.0)
_TEMPORARY = ".stocksheet-"


class Lost(Exception):
    """The file is no longer the one that the new version was made from; it was left as it is."""


def revision_of(content: bytes) -> str:
    """The name of a content: equal means the same content."""
    return hashlib.sha256(content).hexdigest()


def publish(
    path: Path, content: bytes, expected: str, held: Callable[[Path], bool] = lambda _: False
) -> os.stat_result:
    """Replace the file's content if it is still `expected` (a revision). Raises Lost, OSError.

    `held`: another program has this file open now. Returns the stat of the published file, which a person's program may
    have replaced or taken away since.
    """
    with _lost_where_gone():
        temporary = _written_beside(path, content)
    try:
        published = temporary.stat()  # a file keeps its stat where it is moved
        with _lost_where_gone():
            if _exchanges(path.parent):
                _exchange(path, temporary, revision_of(content), expected, held)
            else:
                _replace(path, temporary, expected)
        _sync_folder(path.parent)
        return published
    finally:
        _clear_away(temporary, path, (revision_of(content), expected))


@contextlib.contextmanager
def _lost_where_gone() -> Iterator[None]:
    """Some programs delete the file before they write it anew."""
    try:
        yield
    except FileNotFoundError:
        raise Lost(in_words("publish.workbook_moved_or_deleted")) from None


def _clear_away(temporary: Path, path: Path, known: tuple[str, str]) -> None:
    """Delete what is ours or backed up; anything else is a person's and stays, under a name they can find."""
    with contextlib.suppress(OSError):
        if revision_of(temporary.read_bytes()) in known:
            temporary.unlink()
        else:
            temporary.rename(path.with_name(f"{path.stem} (kept {time.time_ns()}){path.suffix}"))


def write_new(path: Path, content: bytes) -> None:
    """Write a file of our own, whole or not at all."""
    temporary = _written_beside(path, content)
    try:
        _with_retries(lambda: temporary.replace(path))
        _sync_folder(path.parent)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def _written_beside(path: Path, content: bytes) -> Path:
    handle, name = tempfile.mkstemp(prefix=_TEMPORARY, suffix=".tmp", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            _dress(path, temporary)
            os.fsync(file.fileno())
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _dress(path: Path, temporary: Path) -> None:
    """The new file gets the old one's mode, owner and extended attributes (not its times)."""
    if not path.exists():
        temporary.chmod(0o666 & ~_umask())
        return
    shutil.copymode(path, temporary)
    with contextlib.suppress(OSError, AttributeError):
        stat = path.stat()
        if (stat.st_uid, stat.st_gid) != (os.getuid(), os.getgid()):
            os.chown(temporary, stat.st_uid, stat.st_gid)
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            for name in os.listxattr(path):
                os.setxattr(temporary, name, os.getxattr(path, name))


@cache
def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


@cache
def _swapper() -> Callable[[Path, Path], int] | None:
    """Exchanges two files in one step and returns 0 or the error number; None where the system has no such call."""
    if sys.platform != "linux":
        return None
    try:
        function = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return None

    def call(one: Path, other: Path) -> int:
        done = function(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _EXCHANGE)
        return 0 if done == 0 else ctypes.get_errno()

    return call


@cache
def _exchanges(folder: Path) -> bool:
    """Files of this folder can change places in one step (some network drives cannot)."""
    call = _swapper()
    if call is None:
        return False
    pair = [_empty(folder), _empty(folder)]
    try:
        return call(*pair) == 0
    finally:
        for path in pair:
            path.unlink(missing_ok=True)


def _empty(folder: Path) -> Path:
    handle, name = tempfile.mkstemp(prefix=_TEMPORARY, suffix=".tmp", dir=folder)
    os.close(handle)
    return Path(name)


def _swap(one: Path, other: Path) -> None:
    call = _swapper()
    assert call is not None
    error = call(one, other)
    if error == errno.ENOENT:
        raise Lost(in_words("publish.workbook_moved_or_deleted"))
    if error:
        raise OSError(error, os.strerror(error), str(one))


def _exchange(path: Path, temporary: Path, ours: str, expected: str, held: Callable[[Path], bool]) -> None:
    """Swap, and look at what came out; whatever a person saved meanwhile goes back in, the newest of it last."""
    _swap(path, temporary)
    if not held(temporary) and revision_of(temporary.read_bytes()) == expected:
        return
    put_in = ours
    while True:
        going_in = revision_of(temporary.read_bytes())
        _swap(path, temporary)
        came_out = revision_of(temporary.read_bytes())
        if came_out == put_in:
            temporary.unlink()  # ours, or a save that a newer one has replaced
            raise Lost(in_words("publish.workbook_saved_meanwhile"))
        put_in = going_in


def _replace(path: Path, temporary: Path, expected: str) -> None:
    if revision_of(path.read_bytes()) != expected:
        raise Lost(in_words("publish.workbook_saved_meanwhile"))
    _with_retries(lambda: temporary.replace(path))


def _with_retries(action: Callable[[], object]) -> None:
    """Scanners and indexers hold a fresh file for a moment on Windows."""
    for pause in _RETRIES:
        try:
            action()
            return
        except PermissionError:
            time.sleep(pause)
    action()


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            os.fsync(handle)
    finally:
        os.close(handle)
