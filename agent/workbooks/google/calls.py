"""Every call to Google: time limits, retries, the budget a minute, and what a bad answer means (google-sheets.md 1, 3).

gspread makes the calls; one attempt is one call of its `HTTPClient`, in a thread. Waiting between attempts is done
here, on the injected clock, so that nothing blocks the agent and all runs under a virtual clock.

A write of cells may be repeated: it is the same however often it is applied. One that makes room for rows, or makes a
tab, is not, and is never repeated where Google may have done it: the next look says what became of it.

Its own policy instead of gspread's BackOffHTTPClient, which never gives up, repeats what cannot be repeated, and does
not repeat lost connections.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal, TypeVar

import google.auth.exceptions
import gspread
import httpx
from gspread.exceptions import APIError
from gspread.urls import DRIVE_FILES_API_V3_URL, SPREADSHEET_URL, SPREADSHEET_VALUES_URL

from agent.ports import Clock
from agent.words import say
from agent.workbooks.base import WorkbookOut
from agent.workbooks.google.session import Session

log = logging.getLogger(__name__)
T = TypeVar("T")
Kind = Literal["read", "write", "drive"]
Json = Any

BUDGET: dict[Kind, int] = {"read": 45, "write": 45, "drive": 600}
"""Calls a minute, of the 60 and 60 that Google gives one account: then a refusal is the exception."""
MINUTE = 60.0
FIRST, LONGEST = 1.0, 64.0
"""Seconds of back-off, full jitter."""
PATIENCE: dict[Kind, float] = {"read": 45.0, "write": 12.0, "drive": 5.0}
"""Seconds that one call is repeated; a write stands at the end of a cycle, and must not hold up the next one."""
AGAIN = (408, 429, 500, 502, 503, 504)
SAME_TWICE = ("updateCells", "updateDimensionProperties", "updateSheetProperties")
"""Requests that may be applied twice."""
SLOW_DOWN = ("rateLimitExceeded", "userRateLimitExceeded")
META = (
    "properties(title,timeZone,locale),"
    "sheets(properties(sheetId,title,index,hidden,gridProperties(rowCount,columnCount)),"
    "protectedRanges(protectedRangeId),filterViews(filterViewId),charts(chartId),conditionalFormats),"
    "namedRanges(namedRangeId,name)"
)
GRID = (
    "sheets(properties(sheetId),data(startRow,startColumn,"
    "rowData(values(userEnteredValue(formulaValue),effectiveValue,effectiveFormat(numberFormat)))))"
)


class SheetOut(WorkbookOut):
    """The sheet cannot be reached now. `kind`: access (needs a person), host (waits), gone, protected, refused."""

    def __init__(self, kind: str, what: str, fix: str) -> None:
        super().__init__(what, fix)
        self.kind = kind


@dataclass
class Used:
    """How much of the budget was used: of the last minute, and since the start."""

    last: dict[Kind, deque[float]] = field(default_factory=lambda: {kind: deque() for kind in BUDGET})
    calls: dict[Kind, int] = field(default_factory=lambda: dict.fromkeys(BUDGET, 0))
    repeated: int = 0
    sent: int = 0
    """Bytes of bodies."""

    def minute(self, kind: Kind, now: float) -> int:
        """Calls within the last minute."""
        last = self.last[kind]
        while last and now - last[0] >= MINUTE:
            last.popleft()
        return len(last)


class Calls:
    """The calls about one spreadsheet. Raises SheetOut (a WorkbookOut) from each."""

    def __init__(self, sheet_id: str, session: Session, clock: Clock, rng: Random | None = None) -> None:
        self.sheet_id = sheet_id
        self.used = Used()
        self.hasty = False
        """A write is under way, and a cycle waits for it: reads of it are no more patient than it is."""
        self._session, self._clock, self._rng = session, clock, rng or Random()
        # gspread asks of a session only what `Session` has, and needs no credentials beside it
        self.client = gspread.Client(None, session=session).http_client  # type: ignore[arg-type]
        self._one = asyncio.Lock()

    async def meta(self) -> Json:
        """Tabs, their sizes, and what hangs on them."""
        return await self._json("read", "get", SPREADSHEET_URL % self.sheet_id, params={"fields": META})

    async def values(self, ranges: Sequence[Mapping[str, int]]) -> list[list[list[Json]]]:
        """Typed values of these grid ranges, each from its own first row and column on; dates as serial days.

        By sheet id, so that a renamed tab is found.
        """
        if not ranges:
            return []
        url = SPREADSHEET_VALUES_URL.rpartition("/values/")[0] % self.sheet_id + "/values:batchGetByDataFilter"
        body = {
            "dataFilters": [{"gridRange": dict(one)} for one in ranges],
            "valueRenderOption": "UNFORMATTED_VALUE",
            "dateTimeRenderOption": "SERIAL_NUMBER",
            "majorDimension": "ROWS",
        }
        found = await self._json("read", "post", url, json=body)
        return _in_order(ranges, found.get("valueRanges", []))

    async def grid(self, ranges: Sequence[Mapping[str, int]]) -> Json:
        """Values with formulas and number formats of these grid ranges: `sheets` as Google gives them."""
        body = {"dataFilters": [{"gridRange": dict(one)} for one in ranges], "includeGridData": True}
        url = f"{SPREADSHEET_URL % self.sheet_id}:getByDataFilter"
        return await self._json("read", "post", url, json=body, params={"fields": GRID})

    async def update(self, requests: Sequence[Mapping[str, Any]]) -> Json:
        """One batchUpdate: all of it or nothing."""
        body = {"requests": list(requests), "includeSpreadsheetInResponse": False}
        same = all(name in SAME_TWICE for one in requests for name in one)
        return await self._made("write", lambda: self.client.batch_update(self.sheet_id, body), same=same)

    async def file(self) -> Json:
        """What Drive says: `version` rises with every change, some of them late; `capabilities.canEdit`."""
        params = {"fields": "id,name,version,trashed,capabilities(canEdit)", "supportsAllDrives": True}
        return await self._json("drive", "get", f"{DRIVE_FILES_API_V3_URL}/{self.sheet_id}", params=params)

    async def pause(self, seconds: float) -> None:
        """Wait on the injected clock."""
        await self._clock.sleep(seconds)

    async def travel(self, call: Callable[[], T]) -> T:
        """One attempt of a call, there and back; in a thread."""
        return await self.run(call)

    async def run(self, work: Callable[[], T]) -> T:
        """Long work off the event loop; at once where everything is in this process."""
        return work() if self._session.in_process else await asyncio.to_thread(work)

    def close(self) -> None:
        """Let go of the connections."""
        self._session.close()

    # --- within

    async def _json(self, kind: Kind, method: str, url: str, **more: Any) -> Json:
        return await self._made(kind, lambda: self.client.request(method, url, **more).json())

    async def _made(self, kind: Kind, call: Callable[[], Json], *, same: bool = True) -> Json:
        async with self._one:  # the account's budget is the limit, not the line
            began = self._clock.monotonic()
            for attempt in range(100):
                await self._budget(kind)
                failed = await self._attempt(kind, call)
                if not isinstance(failed, Exception):
                    return failed
                wait = self._rng.uniform(0, min(LONGEST, FIRST * 2**attempt)) + _asked_to_wait(failed)
                patience = min(PATIENCE[kind], PATIENCE["write"]) if self.hasty else PATIENCE[kind]
                late = self._clock.monotonic() - began + wait > patience
                if late or not _may_repeat(failed) or not (same or _not_done(failed)):
                    raise told(failed) from None
                self.used.repeated += 1
                await self._clock.sleep(wait)
        raise AssertionError("the clock stands still")

    async def _attempt(self, kind: Kind, call: Callable[[], Json]) -> Json | Exception:
        self.used.calls[kind] += 1
        self.used.last[kind].append(self._clock.monotonic())
        try:
            return await self.travel(call)
        except (APIError, httpx.HTTPError, google.auth.exceptions.GoogleAuthError, ValueError) as error:
            log.debug("a call to Google failed: %s", type(error).__name__)
            return error

    async def _budget(self, kind: Kind) -> None:
        """Wait until the last minute has room for one call more."""
        now = self._clock.monotonic()
        if self.used.minute(kind, now) >= BUDGET[kind]:
            await self._clock.sleep(MINUTE - (now - self.used.last[kind][0]))


def _in_order(ranges: Sequence[Mapping[str, int]], found: Sequence[Json]) -> list[list[list[Json]]]:
    """The values in the order of the question, whatever the order of the answer."""
    said: dict[tuple[int, ...], list[list[Json]]] = {}
    for one in found:
        values = one.get("valueRange", {}).get("values", [])
        said |= {_same(each.get("gridRange", {})): values for each in one.get("dataFilters", ())}
    return [said.get(_same(one), []) for one in ranges]


def _same(place: Mapping[str, int]) -> tuple[int, ...]:
    names = ("startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex")
    return (place.get("sheetId", 0), *(place.get(n, 0 if n.startswith("start") else -1) for n in names))


# --- what a bad answer means


def _may_repeat(failed: Exception) -> bool:
    if isinstance(failed, APIError):
        if failed.response.status_code == 403:
            return any(reason in SLOW_DOWN for reason in _reasons(failed))
        return failed.response.status_code in AGAIN
    if isinstance(failed, google.auth.exceptions.RefreshError):
        return bool(getattr(failed, "retryable", False))
    return isinstance(failed, httpx.TransportError | google.auth.exceptions.TransportError | ValueError)


def _not_done(failed: Exception) -> bool:
    """Google, or what stands before it, has certainly done nothing of it."""
    if isinstance(failed, APIError):
        return failed.response.status_code in (403, 429)
    return isinstance(failed, httpx.ConnectError | httpx.ConnectTimeout | google.auth.exceptions.TransportError)


def _reasons(failed: APIError) -> list[str]:
    error = failed.error if isinstance(failed.error, Mapping) else {}
    return [str(one.get("reason")) for one in error.get("errors", ()) if isinstance(one, Mapping)]


def _asked_to_wait(failed: Exception) -> float:
    said = failed.response.headers.get("Retry-After", "") if isinstance(failed, APIError) else ""
    return float(said) if said.isdigit() else 0.0


def told(failed: Exception) -> SheetOut:
    """The plain sentences of a call that failed."""
    kind, code = _kind(failed)
    detail = _detail(failed)
    words = say(code, {"detail": detail})
    return SheetOut(kind, words.what, words.fix)


def _kind(failed: Exception) -> tuple[str, str]:
    if isinstance(failed, google.auth.exceptions.RefreshError):
        return "access", "google_access_ended"
    if not isinstance(failed, APIError):
        return "host", "google_unreachable"
    status = failed.response.status_code
    if status == 429 or any(reason in SLOW_DOWN for reason in _reasons(failed)):
        return "host", "google_busy"
    if status in AGAIN:
        return "host", "google_unreachable"
    if "protected" in _detail(failed).lower():
        return "protected", "google_protected"
    return _STATUS.get(status, ("refused", "google_refused"))


_STATUS = {
    401: ("access", "google_access_ended"),
    403: ("access", "google_not_shared"),
    404: ("gone", "google_gone"),
}


def _detail(failed: Exception) -> str:
    if isinstance(failed, APIError):
        error = failed.error if isinstance(failed.error, Mapping) else {}
        return str(error.get("message", ""))[:200]
    return type(failed).__name__
