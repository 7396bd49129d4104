"""Is the workbook open in another program? Owner files, lock files, and who holds the file itself.

LibreOffice's lock file vanishes for a millisecond during a save, and stays behind when it is killed (excel.md 4.1).
"""

from __future__ import annotations

import os
import socket
import sys
import time
from pathlib import Path

BETWEEN_LOOKS = 0.06
_YOUNG = 60.0


def open_elsewhere(path: Path) -> str | None:
    """Who has the workbook open, in words; None if nobody. Looks twice."""
    first = _look(path)
    if first is not None and not first.startswith("?"):
        return first
    time.sleep(BETWEEN_LOOKS)
    second = _look(path)
    if second is not None and (first is not None or not second.startswith("?")):
        return second.lstrip("?")
    return None


def open_now(path: Path) -> str | None:
    """The same by one look, for a notice that need not be exact."""
    found = _look(path)
    return None if found is None else found.lstrip("?")


def _look(path: Path) -> str | None:
    """A `?` in front: only a handle was seen, which a scanner may hold for a moment."""
    return _excel(path) or _libre_office(path) or ("?another program" if held(path) else None)


def _excel(path: Path) -> str | None:
    owner = path.with_name(f"~${path.name}")
    if not owner.exists():
        return None
    if sys.platform == "win32" and _can_be_written(owner):
        return None  # left behind: Excel itself would hold it
    return "Excel"


def _can_be_written(path: Path) -> bool:
    try:
        with path.open("r+b"):
            return True
    except OSError:
        return False


def _libre_office(path: Path) -> str | None:
    lock = path.with_name(f".~lock.{path.name}#")
    try:
        text, age = lock.read_text(encoding="utf-8", errors="replace"), time.time() - lock.stat().st_mtime
    except OSError:
        return None
    fields = text.split(",")
    here = len(fields) > 2 and fields[2] == socket.gethostname()
    left_behind = here and age > _YOUNG and Path("/proc/self/fd").exists() and not held(path)
    return None if left_behind else "LibreOffice"


def held(path: Path) -> bool:
    """Another process of ours to see holds this file open (Linux; elsewhere False)."""
    if sys.platform != "linux":
        return False
    wanted, own = os.path.realpath(path), str(os.getpid())
    processes = (entry for entry in os.scandir("/proc") if entry.name.isdigit() and entry.name != own)
    return any(_holds(entry.path, wanted) for entry in processes)


def _holds(process: str, wanted: str) -> bool:
    try:
        handles = os.scandir(f"{process}/fd")
    except OSError:
        return False
    with handles:
        return any(_target(handle.path) == wanted for handle in handles)


def _target(link: str) -> str:
    try:
        return os.readlink(link)  # noqa: PTH115 - thousands of them: no Path objects
    except OSError:
        return ""
