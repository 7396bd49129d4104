"""What a person should know as long as it stands: an export that is late or was passed over, a file that waits."""

from __future__ import annotations

from datetime import datetime, timedelta

from agent.channels.base import Standing
from agent.channels.files.place import FROM, TO, Place
from agent.channels.files.reader import Shown
from agent.words import in_words


def notes(name: str, place: Place, shown: Shown, passed: str | None, *, lag: float, now: datetime) -> list[Standing]:
    """`passed`: why the newest file is not used. `lag`: seconds after which an export is late."""
    made, found = shown.export.at, []
    if passed:
        found.append(Standing("passed", passed, in_words("files.fix_passed", at=made.isoformat())))
    if now - made > timedelta(seconds=lag):
        what = in_words("files.late", name=name, age=_age(now - made), at=made.isoformat())
        found.append(Standing("late", what, in_words("files.fix_export", folder=place.folder(FROM))))
    return [*found, *_waiting(name, place, shown, now)]


def _waiting(name: str, place: Place, shown: Shown, now: datetime) -> list[Standing]:
    """Import files that nobody has carried away yet."""
    found = []
    for file in sorted({each.file for each in shown.left.values() if not each.taken}):
        mine = [each for each in shown.left.values() if each.file == file]
        since = min(datetime.fromisoformat(each.at) for each in mine)
        facts: dict[str, object] = {"file": file, "count": len(mine), "at": since.isoformat(), "age": _age(now - since)}
        what = in_words("files.waits", name=name, **facts)
        found.append(Standing("waits", what, in_words("files.fix_waits", folder=place.folder(TO))))
    return found


def _age(age: timedelta) -> str:
    hours = int(age.total_seconds() // 3600)
    if hours >= 48:
        return in_words("files.days", count=hours // 24)
    return (
        in_words("files.hours", count=hours)
        if hours >= 2
        else in_words("files.minutes", count=int(age.total_seconds() // 60))
    )
