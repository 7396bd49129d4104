"""The recordings and the practice Google's own answers, judged strictly by Google's discovery documents."""

from __future__ import annotations

import json

import pytest

from agent.practice.google import Request, Response
from tests.practice.google_replay import RECORDED, Stage, cassettes, recorded
from tests.practice.google_schema import Judge, method_of, methods


def test_every_answer_of_the_emulator_to_a_recorded_request_is_within_the_contract():
    if not RECORDED.exists():
        pytest.skip("the recorded exchanges with Google are not on this computer")
    judge = Judge(bad_requests=False)
    for group in list(cassettes(recorded())):
        stage = Stage()
        stage.standing(group)
        judge.listen(stage.google)
        for one in group:
            status, body = stage.asked(one)
            list(stage.compare(one.answer, body)) if status == one.status else None
    assert judge.problems == []
    assert judge.seen >= 2100


def test_the_judge_sees_unknown_names_wrong_types_and_unknown_parameters():
    judge = Judge()
    asked = {"requests": [{"updateCells": {"fields": "*", "row": []}}, {"deleteSheet": {"sheetId": "five"}}]}
    request = Request.of(
        "POST", "https://sheets.googleapis.com/v4/spreadsheets/x:batchUpdate?colour=red", {}, json.dumps(asked).encode()
    )
    told = Response(200, b'{"spreadsheetId":"x","answers":[]}', {"Content-Type": "application/json; charset=UTF-8"})
    judge(request, told)
    assert len(judge.problems) == 4


def test_every_call_about_spreadsheets_that_google_documents_is_known_by_its_path():
    base = "https://sheets.googleapis.com/v4/spreadsheets/x"
    known = {
        ("GET", f"{base}/values/Sheet1!A1"): "sheets.spreadsheets.values.get",
        ("POST", f"{base}/values/Sheet1:append"): "sheets.spreadsheets.values.append",
        ("POST", f"{base}/values:batchGetByDataFilter"): "sheets.spreadsheets.values.batchGetByDataFilter",
        ("POST", f"{base}:batchUpdate"): "sheets.spreadsheets.batchUpdate",
        ("GET", "https://www.googleapis.com/drive/v3/files/x"): "drive.files.get",
        ("DELETE", "https://www.googleapis.com/drive/v3/files/x"): "drive.files.delete",
    }
    found = {each: method_of(Request.of(*each)).id for each in known}
    assert found == known
    assert len([each for each in methods() if each.id.startswith("sheets.")]) == 17
