"""The eleven open questions about Google Sheets (google-sheets.md section 9), each asked of the real thing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gspread.exceptions import APIError
from gspread.urls import SPREADSHEET_URL

from agent.workbooks.google.calls import Calls
from agent.workbooks.google.marks import fixed_id
from agent.workbooks.google.shape import area, cells, rows_at

TAB = "Stocksheet probe"
ID = fixed_id(TAB)
GRID = {"rowCount": 20, "columnCount": 6}
Request = Mapping[str, Any]


@dataclass(frozen=True)
class Finding:
    """One question and what Google did."""

    number: int
    question: str
    answer: str


class Asker:
    """Calls that tell a refusal instead of raising it."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        self.client = calls.client

    async def call(self, method: str, path: str, **more: Any) -> tuple[int, Any, Mapping[str, str]]:
        """(status, body, headers)."""

        def work() -> tuple[int, Any, Mapping[str, str]]:
            try:
                answer = self.client.request(method, f"{SPREADSHEET_URL % self.calls.sheet_id}{path}", **more)
            except APIError as error:
                return error.response.status_code, error.error, error.response.headers
            return answer.status_code, answer.json(), answer.headers

        return await self.calls.run(work)

    async def update(self, *requests: Request) -> tuple[int, Any]:
        """One batchUpdate."""
        status, body, _ = await self.call("post", ":batchUpdate", json={"requests": list(requests)})
        return status, body

    async def values(self, where: str, render: str = "UNFORMATTED_VALUE") -> Any:
        """The values of a range."""
        _, body, _ = await self.call("get", f"/values/{where}", params={"valueRenderOption": render})
        return body.get("values")

    async def put(self, where: str, values: object, option: str = "RAW") -> tuple[int, Any]:
        """values.update."""
        status, body, _ = await self.call(
            "put", f"/values/{where}", params={"valueInputOption": option}, json={"values": values}
        )
        return status, body


async def probe(calls: Calls, wait: float = 0) -> list[Finding]:
    """Ask the eleven open questions on a real sheet. `wait`: seconds for a person to edit a cell (question 2)."""
    ask = Asker(calls)
    found = []
    questions: list[tuple[str, Callable[[Asker], Awaitable[str]]]] = [
        ("Does row metadata follow a sort?", _sorted_metadata),
        ("How late do version and modifiedTime tell of an edit?", lambda one: _lag(one, wait)),
        ("Does creating metadata with a known id fail the whole batch?", _same_metadata),
        ("How much metadata may a tab have?", _much_metadata),
        ("What becomes of RAW 00123 in a General and in a TEXT cell?", _zeros),
        ("How does a read by sheet id trim, and in which order does it answer?", _by_id),
        ("What does adding a table answer?", _table),
        ("How is a write into a protected range refused?", _protected),
        ("May a tab shrink below a filter or a protected range?", _shrink),
        ("What does a 429 look like?", _too_many),
        ("Does a write beyond the grid grow it?", _beyond),
    ]
    await ask.update({"deleteSheet": {"sheetId": ID}})  # of a probe that was cut short
    for number, (question, answer) in enumerate(questions, 1):
        await ask.update({"addSheet": {"properties": {"sheetId": ID, "title": TAB, "gridProperties": GRID}}})
        try:
            said = await answer(ask)
        except (APIError, KeyError, IndexError, TypeError, ValueError) as error:
            said = f"the question itself failed: {type(error).__name__} {str(error)[:150]}"
        found.append(Finding(number, question, said))
        await ask.update({"deleteSheet": {"sheetId": ID}})
    return found


def _refusal(status: int, body: Any) -> str:
    message = body.get("message", "") if isinstance(body, Mapping) else ""
    return f"{status} {str(message)[:160]}".strip()


def _row_metadata(key: str, row: int, **more: object) -> Request:
    where = {"dimensionRange": rows_at(ID, row, row + 1)}
    about = {"metadataKey": key, "metadataValue": key, "location": where, "visibility": "DOCUMENT", **more}
    return {"createDeveloperMetadata": {"developerMetadata": about}}


async def _sorted_metadata(ask: Asker) -> str:
    await ask.update(cells(ID, 0, 0, [["b"], ["a"]]), _row_metadata("of-b", 0))
    spec = {"dimensionIndex": 0, "sortOrder": "ASCENDING"}
    status, body = await ask.update({"sortRange": {"range": area(ID, 0, 2, 0, 1), "sortSpecs": [spec]}})
    if status != 200:
        return _refusal(status, body)
    look = {"dataFilters": [{"developerMetadataLookup": {"metadataKey": "of-b"}}]}
    _, said, _ = await ask.call("post", "/developerMetadata:search", json=look)
    found = said["matchedDeveloperMetadata"][0]["developerMetadata"]["location"]["dimensionRange"]
    return f"after sorting, b stands in row 2 and its metadata in row {found.get('startIndex', 0) + 1}"


async def _lag(ask: Asker, wait: float) -> str:
    before = await ask.calls.file()
    await ask.update(cells(ID, 0, 0, [["x"]]))
    own = await ask.calls.file()
    told = (
        f"after our own write the version {'moved at once' if own['version'] != before['version'] else 'stood still'}"
    )
    if not wait:
        return f"{told}; for a person's edits run it with --wait 240 and type into a cell"
    return f"{told}; a person's edit was told after {await _until_moved(ask, own['version'], wait)}"


async def _until_moved(ask: Asker, version: str, wait: float) -> str:
    spent = 0.0
    while spent < wait:
        await ask.calls.pause(5)
        spent += 5
        if (await ask.calls.file())["version"] != version:
            return f"{spent:.0f} s"
    return f"more than {wait:.0f} s, or nobody typed"


async def _same_metadata(ask: Asker) -> str:
    await ask.update(_row_metadata("once", 0, metadataId=4711))
    status, body = await ask.update(cells(ID, 0, 0, [["x"]]), _row_metadata("once", 1, metadataId=4711))
    applied = bool(await ask.values(f"'{TAB}'!A1"))
    return f"{_refusal(status, body)}; the rest of the batch was {'done' if applied else 'not done'}"


async def _much_metadata(ask: Asker) -> str:
    size = 0
    for row in range(8):
        status, body = await ask.update(_row_metadata(f"k{row}", row, metadataValue="x" * 5000))
        if status != 200:
            return f"{size} characters were taken; then {_refusal(status, body)}"
        size += 5000
    return f"{size} characters were taken"


async def _zeros(ask: Asker) -> str:
    look = {"userEnteredFormat": {"numberFormat": {"type": "TEXT"}}}
    fields = "userEnteredFormat.numberFormat"
    await ask.update({"repeatCell": {"range": area(ID, 0, 1, 1, 2), "cell": look, "fields": fields}})
    await ask.put(f"'{TAB}'!A1:B1", [["00123", "00123"]])
    raw = (await ask.values(f"'{TAB}'!A1:B1"), await ask.values(f"'{TAB}'!A1:B1", "FORMATTED_VALUE"))
    await ask.put(f"'{TAB}'!A1:B1", [["00123", "00123"]], "USER_ENTERED")
    typed = await ask.values(f"'{TAB}'!A1:B1")
    return f"RAW reads {raw[0]} and shows {raw[1]}; as typed it reads {typed}"


async def _by_id(ask: Asker) -> str:
    await ask.update(cells(ID, 1, 1, [["x"]]))
    filters = [{"gridRange": area(ID, 5, 6, 0, 2)}, {"gridRange": {"sheetId": ID}}]
    body = {"dataFilters": filters, "valueRenderOption": "UNFORMATTED_VALUE"}
    status, said, _ = await ask.call("post", "/values:batchGetByDataFilter", json=body)
    if status != 200:
        return _refusal(status, said)
    told = [(one["valueRange"].get("range"), one["valueRange"].get("values")) for one in said["valueRanges"]]
    echoed = [one.get("dataFilters") for one in said["valueRanges"]]
    return f"{told}; asked for row 6 first, then all; filters echoed: {echoed}"


async def _table(ask: Asker) -> str:
    await ask.update(cells(ID, 0, 0, [["SKU", "Counted"], ["A", 1]]))
    columns = [{"columnIndex": i, "columnName": name} for i, name in enumerate(("SKU", "Counted"))]
    table = {"name": "Probe", "range": area(ID, 0, 2, 0, 2), "columnProperties": columns}
    status, body = await ask.update({"addTable": {"table": table}})
    if status != 200:
        return _refusal(status, body)
    status, said = await ask.update(cells(ID, 2, 0, [["B", 2]]))
    return f"{str(body.get('replies'))[:200]}; cells below it: {_refusal(status, said)}"


async def _protected(ask: Asker) -> str:
    """Only somebody else's protection refuses us; ours shows what Google makes of it."""
    lock = {"protectedRange": {"range": area(ID, 0, 1, 0, 1), "editors": {"users": []}}}
    status, body = await ask.update({"addProtectedRange": lock})
    if status != 200:
        return _refusal(status, body)
    made = body["replies"][0]["addProtectedRange"]["protectedRange"]
    status, said = await ask.update(cells(ID, 0, 0, [["x"]]))
    told = f"requestingUserCanEdit={made.get('requestingUserCanEdit')}, editors={made.get('editors')}"
    return f"{told}; our own write: {_refusal(status, said)}"


async def _shrink(ask: Asker) -> str:
    filtered = {"setBasicFilter": {"filter": {"range": area(ID, 0, 15, 0, 2)}}}
    await ask.update(filtered, {"addProtectedRange": {"protectedRange": {"range": area(ID, 9, 18, 0, 2)}}})
    about = {"sheetId": ID, "gridProperties": {"rowCount": 5}}
    shrink = {"updateSheetProperties": {"properties": about, "fields": "gridProperties.rowCount"}}
    return _refusal(*await ask.update(shrink)) + " for 20 rows made 5 under a filter of 15"


async def _too_many(ask: Asker) -> str:
    for number in range(75):
        status, body, headers = await ask.call("get", f"/values/'{TAB}'!A1")
        if status == 429:
            said = {name: value for name, value in headers.items() if name.lower() in ("retry-after", "content-type")}
            await ask.calls.pause(65)
            return f"at call {number + 1}: {_refusal(status, body)}; headers {said}"
    return "75 reads in a row were all answered"


async def _beyond(ask: Asker) -> str:
    status, body = await ask.put(f"'{TAB}'!A25", [["x"]])
    return f"values.update into row 25 of 20: {_refusal(status, body)}"
