"""What the practice Google keeps of a spreadsheet, and how it tells it; every exchange is judged by the contract."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from agent.practice.google import SELLER
from tests.practice.google_stage import Stage


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = Stage()
    yield made
    assert made.judge.problems == []


@pytest.mark.parametrize(
    ("typed", "value", "shown"),
    [
        ("00123", 123, "123"),
        ("1E5", 100_000, "1.00E+05"),
        ("2,000,000.01", 2000000.01, "2,000,000.01"),
        ("12%", 0.12, "12%"),
        ("$1,234.50", 1234.5, "$1,234.50"),
        ("true", True, "TRUE"),
        ("2020-01-01", 43831, "2020-01-01"),
        ("1/2/2020", 43832, "1/2/2020"),
        ("2020-01-01 06:30", 43831 + 6.5 / 24, "2020-01-01 6:30"),
        ("12:30", 12.5 / 24, "12:30"),
        ("'00123", "00123", "00123"),
        ("3_1_0", "3_1_0", "3_1_0"),
        ("1.2.3", "1.2.3", "1.2.3"),
        ("-5", -5, "-5"),
        (".5", 0.5, "0.5"),
        ("+", "+", "+"),
        ("2020-13-01", "2020-13-01", "2020-13-01"),
        (" 7 ", 7, "7"),
        ("= 1 / 1024", 1 / 1024, "0.0009765625"),
    ],
)
def test_typed_text_becomes_what_a_browser_makes_of_it_and_raw_text_stays_text(stage, typed, value, shown):
    stage.write("A1", [[typed]], "USER_ENTERED")
    assert stage.read("A1") == [[pytest.approx(value) if isinstance(value, float) else value]]
    assert stage.read("A1", "FORMATTED_VALUE") == [[shown]]
    stage.write("A2", [[typed]])
    assert stage.read("A2") == [[typed]]


def test_other_locales_write_their_numbers_and_dates_their_own_way(stage):
    change = {"properties": {"locale": "de_DE"}, "fields": "locale"}
    stage.batch({"updateSpreadsheetProperties": change})
    stage.write("A1", [["1,5", "1.000,25", "3.2.2026"]], "USER_ENTERED")
    assert stage.read("A1:C1") == [[1.5, 1000.25, 46056]]
    assert stage.read("A1:B1", "FORMATTED_VALUE") == [["1,5", "1.000,25"]]


def test_numbers_booleans_blanks_and_nulls_are_kept_by_their_types(stage):
    stage.write("A1:D1", [[1, 2.5, True, "x"]])
    told = stage.write("A1:D1", [[None, "", False, "5"]])
    assert told.body["updatedCells"] == 3
    assert stage.read("A1:D1") == [[1, "", False, "5"]]
    assert stage.read("A1:D2", "FORMATTED_VALUE", majorDimension="COLUMNS") == [["1"], [], ["FALSE"], ["5"]]


FORMULAS = {
    "=SUM(A1:A3)+MAX(A:A)": 9,
    '=IFERROR(INDEX(B:B,MATCH("two",C:C,0)),"")': 20,
    '=IFERROR(INDEX(B:B,MATCH("four",C:C,0)),"-")': "-",
    '=XLOOKUP("THREE",C1:C3,B1:B3,"none")': 30,
    '=VLOOKUP(2,A1:C3,3,FALSE)&"!"': "two!",
    '=COUNTIF(A1:A3,">=2")': 2,
    '=SUMIFS(B1:B3,A1:A3,">1",C1:C3,"t*")': 50,
    '=IF(AND(A1=1,NOT(B1<5)),"yes","no")': "yes",
    "=ROUND(2.345,2)*10%": 0.235,
    "=1/0": "#DIV/0!",
    "=NOSUCH(1)": "#NAME?",
    "=1+": "#ERROR!",
    "='Sheet1'!$B$2-A2^2": 16,
    '=TEXT(43831,"yyyy-mm-dd")': "2020-01-01",
    "=Z9": 0,
    '=IF(ISBLANK(Z9),"blank",Z9)': "blank",
}


@pytest.mark.parametrize("formula", FORMULAS)
def test_formulas_are_kept_as_text_and_computed(stage, formula):
    stage.write("A1", [[1, 10, "one"], [2, 20, "two"], [3, 30, "three"]])
    stage.write("E5", [[formula]], "USER_ENTERED")
    assert stage.read("E5") == [
        [pytest.approx(FORMULAS[formula]) if formula.startswith("=ROUND") else FORMULAS[formula]]
    ]
    assert stage.read("E5", "FORMULA") == [[formula]]


def test_an_array_formula_fills_the_cells_below_it_and_gives_way_to_what_stands_there(stage):
    stage.write("A1", [["SKU", 5], ["a", 6], [], ["b*", 7]])
    stage.write("D1", [["b*", 70], ["a", 60]])
    look_up = 'IFNA(VLOOKUP(SUBSTITUTE($A1:$A,"*","~*"),$D:$E,2,FALSE),"-")'
    stage.write("C1", [[f'=ARRAYFORMULA(IF(ROW($A1:$A)=1,"Found",IF($A1:$A="","",{look_up})))']], "USER_ENTERED")
    assert stage.read("A1:C4") == [["SKU", 5, "Found"], ["a", 6, 60], [], ["b*", 7, 70]]
    assert stage.read("C1:C4", "FORMATTED_VALUE", majorDimension="COLUMNS") == [["Found", "60", "", "70"]]
    told = stage.get("sheets.data.rowData.values(userEnteredValue,effectiveValue)")["sheets"][0]["data"][0]["rowData"]
    assert told[1]["values"][2] == {"effectiveValue": {"numberValue": 60}}
    stage.write("E2", [[61]])
    assert stage.read("C2") == [[61]]
    stage.write("C4", [["mine"]])
    assert stage.read("C1:C4") == [["#REF!"], [], [], ["mine"]]


def test_a_formula_that_leads_to_itself_is_an_error_and_not_the_end(stage):
    stage.write("A1", [["=B1", "=A1"]], "USER_ENTERED")
    assert stage.read("A1:B1", "FORMATTED_VALUE")[0][0] == "#REF!"


def test_cells_are_written_typed_and_told_whole(stage):
    values = [
        {"userEnteredValue": {"stringValue": "00123"}, "note": "as on the box"},
        {
            "userEnteredValue": {"numberValue": 5},
            "userEnteredFormat": {"numberFormat": {"type": "NUMBER", "pattern": "0.0"}},
        },
        {"userEnteredValue": {"formulaValue": "=B1*2"}},
        {"userEnteredValue": {"boolValue": True}, "userEnteredFormat": {"backgroundColor": {"red": 0.5}}},
    ]
    box = {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 2, "startColumnIndex": 0, "endColumnIndex": 5}
    stage.write("A2:E2", [["old"] * 5])
    stage.batch({"updateCells": {"range": box, "rows": [{"values": values}], "fields": "*"}})
    fields = "sheets.data.rowData.values(userEnteredValue,effectiveValue,formattedValue,note,userEnteredFormat)"
    rows = stage.get(fields)["sheets"][0]["data"][0]["rowData"]
    assert rows == [
        {
            "values": [
                {
                    "userEnteredValue": {"stringValue": "00123"},
                    "effectiveValue": {"stringValue": "00123"},
                    "formattedValue": "00123",
                    "note": "as on the box",
                },
                {
                    "userEnteredValue": {"numberValue": 5},
                    "effectiveValue": {"numberValue": 5},
                    "formattedValue": "5.0",
                    "userEnteredFormat": {"numberFormat": {"type": "NUMBER", "pattern": "0.0"}},
                },
                {
                    "userEnteredValue": {"formulaValue": "=B1*2"},
                    "effectiveValue": {"numberValue": 10},
                    "formattedValue": "10",
                },
                {
                    "userEnteredValue": {"boolValue": True},
                    "effectiveValue": {"boolValue": True},
                    "formattedValue": "TRUE",
                    "userEnteredFormat": {
                        "backgroundColor": {"red": 0.49803922},
                        "backgroundColorStyle": {"rgbColor": {"red": 0.49803922}},
                    },
                },
            ]
        }
    ]


def test_update_cells_empties_the_cells_of_its_range_that_it_does_not_name_in_the_named_fields_only(stage):
    stage.write("A1:B2", [["a", "b"], ["c", "d"]])
    box = {"sheetId": 0, "endRowIndex": 2, "endColumnIndex": 2}
    bold = {"range": box, "cell": {"userEnteredFormat": {"textFormat": {"bold": True}}}}
    stage.batch({"repeatCell": {**bold, "fields": "userEnteredFormat.textFormat.bold"}})
    row = {"values": [{"userEnteredValue": {"stringValue": "new"}}]}
    stage.batch({"updateCells": {"range": box, "rows": [row], "fields": "userEnteredValue"}})
    assert stage.read("A1:B2") == [["new"]]
    rows = stage.get("sheets.data.rowData.values.userEnteredFormat")["sheets"][0]["data"][0]["rowData"]
    assert rows == [{"values": [{"userEnteredFormat": {"textFormat": {"bold": True}}}] * 2}] * 2


def test_several_ranges_are_told_at_once_by_title_by_id_and_by_metadata(stage):
    stage.write("A1:B2", [["a", 1], ["b", 2]])
    line = {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 1, "endIndex": 2}
    tag = {"metadataKey": "counted", "location": {"dimensionRange": line}, "visibility": "DOCUMENT", "metadataId": 7}
    stage.batch({"createDeveloperMetadata": {"developerMetadata": tag}})
    told = stage.call("GET", f"{stage.path}/values:batchGet", ranges=["A1:A2", "Sheet1!B:B"]).body
    assert [each["values"] for each in told["valueRanges"]] == [[["a"], ["b"]], [["1"], ["2"]]]
    asked = {
        "dataFilters": [
            {"gridRange": {"sheetId": 0, "endColumnIndex": 1}},
            {"developerMetadataLookup": {"metadataId": 7}},
            {"a1Range": "B2"},
        ],
        "valueRenderOption": "UNFORMATTED_VALUE",
        "majorDimension": "COLUMNS",
    }
    told = stage.call("POST", f"{stage.path}/values:batchGetByDataFilter", asked).body
    assert [each["valueRange"]["values"] for each in told["valueRanges"]] == [[["a", "b"]], [[1, 2]], [[2]]]
    change = {"dataFilter": asked["dataFilters"][1], "values": [[8, 9]], "majorDimension": "COLUMNS"}
    body = {"valueInputOption": "RAW", "data": [change], "includeValuesInResponse": True}
    told = stage.call("POST", f"{stage.path}/values:batchUpdateByDataFilter", body).body
    assert told["responses"][0]["updatedData"]["values"][:2] == [["8"], ["9"]]
    assert stage.read("A1:B2") == [["a", 8], ["b", 9]]
    again = stage.batch({"createDeveloperMetadata": {"developerMetadata": tag}})
    assert again.status == 400
    stage.call("POST", f"{stage.path}/values:batchClearByDataFilter", {"dataFilters": asked["dataFilters"][1:2]})
    assert stage.read("A1:B2") == [["a"], ["b"]]
    whole = stage.call("POST", f"{stage.path}:getByDataFilter", {"dataFilters": [{"gridRange": {"sheetId": 0}}]}).body
    assert whole["sheets"][0]["properties"]["title"] == "Sheet1"
    assert stage.call("GET", f"{stage.path}/developerMetadata/7").body["metadataKey"] == "counted"


def test_appending_goes_below_the_last_block_and_grows_the_grid(stage):
    stage.batch({"updateSheetProperties": _size(3, 3)})
    stage.write("A1:B2", [["SKU", "n"], ["x", 1]])
    path = f"{stage.path}/values/Sheet1:append"
    for row in ("y", "z"):
        told = stage.call("POST", path, {"values": [[row, 2]]}, valueInputOption="RAW", includeValuesInResponse=True)
    assert told.body["tableRange"] == "Sheet1!A1:B3"
    assert told.body["updates"]["updatedRange"] == "Sheet1!A4:B4"
    assert stage.get("sheets.properties.gridProperties")["sheets"][0]["properties"]["gridProperties"]["rowCount"] == 4


def _size(rows: int, columns: int) -> dict[str, Any]:
    grid = {"rowCount": rows, "columnCount": columns}
    fields = "gridProperties.rowCount,gridProperties.columnCount"
    return {"properties": {"sheetId": 0, "gridProperties": grid}, "fields": fields}


BOX = {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 10, "startColumnIndex": 0, "endColumnIndex": 2}
LIST = {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "yes"}, {"userEnteredValue": "no"}]}
RULE = {
    "ranges": [BOX],
    "booleanRule": {
        "condition": {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": '=$A2="no"'}]},
        "format": {"backgroundColor": {"red": 1, "green": 0.2}},
    },
}
CHART = {
    "spec": {
        "title": "Stock",
        "basicChart": {
            "chartType": "COLUMN",
            "domains": [{"domain": {"sourceRange": {"sources": [BOX]}}}],
            "series": [{"series": {"sourceRange": {"sources": [BOX]}}, "targetAxis": "LEFT_AXIS"}],
        },
    },
    "position": {"overlayPosition": {"anchorCell": {"sheetId": 0, "rowIndex": 4, "columnIndex": 5}}},
    "chartId": 12,
}
DRESSED = [
    {"setDataValidation": {"range": BOX, "rule": {"condition": LIST, "strict": True, "showCustomUi": True}}},
    {"addConditionalFormatRule": {"rule": RULE, "index": 0}},
    {"addProtectedRange": {"protectedRange": {"protectedRangeId": 5, "range": {"sheetId": 0}, "warningOnly": True}}},
    {"addNamedRange": {"namedRange": {"namedRangeId": "n1", "name": "Items", "range": BOX}}},
    {"addFilterView": {"filter": {"filterViewId": 9, "title": "Mine", "range": BOX}}},
    {"setBasicFilter": {"filter": {"range": BOX}}},
    {
        "addBanding": {
            "bandedRange": {"bandedRangeId": 8, "range": BOX, "rowProperties": {"firstBandColor": {"red": 1}}}
        }
    },
    {"addChart": {"chart": CHART}},
    {"mergeCells": {"range": {**BOX, "startRowIndex": 0, "endRowIndex": 1}, "mergeType": "MERGE_ALL"}},
    {
        "updateSheetProperties": {
            "properties": {
                "sheetId": 0,
                "tabColorStyle": {"rgbColor": {"blue": 1}},
                "gridProperties": {"frozenRowCount": 1, "frozenColumnCount": 1},
            },
            "fields": "tabColorStyle,gridProperties(frozenRowCount,frozenColumnCount)",
        }
    },
    {
        "updateDimensionProperties": {
            "range": {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 0, "endIndex": 1},
            "properties": {"pixelSize": 240},
            "fields": "pixelSize",
        }
    },
]


def test_a_tab_s_dress_is_kept_told_copied_and_moved_with_its_rows(stage):
    replies = stage.batch(*DRESSED)
    assert replies.status == 200, replies.body
    assert replies.body["replies"][7]["addChart"]["chart"]["chartId"] == 12
    told = stage.call("GET", stage.path).body["sheets"][0]
    assert told["properties"]["gridProperties"] == {
        "rowCount": 1000,
        "columnCount": 26,
        "frozenRowCount": 1,
        "frozenColumnCount": 1,
    }
    assert told["properties"]["tabColorStyle"] == {"rgbColor": {"blue": 1}}
    names = {"merges", "conditionalFormats", "filterViews", "protectedRanges", "basicFilter", "charts", "bandedRanges"}
    assert names < set(told)
    line = {"sheetId": 0, "dimension": "ROWS", "startIndex": 1, "endIndex": 3}
    stage.batch({"insertDimension": {"range": line, "inheritFromBefore": False}})
    moved = stage.call("GET", stage.path).body["sheets"][0]
    assert moved["conditionalFormats"][0]["ranges"][0]["startRowIndex"] == 3
    assert moved["charts"][0]["position"]["overlayPosition"]["anchorCell"]["rowIndex"] == 6
    assert moved["bandedRanges"][0]["range"]["endRowIndex"] == 12
    copied = stage.call("POST", f"{stage.path}/sheets/0:copyTo", {"destinationSpreadsheetId": stage.book.id}).body
    assert copied["title"] == "Copy of Sheet1"
    both = stage.call("GET", stage.path).body["sheets"]
    assert both[1]["charts"][0]["chartId"] != 12
    assert both[1]["basicFilter"]["range"]["sheetId"] == copied["sheetId"]
    stage.batch({"deleteDimension": {"range": {**line, "startIndex": 3, "endIndex": 12}}})
    assert "bandedRanges" not in stage.call("GET", stage.path).body["sheets"][0]


def test_what_lies_on_a_tab_is_changed_and_taken_off_by_its_id(stage):
    stage.batch(*DRESSED)
    told = stage.batch(
        {"updateConditionalFormatRule": {"index": 0, "rule": {**RULE, "ranges": [{**BOX, "endRowIndex": 5}]}}},
        {"updateChartSpec": {"chartId": 12, "spec": {**CHART["spec"], "title": "Other"}}},
        {"updateFilterView": {"filter": {"filterViewId": 9, "title": "Yours"}, "fields": "title"}},
        {
            "updateProtectedRange": {
                "protectedRange": {"protectedRangeId": 5, "description": "look only"},
                "fields": "description",
            }
        },
    )
    assert told.status == 200, told.body
    sheet = stage.call("GET", stage.path).body["sheets"][0]
    assert sheet["charts"][0]["spec"]["title"] == "Other"
    assert sheet["filterViews"][0]["title"] == "Yours"
    assert sheet["protectedRanges"][0]["description"] == "look only"
    assert sheet["conditionalFormats"][0]["ranges"][0]["endRowIndex"] == 5
    stage.batch(
        {"deleteEmbeddedObject": {"objectId": 12}},
        {"deleteFilterView": {"filterId": 9}},
        {"deleteProtectedRange": {"protectedRangeId": 5}},
        {"deleteBanding": {"bandedRangeId": 8}},
        {"deleteConditionalFormatRule": {"sheetId": 0, "index": 0}},
        {"deleteNamedRange": {"namedRangeId": "n1"}},
        {"clearBasicFilter": {"sheetId": 0}},
        {"unmergeCells": {"range": {"sheetId": 0}}},
        {"setDataValidation": {"range": BOX}},
    )
    assert set(stage.call("GET", stage.path).body["sheets"][0]) == {"properties"}
    assert stage.get("sheets.data.rowData") == {"sheets": [{"data": [{}]}]}


def test_validation_does_not_stop_what_the_api_writes(stage):
    stage.batch(DRESSED[0])
    assert stage.write("A2", [["maybe"]]).status == 200
    rule = stage.get("sheets.data.rowData.values.dataValidation")["sheets"][0]["data"][0]["rowData"][1]["values"][0]
    assert rule["dataValidation"]["condition"] == LIST


def test_a_copied_cell_takes_its_formula_along_and_replacing_finds_text(stage):
    stage.write("A1:B2", [[1, "=A1+1"], [5, ""]], "USER_ENTERED")
    one = {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 1, "startColumnIndex": 1, "endColumnIndex": 2}
    to = {**one, "startRowIndex": 1, "endRowIndex": 3}
    stage.batch({"copyPaste": {"source": one, "destination": to, "pasteType": "PASTE_NORMAL"}})
    assert stage.read("B1:B3") == [[2], [6], [1]]
    told = stage.batch({"findReplace": {"find": "5", "replacement": "7", "allSheets": True, "matchEntireCell": True}})
    assert told.body["replies"][0]["findReplace"]["occurrencesChanged"] == 1
    assert stage.read("A2:B2") == [[7, 8]]


def test_a_spreadsheet_is_created_with_its_tabs_and_copied_by_drive(stage):
    body = {
        "properties": {"title": "Mine", "locale": "en_GB", "timeZone": "Europe/Bucharest"},
        "sheets": [
            {"properties": {"title": "Items", "sheetId": 11, "gridProperties": {"frozenRowCount": 1}}},
            {"properties": {"title": "Rules"}},
        ],
    }
    made = stage.call("POST", "/v4/spreadsheets", body).body
    assert [each["properties"]["title"] for each in made["sheets"]] == ["Items", "Rules"]
    copy = stage.call("POST", f"/drive/v3/files/{made['spreadsheetId']}/copy", {"name": "Second"}).body
    told = stage.call("GET", f"/v4/spreadsheets/{copy['id']}").body
    assert (told["properties"]["title"], told["properties"]["locale"]) == ("Second", "en_GB")
    assert told["sheets"][0]["properties"]["sheetId"] == 11
    stage.google.accept("seller", SELLER)
    assert stage.call("GET", f"/v4/spreadsheets/{copy['id']}", token="seller").status == 403


def test_files_are_listed_renamed_trashed_and_shared(stage):
    stage.google.accept("seller", SELLER)
    path = f"/drive/v3/files/{stage.book.id}"
    assert stage.call("PATCH", path, {"name": "Other"}).body["name"] == "Other"
    assert stage.call("GET", stage.path, fields="properties.title").body == {"properties": {"title": "Other"}}
    found = stage.call("GET", "/drive/v3/files", q="name contains 'oth' and trashed = false").body["files"]
    assert [each["id"] for each in found] == [stage.book.id]
    stage.call("PATCH", path, {"trashed": True}, token="seller")
    assert stage.call("GET", path, fields="trashed").body == {"trashed": True}
    refused = stage.call("DELETE", path)
    assert (refused.status, refused.body["error"]["errors"][0]["reason"]) == (403, "insufficientFilePermissions")
    told = stage.call("POST", f"{path}/permissions", {"type": "anyone", "role": "reader"}, token="seller").body
    assert told["id"] == "anyoneWithLink"
    stage.google.accept("stranger", "stranger@practice.example")
    assert stage.call("GET", stage.path, token="stranger").status == 200
