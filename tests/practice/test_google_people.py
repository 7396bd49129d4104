"""People at the practice spreadsheet in a browser, while somebody else writes through the API."""

from __future__ import annotations

import pytest

from agent.practice.google import Person
from agent.practice.google.errors import Refused
from tests.practice.google_stage import Stage

COLLEAGUE = "colleague@practice.example"
ITEMS = [["SKU", "Title", "Counted"], ["B-2", "Mug", 5], ["A-1", "Cup", 7], ["C-3", "Jug", None]]


@pytest.fixture
def stage() -> Stage:
    made = Stage()
    person = Person(made.google, made.book)
    person.renames_tab("Sheet1", "Items")
    person.pastes("Items", "A1", ITEMS)
    return made


@pytest.fixture
def person(stage) -> Person:
    return Person(stage.google, stage.book)


def test_a_person_types_where_they_look_and_adds_below_the_last_row(stage, person):
    person.types("Items", {"SKU": "A-1"}, "Counted", 9)
    person.adds("Items", [{"SKU": "D-4", "Counted": "2"}])
    assert stage.read("Items") == [*ITEMS[:2], ["A-1", "Cup", 9], ["C-3", "Jug"], ["D-4", "", 2]]
    assert person.look("Items")[-1] == {"SKU": "D-4", "Title": None, "Counted": 2}
    with pytest.raises(KeyError):
        person.types("Items", {"SKU": "Z"}, "Counted", 1)


def test_typed_skus_lose_their_zeros_unless_the_column_is_text(stage, person):
    column = {"sheetId": 0, "startColumnIndex": 0, "endColumnIndex": 1}
    text = {"userEnteredFormat": {"numberFormat": {"type": "TEXT"}}}
    person.types_at("Items", "A6", "00123")
    stage.batch({"repeatCell": {"range": column, "cell": text, "fields": "userEnteredFormat.numberFormat"}})
    person.pastes("Items", "A7", [["00123"], ["1E5"], ["=1+1"]])
    assert stage.read("Items!A6:A9") == [[123], ["00123"], ["1E5"], ["=1+1"]]


def test_sorting_moves_whole_rows_and_takes_formulas_along(stage, person):
    person.pastes("Items", "D1", [["Double"], ["=C2*2"], ["=C3*2"]])
    person.sorts("Items", "SKU")
    assert stage.read("Items!A2:D4") == [["A-1", "Cup", 7, 14], ["B-2", "Mug", 5, 10], ["C-3", "Jug"]]
    assert stage.read("Items!D2:D3", "FORMULA") == [["=C2*2"], ["=C3*2"]]
    person.sorts("Items", "Counted", descending=True)
    assert [row["SKU"] for row in person.look("Items")] == ["A-1", "B-2", "C-3"]  # blank goes last


def test_inserting_and_deleting_moves_formulas_ranges_and_metadata(stage, person):
    line = {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 2, "endIndex": 3}
    tag = {"metadataKey": "column", "metadataValue": "counted", "location": {"dimensionRange": line}}
    place = {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 4, "startColumnIndex": 2, "endColumnIndex": 3}
    stage.batch(
        {"createDeveloperMetadata": {"developerMetadata": {**tag, "visibility": "PROJECT"}}},
        {"addNamedRange": {"namedRange": {"name": "Counts", "range": place}}},
    )
    person.types_at("Items", "E1", "=SUM(C2:C4)")
    person.inserts_columns("Items", "Counted", 2)
    person.inserts_rows("Items", 2)
    person.deletes_row("Items", {"SKU": "A-1"})
    assert stage.read("Items!G1", "FORMULA") == [["=SUM(E3:E4)"]]
    assert stage.read("Items!G1") == [[5]]
    found = stage.get("namedRanges")["namedRanges"][0]["range"]
    assert found == {"startRowIndex": 2, "endRowIndex": 4, "startColumnIndex": 4, "endColumnIndex": 5}
    lookup = {"dataFilters": [{"developerMetadataLookup": {"metadataKey": "column"}}]}
    told = stage.call("POST", f"{stage.path}/developerMetadata:search", lookup).body
    location = told["matchedDeveloperMetadata"][0]["developerMetadata"]["location"]
    assert location["dimensionRange"] == {"dimension": "COLUMNS", "startIndex": 4, "endIndex": 5}
    person.deletes_columns("Items", "Counted")
    assert stage.call("POST", f"{stage.path}/developerMetadata:search", lookup).body == {}
    assert stage.read("Items!F1", "FORMATTED_VALUE") == [["#REF!"]]


def test_tabs_are_renamed_moved_hidden_duplicated_and_deleted_while_their_ids_stay(stage, person):
    person.adds_tab("Rules", [["Rule"], ["=Items!A2"]])
    rules = stage.book.titled("Rules").sheet_id
    person.renames_tab("Items", "My items")
    assert stage.read("Rules!A2", "FORMULA") == [["='My items'!A2"]]
    assert stage.call("GET", f"{stage.path}/values/Items").message == "Unable to parse range: Items"
    asked = {"dataFilters": [{"gridRange": {"sheetId": 0, "endRowIndex": 1}}]}
    told = stage.call("POST", f"{stage.path}/values:batchGetByDataFilter", asked).body
    assert told["valueRanges"][0]["valueRange"]["range"] == "'My items'!A1:Z1"
    person.moves_tab("Rules", 0)
    assert person.titles() == ["Rules", "My items"]
    person.duplicates_tab("Rules")
    assert person.titles() == ["Rules", "Copy of Rules", "My items"]
    person.hides_tab("Rules")
    person.deletes_tab("My items")
    assert stage.read("Rules!A2", "FORMATTED_VALUE") == [["#REF!"]]
    assert stage.batch({"deleteSheet": {"sheetId": stage.book.titled("Copy of Rules").sheet_id}}).status == 400
    person.hides_tab("Rules", hidden=False)
    assert stage.book.tab(rules).title == "Rules"


def test_a_filter_hides_rows_without_taking_them_from_what_is_read(stage, person):
    person.filters("Items", "Title", without=["Cup"])
    assert stage.read("Items") == [*ITEMS[:3], ["C-3", "Jug"]]
    rows = stage.get("sheets(basicFilter,data.rowMetadata.hiddenByFilter)")["sheets"][0]
    assert rows["basicFilter"]["criteria"] == {"1": {"hiddenValues": ["Cup"]}}
    assert [at for at, row in enumerate(rows["data"][0]["rowMetadata"]) if row] == [2]
    person.unfilters("Items")
    assert "basicFilter" not in stage.get("sheets.basicFilter").get("sheets", [{}])[0]


def test_a_protected_tab_stops_everyone_but_its_owner_and_a_warning_stops_nobody(stage, person):
    stage.google.share(stage.book.id, COLLEAGUE)
    colleague = Person(stage.google, stage.book, COLLEAGUE)
    person.protects("Items", warning=True)
    colleague.types_at("Items", "A9", "x")
    person.protects("Items")
    with pytest.raises(Refused, match="You are trying to edit a protected cell or object"):
        colleague.types_at("Items", "A9", "y")
    refused = stage.write("Items!A9", [["z"]])
    assert (refused.status, refused.body["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert "protected cell or object" in refused.message
    cells = {"rows": [{"values": [{"note": "n"}]}], "fields": "note", "start": {"sheetId": 0}}
    assert stage.batch({"updateCells": cells}).message.startswith("Invalid requests[0].updateCells: You are trying")
    person.types_at("Items", "A9", "mine")
    assert stage.read("Items!A9") == [["mine"]]


def test_whoever_lost_their_role_is_refused_at_once(stage, person):
    stage.google.share(stage.book.id, COLLEAGUE)
    colleague = Person(stage.google, stage.book, COLLEAGUE)
    colleague.types_at("Items", "A9", "x")
    stage.google.revoke(stage.book.id, COLLEAGUE)
    with pytest.raises(Refused, match="The caller does not have permission"):
        colleague.types_at("Items", "A9", "y")


def test_moved_columns_and_renamed_headings_take_their_cells_along(stage, person):
    person.moves_column("Items", "Counted", "SKU")
    person.renames_column("Items", "Title", "Name")
    assert stage.read("Items!A1:C2") == [["Counted", "SKU", "Name"], [5, "B-2", "Mug"]]
    person.moves_row("Items", 2, 4)
    assert [row["SKU"] for row in person.look("Items")] == ["A-1", "B-2", "C-3"]


def test_every_exchange_of_these_stories_keeps_to_google_s_contract(stage, person):
    stage.write("Items!A1", [["x"]])
    stage.get("sheets.data.rowData")
    assert stage.judge.problems == []
    assert stage.judge.seen == 2
