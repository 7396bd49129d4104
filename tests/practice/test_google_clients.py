"""Google's own client and gspread, unchanged, against the practice Google on loopback."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import google.auth.exceptions
import google.oauth2.credentials
import google.oauth2.service_account
import gspread
import pytest
from google.auth.transport.requests import AuthorizedSession
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from agent.practice.google import AGENT, SELLER, Google, Local, Turned, mounted, service_account
from tests.practice.google_schema import Judge
from tests.practice.google_stage import on_loopback

SCOPES = ["https://www.googleapis.com/auth/spreadsheets", "https://www.googleapis.com/auth/drive"]


@pytest.fixture
def practice() -> Iterator[tuple[Google, str, Judge]]:
    """A practice Google, where it is, and who judges it."""
    made = Google(rng=random.Random(5))
    judge = Judge().listen(made)
    with on_loopback(made) as base:
        yield made, base, judge
    assert judge.problems == []


def credentials(made: Google, base: str) -> Any:
    """A service account's, with a key that is signed for."""
    key = service_account(made, AGENT, base)
    return google.oauth2.service_account.Credentials.from_service_account_info(key, scopes=SCOPES)


def opened(made: Google, base: str) -> gspread.Client:
    """gspread with its own token flow."""
    session = AuthorizedSession(credentials(made, base))
    return gspread.Client(auth=None, session=mounted(session, Turned(base)))


def test_google_s_own_client_signs_in_as_a_service_account_and_does_every_kind_of_call(practice):
    made, base, judge = practice
    book = made.new_book("Item Master", share={AGENT: "writer"})
    login = credentials(made, base)
    sheets = build("sheets", "v4", credentials=login, client_options={"api_endpoint": base})
    drive = build("drive", "v3", credentials=login, client_options={"api_endpoint": base})
    calls = sheets.spreadsheets()
    added = {"addSheet": {"properties": {"title": "Stock Levels", "gridProperties": {"rowCount": 5, "columnCount": 3}}}}
    reply = calls.batchUpdate(spreadsheetId=book.id, body={"requests": [added]}).execute()
    sheet_id = reply["replies"][0]["addSheet"]["properties"]["sheetId"]
    rows = [["SKU", "Counted"], ["00123", 4]]
    calls.values().update(
        spreadsheetId=book.id, range="'Stock Levels'!A1:B2", valueInputOption="RAW", body={"values": rows}
    ).execute()
    asked = {"dataFilters": [{"gridRange": {"sheetId": sheet_id}}], "valueRenderOption": "UNFORMATTED_VALUE"}
    found = calls.values().batchGetByDataFilter(spreadsheetId=book.id, body=asked).execute()
    assert found["valueRanges"][0]["valueRange"]["values"] == rows
    assert calls.get(spreadsheetId=book.id, fields="sheets.properties.title").execute() == {
        "sheets": [{"properties": {"title": "Sheet1"}}, {"properties": {"title": "Stock Levels"}}]
    }
    told = drive.files().get(fileId=book.id, fields="version,capabilities/canEdit,trashed").execute()
    assert told["capabilities"] == {"canEdit": True}
    assert int(told["version"]) >= 3
    listed = drive.files().list(q="mimeType = 'application/vnd.google-apps.spreadsheet' and trashed = false").execute()
    assert [each["id"] for each in listed["files"]] == [book.id]
    assert drive.about().get(fields="user(emailAddress)").execute() == {"user": {"emailAddress": AGENT}}
    assert judge.seen == 7


def test_google_s_own_client_raises_its_errors_with_google_s_sentences(practice):
    made, base, judge = practice
    judge.bad_requests = False
    book = made.new_book("Private")
    sheets = build("sheets", "v4", credentials=credentials(made, base), client_options={"api_endpoint": base})
    with pytest.raises(HttpError, match="The caller does not have permission") as refused:
        sheets.spreadsheets().get(spreadsheetId=book.id).execute()
    assert refused.value.status_code == 403
    with pytest.raises(HttpError, match="Requested entity was not found") as missing:
        sheets.spreadsheets().get(spreadsheetId="nothing").execute()
    assert missing.value.status_code == 404


def test_gspread_reads_and_writes_a_shared_spreadsheet(practice):
    made, base, _ = practice
    book = made.new_book("Item Master", share={AGENT: "writer"})
    client = opened(made, base)
    shared = client.open("Item Master")
    assert shared.id == book.id
    tab = shared.add_worksheet("Items", 10, 4)
    tab.update([["SKU", "Title", "Counted"], ["007", "Mug", 5], ["1E5", "Cup", 0]], "A1")
    assert tab.get_all_values() == [["SKU", "Title", "Counted"], ["007", "Mug", "5"], ["1E5", "Cup", "0"]]
    tab.append_row(["9", "Jug", 1])
    assert tab.col_values(1) == ["SKU", "007", "1E5", "9"]
    assert tab.find("Cup").row == 3
    tab.freeze(rows=1)
    tab.format("A:A", {"numberFormat": {"type": "TEXT"}})
    tab.insert_note("C1", "What you have counted")
    assert tab.get_note("C1") == "What you have counted"
    tab.sort((3, "des"), range="A2:D4")
    assert tab.col_values(1) == ["SKU", "007", "9", "1E5"]
    tab.update_title("Listings")
    assert [each.title for each in client.open_by_key(book.id).worksheets()] == ["Sheet1", "Listings"]
    copied = tab.copy_to(book.id)
    assert copied["title"] == "Copy of Listings"
    shared.del_worksheet(tab)
    with pytest.raises(gspread.exceptions.APIError, match="No sheet with id"):
        shared.del_worksheet(tab)


def test_gspread_creates_shares_copies_exports_and_deletes(practice):
    made, base, _ = practice
    client = opened(made, base)
    book = client.create("New one")
    book.sheet1.update([["a1", "B2"]], "A1:B2")
    client.insert_permission(book.id, "someone@practice.example", "user", "reader", notify=False)
    assert {each["role"] for each in client.list_permissions(book.id)} == {"owner", "reader"}
    reader = next(each for each in client.list_permissions(book.id) if each["role"] == "reader")
    client.remove_permission(book.id, reader["id"])
    assert len(client.list_permissions(book.id)) == 1
    assert book.export(gspread.utils.ExportFormat.CSV) == b"a1,B2"
    other = client.copy(book.id, title="Second", copy_permissions=False)
    assert other.sheet1.get_all_values() == [["a1", "B2"]]
    client.del_spreadsheet(book.id)
    with pytest.raises(gspread.exceptions.SpreadsheetNotFound):
        client.open("New one")


def test_gspread_works_in_process_without_any_socket():
    made = Google(rng=random.Random(5))
    judge = Judge().listen(made)
    made.new_book("Item Master", share={AGENT: "writer"})
    token = google.oauth2.credentials.Credentials(made.accept("practice-token"))
    client = gspread.Client(auth=None, session=mounted(AuthorizedSession(token), Local(made)))
    tab = client.open("Item Master").sheet1
    tab.update([[1, "x", True]], "B2")
    assert tab.get_all_values(value_render_option="UNFORMATTED_VALUE") == [["", "", "", ""], ["", 1, "x", True]]
    assert judge.problems == []


def test_a_person_s_own_login_gets_a_new_token_from_its_refresh_token_until_access_is_taken_away(practice):
    made, base, _ = practice
    book = made.new_book("Item Master")
    made.refresh_tokens["1//practice"] = SELLER
    person = google.oauth2.credentials.Credentials(
        None,
        refresh_token="1//practice",
        token_uri=f"{base}/token",
        client_id="practice-client-id",
        client_secret="practice-client-secret",
        scopes=SCOPES,
    )
    session = mounted(AuthorizedSession(person), Turned(base))
    assert gspread.Client(auth=None, session=session).open_by_key(book.id).title == "Item Master"
    made.refresh_tokens.clear()
    made.tokens.clear()
    with pytest.raises(google.auth.exceptions.RefreshError, match="Token has been expired or revoked"):
        gspread.Client(auth=None, session=session).open_by_key(book.id)


def test_a_key_that_this_google_does_not_know_is_refused(practice):
    made, base, _ = practice
    key = service_account(made, AGENT, base)
    service_account(made, AGENT, base)  # the account's key was made anew
    old = google.oauth2.service_account.Credentials.from_service_account_info(key, scopes=SCOPES)
    with pytest.raises(google.auth.exceptions.RefreshError, match="Invalid JWT Signature"):
        mounted(AuthorizedSession(old), Turned(base)).get("https://sheets.googleapis.com/v4/spreadsheets/x")
