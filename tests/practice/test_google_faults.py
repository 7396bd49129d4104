"""What the practice Google refuses, in Google's words, and what can go wrong on the way to it."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest

from agent.practice.google import AGENT, SELLER, ConnectionLost, Google, Person, transport
from agent.practice.google.demo import PRIVATE, filled, told
from tests.practice.google_stage import TOKEN, Stage


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_the_sixty_first_read_of_a_minute_is_refused_with_google_s_429_and_writes_are_counted_apart(stage):
    stage.google.faults.reads_a_minute = stage.google.faults.writes_a_minute = 60
    for _ in range(60):
        stage.read("Sheet1")
    refused = stage.call("GET", f"{stage.path}/values/Sheet1")
    assert (refused.status, refused.body["error"]["status"]) == (429, "RESOURCE_EXHAUSTED")
    assert refused.message == (
        "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute per user' of service "
        "'sheets.googleapis.com' for consumer 'project_number:1000000000000'."
    )
    info = refused.body["error"]["details"][0]
    assert (info["reason"], info["metadata"]["quota_limit"]) == ("RATE_LIMIT_EXCEEDED", "ReadRequestsPerMinutePerUser")
    assert "Retry-After" not in refused.headers
    assert stage.write("Sheet1!A1", [["x"]]).status == 200
    stage.clock.pass_(60)
    assert stage.read("Sheet1") == [["x"]]


def test_other_users_have_a_quota_of_their_own_until_the_project_s_is_used_up(stage):
    stage.google.faults.reads_a_minute = 2
    stage.google.faults.writes_a_minute = 2
    stage.google.faults.project_a_minute = 3
    stage.google.accept("seller", SELLER)
    assert [stage.call("GET", stage.path).status for _ in range(3)] == [200, 200, 429]
    told = [stage.call("GET", stage.path, token="seller") for _ in range(2)]
    assert [each.status for each in told] == [200, 429]
    assert told[1].body["error"]["details"][0]["metadata"]["quota_limit"] == "ReadRequestsPerMinutePerProject"


def test_a_503_before_changes_nothing_and_a_503_after_has_changed_everything(stage):
    stage.google.faults.unavailable = 1
    refused = stage.write("Sheet1!A1", [["before"]])
    assert (refused.status, refused.message) == (503, "The service is currently unavailable.")
    assert stage.read("Sheet1") == []
    stage.google.faults.unavailable_after_apply = 1
    assert stage.write("Sheet1!A1", [["after"]]).status == 503
    assert stage.read("Sheet1") == [["after"]]


def test_the_line_can_break_before_and_after_a_write(stage):
    stage.google.faults.answer_lost_before_apply = 1
    with pytest.raises(ConnectionLost):
        stage.write("Sheet1!A1", [["before"]])
    stage.google.faults.answer_lost_after_apply = 1
    with pytest.raises(ConnectionLost):
        stage.write("Sheet1!B1", [["after"]])
    assert stage.read("Sheet1") == [["", "after"]]


def test_other_troubles_come_in_the_form_that_google_and_its_front_ends_give_them(stage):
    faults = stage.google.faults
    faults.bad_gateway, faults.internal_error, faults.throttled, faults.expired_token = 1, 1, 1, 1
    faults.retry_after = 7
    first = stage.call("GET", stage.path)
    assert (first.status, first.headers["Content-Type"]) == (502, "text/html; charset=UTF-8")
    assert stage.call("GET", stage.path).message == "Internal error encountered."
    assert stage.call("GET", stage.path).body["error"]["status"] == "UNAUTHENTICATED"
    third = stage.call("GET", stage.path)
    assert (third.status, third.headers["Retry-After"]) == (429, "7")
    faults.drive_throttled = 1
    drive = stage.call("GET", f"/drive/v3/files/{stage.book.id}")
    assert (drive.status, drive.body["error"]["errors"][0]["reason"]) == (403, "userRateLimitExceeded")
    faults.truncated = 1
    assert isinstance(stage.google, Google)
    with pytest.raises(json.JSONDecodeError):
        stage.call("GET", stage.path)


def test_a_slow_google_answers_in_its_time_and_a_client_that_stopped_waiting_was_heard(stage):
    slept = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await asyncio.sleep(0)

    stage.google.sleep = sleep
    stage.google.faults.slow = 8

    async def go() -> int:
        async with httpx.AsyncClient(transport=transport(stage.google)) as client:
            url = f"https://sheets.googleapis.com{stage.path}/values/A1?valueInputOption=RAW"
            body = {"values": [["slow"]]}
            return (await client.put(url, json=body, headers={"Authorization": f"Bearer {TOKEN}"})).status_code

    assert asyncio.run(go()) == 200
    assert slept == [4, 4]
    assert stage.read("A1") == [["slow"]]


def test_drive_hears_of_changes_late_where_it_lags(stage):
    path = f"/drive/v3/files/{stage.book.id}"

    def look() -> tuple[int, str]:
        found = stage.call("GET", path, fields="version,modifiedTime").body
        return int(found["version"]), found["modifiedTime"]

    stage.google.faults.drive_lag = 180
    first = look()
    stage.clock.pass_(10)
    Person(stage.google, stage.book).types_at("Sheet1", "A1", "x")
    assert stage.read("A1") == [["x"]]
    stage.clock.pass_(179)
    assert look() == first
    stage.clock.pass_(1)
    assert look() > first
    stage.google.faults.drive_lag = 0
    before = look()
    stage.read("A1")
    assert look() == before  # reading changes nothing


def test_roles_and_their_loss_are_felt_at_once(stage):
    stage.google.share(stage.book.id, AGENT, "reader")
    assert stage.read("A1") == []
    refused = stage.write("A1", [["x"]])
    assert (refused.status, refused.message) == (403, "The caller does not have permission")
    capabilities = stage.call("GET", f"/drive/v3/files/{stage.book.id}", fields="capabilities(canEdit)").body
    assert capabilities == {"capabilities": {"canEdit": False}}
    stage.google.revoke(stage.book.id, AGENT)
    assert stage.call("GET", stage.path).status == 403
    gone = stage.call("GET", f"/drive/v3/files/{stage.book.id}")
    assert (gone.status, gone.message) == (404, f"File not found: {stage.book.id}.")


def test_without_a_good_token_nothing_is_told(stage):
    assert stage.call("GET", stage.path, token="made-up").status == 401
    token = stage.google.new_token(AGENT)
    assert stage.call("GET", stage.path, token=token).status == 200
    stage.clock.pass_(3600)
    assert stage.call("GET", stage.path, token=token).status == 401


def test_too_much_is_refused_in_google_s_words(stage):
    long = stage.write("A1", [["x" * 50_001]])
    assert long.message == "Your input contains more than the maximum of 50000 characters in a single cell."
    assert stage.write("A1", [["x" * 50_000]]).status == 200
    big = stage.write("A1", [["x" * 40_000] * 26] * 11)
    assert big.message == "Request payload size exceeds the limit: 10485760 bytes."
    many = stage.batch({"addSheet": {"properties": {"gridProperties": {"rowCount": 500_000, "columnCount": 20}}}})
    assert many.message == (
        "Invalid requests[0].addSheet: This action would increase the number of cells in the workbook above the "
        "limit of 10000000 cells."
    )
    assert stage.batch({"appendDimension": {"sheetId": 0, "dimension": "ROWS", "length": 400_000}}).status == 400
    assert stage.batch({"appendDimension": {"sheetId": 0, "dimension": "ROWS", "length": 300_000}}).status == 200


def test_a_batch_is_done_as_a_whole_or_not_at_all(stage):
    stage.write("A1:B2", [["a", "b"], ["c", "d"]])
    cells = {"rows": [{"values": [{"userEnteredValue": {"stringValue": "new"}}]}], "fields": "userEnteredValue"}
    before = stage.get("*")
    refused = stage.batch(
        {"updateCells": {**cells, "start": {"sheetId": 0}}},
        {"insertDimension": {"range": {"sheetId": 0, "dimension": "ROWS", "startIndex": 0, "endIndex": 2}}},
        {"addSheet": {"properties": {"title": "Second"}}},
        {"updateSheetProperties": {"properties": {"sheetId": 0, "title": "Renamed"}, "fields": "title"}},
        {"deleteSheet": {"sheetId": 77}},
    )
    assert refused.message == "Invalid requests[4].deleteSheet: No sheet with id: 77"
    assert stage.get("*") == before


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"deleteSheet": {"sheetId": 0}}, "You can't remove all the visible sheets in a document."),
        ({"addSheet": {"properties": {"title": "SHEET1"}}}, 'A sheet with the name "SHEET1" already exists.'),
        ({"addSheet": {"properties": {"sheetId": 0, "title": "b"}}}, "already exists"),
        ({"updateCells": {"start": {"sheetId": 9}, "fields": "note"}}, "No grid with id: 9"),
        ({"updateCells": {"start": {"sheetId": 0}, "rows": []}}, "At least one field must be listed in 'fields'."),
        (
            {"repeatCell": {"range": {"sheetId": 0, "endRowIndex": 1001}, "cell": {}, "fields": "note"}},
            "Range (Sheet1!A1:Z1001) exceeds grid limits. Max rows: 1000, max columns: 26",
        ),
        (
            {"deleteDimension": {"range": {"sheetId": 0, "dimension": "ROWS", "startIndex": 0, "endIndex": 1000}}},
            "You can't delete all the rows on the sheet.",
        ),
        (
            {"updateSheetProperties": {"properties": {"gridProperties": {"frozenRowCount": 1000}}, "fields": "*"}},
            "You can't freeze all visible rows on the sheet.",
        ),
        ({"deleteNamedRange": {"namedRangeId": "x"}}, "No named range with id: x"),
        ({"deleteConditionalFormatRule": {"sheetId": 0, "index": 0}}, "No conditional format on sheet: 0 at index: 0"),
    ],
)
def test_what_cannot_be_done_is_refused_and_nothing_changes(stage, request_, message):
    before = stage.get("*")
    refused = stage.batch(request_)
    kind = next(iter(request_))
    assert refused.status == 400
    assert refused.message.startswith(f"Invalid requests[0].{kind}: ")
    assert message in refused.message
    assert stage.get("*") == before


def test_requests_that_google_does_not_know_are_refused_by_their_names(stage):
    stage.judge.bad_requests = False
    assert stage.batch({"fly": {}}).message == (
        "Invalid JSON payload received. Unknown name \"fly\" at 'requests[0]': Cannot find field."
    )
    assert stage.batch().message == "Must specify at least one request."
    unset = stage.call("PUT", f"{stage.path}/values/A1", {"values": [["x"]]})
    assert unset.message == "'valueInputOption' is required but not specified"


def test_values_that_do_not_fit_their_range_or_the_grid_are_refused(stage):
    assert stage.write("Sheet1!A1:B1", [[1, 2, 3]]).message == (
        "Requested writing within range [Sheet1!A1:B1], but tried writing to column [C]"
    )
    assert stage.write("Sheet1!A1:B1", [[1], [2]]).message == (
        "Requested writing within range [Sheet1!A1:B1], but tried writing to row [2]"
    )
    assert stage.write("Sheet1!A1000", [[1], [2]]).message == (
        "Range (Sheet1!A1000:A1001) exceeds grid limits. Max rows: 1000, max columns: 26"
    )
    assert stage.call("GET", f"{stage.path}/values/Sheet1!AB1").message == (
        "Range (Sheet1!AB1) exceeds grid limits. Max rows: 1000, max columns: 26"
    )
    assert stage.call("GET", f"{stage.path}/values/Nowhere!A1").message == "Unable to parse range: Nowhere!A1"


def test_a_new_service_account_has_no_room_for_files_of_its_own(stage):
    stage.google.no_storage.add(AGENT)
    refused = stage.call(
        "POST", "/drive/v3/files", {"name": "x", "mimeType": "application/vnd.google-apps.spreadsheet"}
    )
    assert (refused.status, refused.body["error"]["errors"][0]["reason"]) == (403, "storageQuotaExceeded")


def test_standing_alone_it_says_where_it_is_and_what_opens_it():
    google = filled(seed=1, tokens=["<ACCESS_TOKEN>"])
    said = told(google, "http://127.0.0.1:8080")
    assert "base URL: http://127.0.0.1:8080\n" in said
    assert "http://127.0.0.1:8080/token" in said
    assert google.who("<ACCESS_TOKEN>") == google.who("practice-token") == AGENT
    assert google.role(google.files[PRIVATE], AGENT) is None
