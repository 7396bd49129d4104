"""A Google Sheet on the emulator, in this process, with a person at it who uses the sheet's own calls."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from functools import partial
from random import Random
from typing import Any

import google.oauth2.credentials

from agent.ports import Clock
from agent.practice.google import AGENT, SELLER, Google, Request, handle
from agent.practice.in_process import InProcess
from agent.workbooks.cells import Cell, cell_of
from agent.workbooks.google import GoogleWorkbook, Session
from agent.workbooks.google.reading import serial_of
from agent.workbooks.memory_tabs import Entry, Typed

FORMATS = {
    "zeros": {"type": "NUMBER", "pattern": "0000"},
    "percent": {"type": "PERCENT", "pattern": "0%"},
    "text": {"type": "TEXT"},
    "scientific": {"type": "SCIENTIFIC", "pattern": "0.00E+00"},
}
DAY, MOMENT = {"type": "DATE", "pattern": "yyyy-mm-dd"}, {"type": "DATE_TIME", "pattern": "yyyy-mm-dd hh:mm:ss"}


class Person:
    """Somebody who may edit a spreadsheet, by calls of their own."""

    def __init__(self, google: Google, book_id: str, email: str = SELLER) -> None:
        self.google, self.id = google, book_id
        self._token = google.accept(f"practice-{email}", email)

    def call(self, method: str, path: str, body: object = None) -> Any:
        """One call; its answer."""
        url = f"https://sheets.googleapis.com/v4/spreadsheets/{self.id}{path}"
        headers = {"authorization": f"Bearer {self._token}"}
        data = b"" if body is None else json.dumps(body).encode()
        answer = handle(self.google, Request.of(method, url, headers, data))
        assert answer.status == 200, answer.body
        return json.loads(answer.body)

    def does(self, *requests: Mapping[str, Any]) -> None:
        """One batchUpdate."""
        self.call("POST", ":batchUpdate", {"requests": list(requests)})

    def sheets(self) -> dict[str, Mapping[str, Any]]:
        """title -> properties."""
        found = self.call("GET", "?fields=sheets(properties)")
        return {one["properties"]["title"]: one["properties"] for one in found["sheets"]}

    def grid(self, title: str) -> list[list[Mapping[str, Any]]]:
        """The cells of a tab, and of its hidden rows nothing."""
        mask = (
            "sheets(data(rowData(values(userEnteredValue,effectiveValue,effectiveFormat(numberFormat))),rowMetadata))"
        )
        answer = self.call("GET", f"?includeGridData=true&ranges='{title}'&fields={mask}")
        data = answer["sheets"][0]["data"][0]
        about = data.get("rowMetadata", [])
        rows = [one.get("values", []) for one in data.get("rowData", [])]
        return [[] if at < len(about) and about[at].get("hiddenByUser") else row for at, row in enumerate(rows)]

    def types(self, sheet_id: int, row: int, column: int, entry: Entry) -> None:
        """Into one cell (from 0)."""
        start = {"sheetId": sheet_id, "rowIndex": row, "columnIndex": column}
        self.does({"updateCells": {"start": start, "rows": [{"values": [entered(entry)]}], "fields": fields(entry)}})


def fields(entry: Entry) -> str:
    typed = entry if isinstance(entry, Typed) else Typed(entry)
    dated = isinstance(typed.value, dt.date)
    return "userEnteredValue,userEnteredFormat.numberFormat" if dated or typed.format else "userEnteredValue"


def entered(entry: Entry) -> dict[str, Any]:
    """A cell as a person leaves it."""
    typed = entry if isinstance(entry, Typed) else Typed(entry)
    value, look = typed.value, FORMATS.get(typed.format or "")
    made: dict[str, Any] = {}
    if typed.formula:
        made["userEnteredValue"] = {"formulaValue": '=""'}
    elif isinstance(value, bool):
        made["userEnteredValue"] = {"boolValue": value}
    elif isinstance(value, dt.date):
        moment = value if isinstance(value, dt.datetime) else dt.datetime.combine(value, dt.time())
        look = MOMENT if isinstance(value, dt.datetime) else DAY
        made["userEnteredValue"] = {"numberValue": serial_of(moment)}
    elif isinstance(value, int | float):
        made["userEnteredValue"] = {"numberValue": value}
    elif value is not None:
        made["userEnteredValue"] = {"stringValue": str(value)}
    return made | ({"userEnteredFormat": {"numberFormat": look}} if look else {})


def seen(cell: Mapping[str, Any]) -> Cell:
    """A cell as the person sees it."""
    value = next(iter(cell.get("effectiveValue", {}).values()), None)
    formula = "formulaValue" in cell.get("userEnteredValue", {})
    kind = cell.get("effectiveFormat", {}).get("numberFormat", {}).get("type", "")
    if isinstance(value, int | float) and not isinstance(value, bool) and kind.startswith("DATE"):
        return cell_of(dt.datetime(1899, 12, 30) + dt.timedelta(seconds=round(value * 86400)), formula)
    return cell_of(float(value) if isinstance(value, int) and not isinstance(value, bool) else value, formula)


class Desk:
    """An emulator, one shared sheet, the agent's workbook on it, and the seller."""

    def __init__(self, clock: Clock, seed: int = 1, **options: Any) -> None:
        self.google = Google(clock=clock.now, rng=Random(seed))
        self.id = self.google.new_book("Stock", share={AGENT: "writer"}).id
        self.person = Person(self.google, self.id)
        self.clock, self.options = clock, options
        self.book = self.agents()

    def agents(self, me: str = "this computer") -> GoogleWorkbook:
        """A workbook of an agent's on the sheet."""
        session = Session(transport=InProcess(partial(handle, self.google)))
        session.credentials = google.oauth2.credentials.Credentials(self.google.accept(f"practice-{me}", AGENT))
        return GoogleWorkbook(
            self.id, session, self.clock, **{"me": me, "zone": dt.UTC, "rng": Random(1), "settle": 0.0, **self.options}
        )

    def give(self, sheets: Mapping[str, Sequence[Sequence[Entry]]]) -> None:
        """The sheet has these tabs and no others, from A1 on."""
        old = self.person.sheets()
        made: list[dict[str, Any]] = []
        for number, (title, grid) in enumerate(sheets.items(), 100):
            size = {"rowCount": max(30, len(grid) + 5), "columnCount": max(map(len, grid)) + 3}
            made.append({"addSheet": {"properties": {"sheetId": number, "title": title, "gridProperties": size}}})
            rows = [{"values": [entered(entry) for entry in row]} for row in grid]
            start = {"sheetId": number, "rowIndex": 0, "columnIndex": 0}
            wanted = "userEnteredValue,userEnteredFormat.numberFormat"
            made.append({"updateCells": {"start": start, "rows": rows, "fields": wanted}})
        self.person.does(*made, *({"deleteSheet": {"sheetId": one["sheetId"]}} for one in old.values()))
