"""Copies of the workbook as it was before each write: the first ever, the last ten, one a day for thirty days."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from agent.workbooks.xlsx.publish import write_new

LAST = 10
DAYS = 30
_STAMP = "%Y-%m-%d %H.%M.%S"
_STAMP_LENGTH = len("2026-11-22 14.03.05")


def back_up(folder: Path, name: str, content: bytes, now: datetime) -> Path:
    """Keep this content, and clear out what is older than the rule keeps. Raises OSError. `now`: aware."""
    folder.mkdir(parents=True, exist_ok=True)
    first = folder / f"first - {name}"
    if not first.exists():
        write_new(first, content)
        return first
    made = folder / f"{now.astimezone():{_STAMP}}.{now.microsecond // 1000:03d} - {name}"
    write_new(made, content)
    _clear(folder, name, now)
    return made


def backups(folder: Path, name: str) -> list[Path]:
    """The stamped copies, newest first."""
    found = [p for p in folder.glob(f"*{_escaped(name)}") if _stamp(p) and p.name.endswith(f" - {name}")]
    return sorted(found, reverse=True)


def _escaped(name: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)


def _stamp(path: Path) -> datetime | None:
    try:
        return datetime.strptime(path.name[:_STAMP_LENGTH], _STAMP).astimezone()
    except ValueError:
        return None


def _clear(folder: Path, name: str, now: datetime) -> None:
    seen_days: set[str] = set()
    for number, path in enumerate(backups(folder, name)):
        day, stamp = path.name[:10], _stamp(path)
        young = stamp is not None and now - stamp < timedelta(days=DAYS)
        if number >= LAST and (day in seen_days or not young):
            path.unlink(missing_ok=True)
        seen_days.add(day)
