"""A Google Sheet as the workbook, beyond the contract: calls, looks, the lease, people at work, access (issue 6)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import Any

import google_chaos
import httpx
import polars as pl
import pytest
from google_desk import Desk
from workbook_contract import NO_MIRROR, attention, listings

from agent.core.report import shaped
from agent.practice.google import AGENT, Request, Response, handle, service_account
from agent.practice.google.person import Person as Visitor
from agent.practice.in_process import InProcess
from agent.probe.__main__ import table
from agent.probe.google import probe
from agent.secrets import OwnFile, Secrets
from agent.workbooks.base import Mark, WorkbookOut, Written
from agent.workbooks.google import GoogleWorkbook, Session, access, marks
from agent.workbooks.google.calls import BUDGET, SheetOut
from agent.workbooks.google.furniture import columns_of
from agent.workbooks.google.marks import fixed_id
from agent.workbooks.google.setup import set_up
from agent.workbooks.google.writing import PIECE
from agent.workbooks.tabs import AGENT_TABS, BY_NAME, TABS

ITEMS = [("SKU", "Title", "Counted"), ("BLUE-M", "Blue shirt", 20), ("007", "Agent", 3), ("MUG", "Mug", 0)]
BEGIN = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


class Time:
    """A clock that only moves when somebody waits."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return BEGIN + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        await asyncio.sleep(0)


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def desk(clock: Time) -> Desk:
    made = Desk(clock, settle=2.0, look=10.0)
    made.give({"Item Master": ITEMS})
    return made


def run(work: Callable[[], Awaitable[None]]) -> None:
    async def inner() -> None:
        await work()

    asyncio.run(inner())


async def write(book: GoogleWorkbook, generation: int = 1, **frames: pl.DataFrame) -> Written:
    return await book.write(
        {name.replace("_", " "): f for name, f in frames.items()},
        NO_MIRROR,
        Mark("book", generation),
        await book.read(),
    )


def asked(desk: Desk) -> list[tuple[str, str, dict[str, Any]]]:
    """Every call from now on: method, path, body."""
    heard: list[tuple[str, str, dict[str, Any]]] = []

    def hear(request: Request, _: Response) -> None:
        if "practice-this computer" in request.headers.get("authorization", ""):
            heard.append((request.method, request.path, json.loads(request.body or b"{}")))

    desk.google.on_exchange = hear
    return heard


def kinds(heard: list[tuple[str, str, dict[str, Any]]]) -> list[dict[str, Any]]:
    """The requests of every batchUpdate."""
    return [one for _, path, body in heard if path.endswith(":batchUpdate") for one in body["requests"]]


# --- people at work ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", range(0, 12, 3))
def test_whatever_a_person_does_meanwhile_nothing_is_lost_or_linked_wrongly(first: int) -> None:
    for seed in range(first, first + 3):
        world = google_chaos.play(seed)
        assert not world.wrong, (seed, world.wrong, world.did)


@pytest.mark.slow
def test_two_thousand_worlds_of_people_at_work() -> None:
    assert google_chaos.main(2000) == 0


def test_a_row_that_is_inserted_in_the_moment_of_a_write_takes_no_answer_to_another_key(desk: Desk) -> None:
    async def steps() -> None:
        await write(desk.book, Attention=attention("q1", "q2"))
        sheet = fixed_id("Attention")
        index = [c.name if c else "" for c in columns_of(BY_NAME["Attention"])].index("Answer")
        desk.person.types(sheet, 4, index, "yes")  # beside q2
        seen = await desk.book.read()

        def inserts(request: Request, _: Response) -> None:
            if request.path.endswith(":batchGetByDataFilter") and desk.google.on_exchange is not None:
                desk.google.on_exchange = None
                where = {"sheetId": sheet, "dimension": "ROWS", "startIndex": 3, "endIndex": 4}
                desk.person.does({"insertDimension": {"range": where, "inheritFromBefore": False}})

        desk.google.on_exchange = inserts
        frames = {"Attention": attention("q1", "q2", "q3", "q4")}
        assert (await desk.book.write(frames, NO_MIRROR, Mark("book", 2), seen)).outcome == "written"
        rows = (await desk.book.read()).tabs["Attention"]
        assert rows.filter(pl.col("Answer").is_not_null()).select("Id", "Answer").rows() == [("q2", "yes")]
        assert set(rows["Id"].drop_nulls()) == {"q1", "q2", "q3", "q4"}

    run(steps)


def test_rows_beside_which_people_type_are_never_deleted_and_a_finished_one_is_hidden(desk: Desk) -> None:
    async def steps() -> None:
        heard = asked(desk)
        await write(desk.book, Attention=attention("q1", "q2"))
        await write(desk.book, 2, Attention=attention("q2"))
        await write(desk.book, 3, Attention=attention("q1", "q2"))
        assert not [one for one in kinds(heard) if "deleteDimension" in one]
        hidden = [
            one["updateDimensionProperties"]["properties"]["hiddenByUser"]
            for one in kinds(heard)
            if "hiddenByUser" in one.get("updateDimensionProperties", {}).get("properties", {})
        ]
        assert hidden == [True, False]
        assert [one for one in kinds(heard) if "insertDimension" in one]

    run(steps)


def test_only_what_changed_is_written_typed_and_never_into_a_persons_column(desk: Desk) -> None:
    async def steps() -> None:
        rows = [("shop", str(n), n, f"{n} stocked") for n in range(50)]
        await write(desk.book, Listings=listings(*rows))
        heard = asked(desk)
        rows[30] = ("shop", "30", 99, "99 stocked")
        await write(desk.book, 2, Listings=listings(*rows))
        changed = [one["updateCells"] for one in kinds(heard) if "updateCells" in one]
        cells = sum(
            len(row["values"]) for one in changed for row in one["rows"] if one["range"]["sheetId"] != marks.MARK_ID
        )
        assert cells == 2  # target and why
        everything = json.dumps(heard)
        assert "USER_ENTERED" not in everything and "formulaValue" not in everything
        mine = [c.name if c else "" for c in columns_of(BY_NAME["Listings"])].index("Change")
        assert all(
            one["range"]["endColumnIndex"] <= mine for one in changed if one["range"]["sheetId"] == fixed_id("Listings")
        )

    run(steps)


def test_a_newest_first_log_is_shifted_not_rewritten(desk: Desk) -> None:
    def log(*numbers: int) -> pl.DataFrame:
        return shaped(
            BY_NAME["Sync Log"], pl.DataFrame([{"Channel": "shop", "Listing": str(n), "To": n} for n in numbers])
        )

    async def steps() -> None:
        await write(desk.book, Sync_Log=log(*range(60, 0, -1)))
        heard = asked(desk)
        await write(desk.book, 2, Sync_Log=log(*range(62, 2, -1)))
        rows = [len(one["updateCells"]["rows"]) for one in kinds(heard) if "updateCells" in one]
        assert rows == [2, marks.ROWS]  # the two new ones, and the mark
        again = await desk.agents("another").read()
        assert again.mark == Mark("book", 2)
        shown = [row[2].get("effectiveValue", {}).get("stringValue") for row in desk.person.grid("Sync Log")[3:] if row]
        assert shown[:60] == [str(n) for n in range(62, 2, -1)]
        assert not [one for one in shown[60:] if one]

    run(steps)


def test_pieces_stay_under_two_megabytes_and_the_mark_comes_last(desk: Desk) -> None:
    async def steps() -> None:
        heard = asked(desk)
        await write(desk.book, Listings=listings(*(("shop", str(n), n, "why " * 40) for n in range(6000))))
        pieces = [body for _, path, body in heard if path.endswith(":batchUpdate")]
        assert len(pieces) > 2
        assert all(len(json.dumps(body, separators=(",", ":"))) < PIECE * 1.1 for body in pieces)
        marked = [
            any(one.get("updateCells", {}).get("range", {}).get("sheetId") == marks.MARK_ID for one in body["requests"])
            for body in pieces
        ]
        assert marked[-1] and not any(marked[:-1])

    run(steps)


# --- looking ----------------------------------------------------------------------------------------------------------


def test_texts_of_digits_stay_texts_R9(desk: Desk) -> None:
    async def steps() -> None:
        rows = (await desk.book.read()).tabs["Item Master"]
        assert rows.select("SKU", "SKU|kind", "Stocked").rows()[1] == ("007", "text", "3")

    run(steps)


def test_a_renamed_tab_and_moved_columns_are_found(desk: Desk) -> None:
    async def steps() -> None:
        await write(desk.book, Attention=attention("q1"))
        desk.person.does(
            {"updateSheetProperties": {"properties": {"sheetId": 100, "title": "Meine Artikel"}, "fields": "title"}},
            {
                "updateSheetProperties": {
                    "properties": {"sheetId": fixed_id("Attention"), "title": "Fragen"},
                    "fields": "title",
                }
            },
            {
                "moveDimension": {
                    "source": {"sheetId": 100, "dimension": "COLUMNS", "startIndex": 2, "endIndex": 3},
                    "destinationIndex": 0,
                }
            },
        )
        seen = await desk.agents("another").read()
        assert (seen.names["Item Master"], seen.names["Attention"]) == ("Meine Artikel", "Fragen")
        assert seen.letters["Item Master"]["Stocked"] == "A"
        assert seen.tabs["Item Master"]["Stocked"].to_list() == ["20", "3", "0"]

    run(steps)


def test_a_quiet_look_is_one_small_read_and_an_edit_is_seen_within_ten_seconds(desk: Desk, clock: Time) -> None:
    async def steps() -> None:
        await desk.book.read()
        watching = asyncio.ensure_future(desk.book.changed())
        while clock.seconds < 50:  # noqa: ASYNC110 - time passes as somebody waits
            await asyncio.sleep(0)
        before, began = desk.book.calls.used.calls["read"], clock.seconds
        while clock.seconds < began + 60:  # noqa: ASYNC110
            await asyncio.sleep(0)
        assert desk.book.calls.used.calls["read"] - before <= 10
        desk.person.types(100, 1, 2, 21)
        edited = clock.seconds
        await watching
        assert clock.seconds - edited <= 10 + 2 * 2
        calls = dict(desk.book.calls.used.calls)
        assert (
            await desk.book.revision() != "" and desk.book.calls.used.calls == calls
        )  # a cycle does not wait for Google
        assert (await desk.book.read()).tabs["Item Master"]["Stocked"][0] == "21"
        await desk.book.close()

    run(steps)


def test_somebody_in_the_middle_of_a_paste_is_waited_for(desk: Desk, clock: Time) -> None:
    async def steps() -> None:
        await desk.book.read()
        desk.person.types(100, 1, 2, 21)
        waits: list[int] = []
        slept = clock.sleep

        async def sleep(seconds: float) -> None:
            if len(waits) < 3:
                waits.append(1)
                desk.person.types(100, 3, 2, 30 + len(waits))
            await slept(seconds)

        clock.sleep = sleep  # type: ignore[method-assign]
        assert (await desk.book.read()).tabs["Item Master"]["Stocked"].to_list() == ["21", "3", "33"]

    run(steps)


def test_an_edit_that_a_write_comes_upon_is_looked_at_at_once_and_not_written_over(desk: Desk, clock: Time) -> None:
    async def steps() -> None:
        await write(desk.book, Attention=attention("q1"))
        seen, slept = await desk.book.read(), clock.sleep

        async def sleep(seconds: float) -> None:
            await (asyncio.Event().wait() if seconds > 5 else slept(seconds))  # the time of the next look never comes

        clock.sleep = sleep  # type: ignore[method-assign]
        watching = asyncio.ensure_future(desk.book.changed())
        await asyncio.sleep(0)
        desk.person.types(100, 1, 2, 21)
        began = clock.seconds
        written = await desk.book.write({"Attention": attention("q2")}, NO_MIRROR, Mark("book", 2), seen)
        assert written.outcome == "moved"
        await asyncio.wait_for(watching, 5)
        assert clock.seconds - began <= 2.0  # two equal looks, and no wait before them
        assert (await desk.book.read()).tabs["Item Master"]["Stocked"][0] == "21"
        await desk.book.close()

    run(steps)


def test_no_result_is_written_while_somebody_is_in_the_middle_of_a_paste(desk: Desk, clock: Time) -> None:
    async def steps() -> None:
        await desk.book.read()
        watching = asyncio.ensure_future(desk.book.changed())
        desk.person.types(100, 1, 2, 21)
        said: list[bool] = []
        slept = clock.sleep

        async def sleep(seconds: float) -> None:
            said.append(desk.book.welcome())
            if len(said) < 4:
                desk.person.types(100, 3, 2, 30 + len(said))
            await slept(seconds)

        clock.sleep = sleep  # type: ignore[method-assign]
        await watching
        assert said[0] and not any(said[1:])  # before the look, and between two looks
        assert desk.book.welcome()
        await desk.book.close()

    run(steps)


def test_an_edit_costs_seven_reads_and_one_write_until_its_result_is_told(desk: Desk) -> None:
    def frames(target: int) -> dict[str, pl.DataFrame]:
        log = pl.DataFrame([{"Channel": "shop", "Listing": "1", "To": target}])
        return {"Listings": listings(("shop", "1", target, "why")), "Sync_Log": shaped(BY_NAME["Sync Log"], log)}

    async def steps() -> None:
        await write(desk.book, 1, **frames(5))
        desk.book._watching = True
        await desk.book._look()  # the glance that an edit will differ from
        before = dict(desk.book.calls.used.calls)
        desk.person.types(100, 1, 2, 21)
        await desk.book._look()
        assert await desk.book.revision()  # as a cycle begins
        assert (await write(desk.book, 2, **frames(4))).outcome == "written"
        used = desk.book.calls.used.calls
        # the glance; a whole look, formulas and formats, the same values again; what the write rests on
        assert used["read"] - before["read"] == 1 + (2 + 1 + 1) + 2
        assert used["write"] - before["write"] == 1

    run(steps)


# --- when Google is out -----------------------------------------------------------------------------------------------


def test_a_host_in_trouble_is_asked_again_with_patience_and_then_said_to_be_out(desk: Desk, clock: Time) -> None:
    async def steps() -> None:
        desk.google.faults.unavailable = 0.5
        for _ in range(6):
            assert (await desk.book.read()).tabs["Item Master"].height == 3
        assert desk.book.calls.used.repeated > 0
        desk.google.faults.unavailable = True
        began = clock.seconds
        with pytest.raises(WorkbookOut, match="does not answer"):
            await desk.book.read()
        assert clock.seconds - began < 60
        desk.google.faults.unavailable = False
        assert (await desk.book.read()).tabs["Item Master"].height == 3

    run(steps)


@pytest.mark.parametrize("fault", ["unavailable_after_apply", "lost_answer", "bad_gateway", "truncated"])
def test_a_write_whose_answer_is_lost_is_found_out_and_not_done_twice(desk: Desk, fault: str) -> None:
    async def steps() -> None:
        await write(desk.book, Attention=attention("q1"))
        seen = await desk.book.read()
        times = iter([False] * 2)

        def now(request: Request, _: Response) -> None:
            if request.path.endswith(":batchGetByDataFilter"):
                setattr(desk.google.faults, fault, True)
            elif request.path.endswith(":batchUpdate"):
                setattr(desk.google.faults, fault, next(times, False))

        if not hasattr(desk.google.faults, fault):
            pytest.skip(f"the practice Google knows no {fault}")
        desk.google.on_exchange = now
        written = await desk.book.write({"Attention": attention("q1", "q2")}, NO_MIRROR, Mark("book", 2), seen)
        assert written.outcome in ("moved", "written")
        desk.google.on_exchange = None
        setattr(desk.google.faults, fault, False)
        await write(desk.book, 3, Attention=attention("q1", "q2"))
        assert (await desk.book.read()).tabs["Attention"]["Id"].drop_nulls().sort().to_list() == ["q1", "q2"]

    run(steps)


def test_the_budget_of_a_minute_is_never_overdrawn(desk: Desk, clock: Time) -> None:
    async def steps() -> None:
        desk.google.faults.reads_a_minute = 60
        for _ in range(150):
            await desk.book.calls.meta()
        assert desk.book.calls.used.repeated == 0
        assert clock.seconds >= 2 * 60
        assert desk.book.calls.used.minute("read", clock.seconds) <= BUDGET["read"]

    run(steps)


def test_access_that_was_taken_away_is_a_plain_sentence_and_comes_back_by_itself(desk: Desk) -> None:
    async def steps() -> None:
        await desk.book.read()
        desk.google.revoke(desk.id, AGENT)
        with pytest.raises(SheetOut) as out:
            await desk.book.read()
        assert out.value.kind == "access"
        assert "Share" in out.value.fix
        assert await desk.book.revision() is None
        desk.google.share(desk.id, AGENT, "reader")
        assert (await write(desk.book, Attention=attention("q1"))).outcome == "refused"
        desk.google.share(desk.id, AGENT, "writer")
        assert (await write(desk.book, Attention=attention("q1"))).outcome == "written"

    run(steps)


# --- one agent a sheet ------------------------------------------------------------------------------------------------


def test_two_agents_on_one_sheet_one_holds_it_until_it_has_ended(desk: Desk, clock: Time) -> None:
    async def steps() -> None:
        first, second = desk.agents("first computer"), desk.agents("second computer")
        assert await first.hold() is None
        assert await second.hold() == "first computer"
        await second.read()
        refused = await write(second, Attention=attention("q1"))
        assert refused.outcome == "refused" and "first computer" in refused.detail
        assert await first.hold() is None
        await clock.sleep(marks.LEASE.total_seconds() + 1)
        assert await second.hold() is None
        assert await first.hold() == "second computer"

    run(steps)


def test_of_two_that_begin_at_once_one_has_it(desk: Desk) -> None:
    async def steps() -> None:
        first, second = desk.agents("first computer"), desk.agents("second computer")
        held = await asyncio.gather(first.hold(), second.hold())
        assert sum(one is None for one in held) == 1

    run(steps)


def test_one_that_ends_lets_go_at_once(desk: Desk) -> None:
    async def steps() -> None:
        first, second = desk.agents("first computer"), desk.agents("second computer")
        assert await first.hold() is None
        await first.close()
        assert await second.hold() is None

    run(steps)


def test_at_most_one_write_a_minute_unless_somebody_is_looking(desk: Desk, clock: Time) -> None:
    async def steps() -> None:
        assert desk.book.welcome()
        await write(desk.book, Attention=attention("q1"))
        assert not desk.book.welcome()
        desk.person.types(100, 1, 2, 21)
        await desk.book.read()
        assert desk.book.welcome()
        clock.seconds += 130
        await write(desk.book, 2, Attention=attention("q2"))
        assert not desk.book.welcome()
        clock.seconds += 61
        assert desk.book.welcome()

    run(steps)


# --- setting up -------------------------------------------------------------------------------------------------------


def test_an_empty_sheet_is_filled_and_filling_it_again_changes_nothing(clock: Time) -> None:
    async def steps() -> None:
        desk = Desk(clock)
        made = await set_up(desk.book.calls)
        assert made.tabs == tuple(tab.name for tab in TABS)
        sheets = desk.person.sheets()
        assert [title for title in sheets if title != marks.TITLE] == [tab.name for tab in TABS]
        heard = asked(desk)
        assert (await set_up(desk.book.calls)).tabs == ()
        assert not kinds(heard)
        seen = await desk.book.read()
        assert seen.issues.is_empty()
        assert seen.tabs["Item Master"].select("SKU", "Stocked").rows()[-1] == ("00123", "250")
        assert desk.person.grid("Item Master")[0][2]["effectiveValue"] == {"stringValue": "Counted"}

    run(steps)


def test_tabs_where_all_only_look_are_locked_and_the_others_warn(clock: Time) -> None:
    async def steps() -> None:
        desk = Desk(clock)
        await set_up(desk.book.calls)
        found = desk.person.call("GET", "?fields=sheets(properties(title),protectedRanges,charts(chartId))")
        locks = {one["properties"]["title"]: one.get("protectedRanges", []) for one in found["sheets"]}
        for tab in AGENT_TABS:
            (lock,) = locks[tab.name]
            assert bool(lock.get("warningOnly")) == bool(tab.person_columns)
            assert bool(lock.get("unprotectedRanges")) == bool(tab.person_columns)
        assert not locks["Item Master"]
        charts = {one["properties"]["title"]: one.get("charts", []) for one in found["sheets"]}
        assert len(charts["Dashboard"]) == 6

    run(steps)


def test_a_sellers_own_sheet_is_completed_and_its_cells_stay(clock: Time) -> None:
    async def steps() -> None:
        desk = Desk(clock)
        desk.give({"Bestand 2026": (("Artikelnummer", "Name", "Bestand"), ("A-1", "Tasse", 5)), "Notizen": (("x", 1),)})
        before = [row[:3] for row in desk.person.grid("Bestand 2026")]
        made = await set_up(desk.book.calls)
        assert made.taken_over == "Bestand 2026" and "Item Master" not in made.tabs
        values = [[cell.get("effectiveValue") for cell in row[:3]] for row in desk.person.grid("Bestand 2026")[:2]]
        assert values == [[cell.get("effectiveValue") for cell in row] for row in before[:2]]
        assert "Notizen" in desk.person.sheets()
        desk.person.does(
            {"updateSheetProperties": {"properties": {"sheetId": 100, "title": "Lager"}, "fields": "title"}}
        )
        seen = await desk.book.read()
        assert seen.tabs["Item Master"].select("SKU", "Stocked").rows() == [("A-1", "5")]
        assert (await set_up(desk.book.calls)).tabs == ()

    run(steps)


def test_beside_each_item_stands_what_stock_levels_says_of_it_wherever_its_row_goes(clock: Time) -> None:
    """The look-up columns of the starter sheet, worked out as the sheet itself would."""

    async def steps() -> None:
        desk = Desk(clock)
        await set_up(desk.book.calls, items=[{"SKU": sku, "Stocked": 1} for sku in ("A", "00123", "C*2?~")])
        seen = await desk.book.read()
        rows = [
            {"SKU": sku, "Stocked": n, "Available": n - 1, "Status": "in sync"} for n, sku in enumerate(["A", "B"], 4)
        ]
        rows += [{"SKU": "00123", "Stocked": 8, "Available": 8}, {"SKU": "C*2?~", "Stocked": 9, "Available": 2}]
        levels = shaped(BY_NAME["Stock Levels"], pl.DataFrame(rows))
        assert (await desk.book.write({"Stock Levels": levels}, NO_MIRROR, Mark("w", 1), seen)).outcome == "written"

        def shown() -> dict[str, tuple[object, ...]]:
            visitor = Visitor(desk.google, desk.google.files[desk.id].book)
            found = visitor.look("Item Master")
            return {
                str(row["SKU"]): tuple(row[name] for name in ("Stocked now", "Available", "Status")) for row in found
            }

        wanted = {"A": (4, 3, "in sync"), "00123": (8, 8, None), "C*2?~": (9, 2, None)}
        assert shown() == wanted
        visitor = Visitor(desk.google, desk.google.files[desk.id].book)
        visitor.sorts("Item Master", "SKU", descending=True)
        visitor.inserts_rows("Item Master", 2)
        visitor.adds("Item Master", [{"SKU": "B"}, {"SKU": "never heard of"}])
        assert shown() == {**wanted, "B": (5, 4, "in sync"), "never heard of": (None, None, None)}
        again = await desk.book.read()
        assert again.issues.is_empty() and again.tabs["Item Master"].height == 5

    run(steps)


def test_where_it_is_not_clear_which_tab_has_the_items_nothing_is_changed(clock: Time) -> None:
    async def steps() -> None:
        desk = Desk(clock)
        desk.give({"One": (("SKU", "Stocked"), ("A", 1)), "Two": (("SKU", "Qty"), ("A", 1))})
        with pytest.raises(WorkbookOut, match="One, Two"):
            await set_up(desk.book.calls)
        assert set(desk.person.sheets()) == {"One", "Two"}

    run(steps)


# --- access -----------------------------------------------------------------------------------------------------------


def secrets(tmp_path: Any) -> Secrets:
    return Secrets(OwnFile(tmp_path))


def test_a_service_account_signs_its_calls_and_says_whom_to_share_with(desk: Desk, tmp_path: Any) -> None:
    async def steps() -> None:
        kept = secrets(tmp_path)
        # google-auth signs with the computer's own clock
        desk.google.clock = lambda: datetime.now(UTC)
        key = service_account(desk.google, AGENT, "https://oauth2.googleapis.com")
        assert access.keep_robot(kept, json.dumps(key)) == AGENT
        session = Session(transport=InProcess(partial(handle, desk.google)))
        session.credentials = access.credentials(kept)
        book = GoogleWorkbook(desk.id, session, desk.clock, rng=Random(1))
        assert (await book.calls.file())["capabilities"]["canEdit"]

    run(steps)


def test_ones_own_login_comes_back_with_pkce_and_lasts(desk: Desk, tmp_path: Any) -> None:
    async def steps() -> None:
        desk.google.clock = lambda: datetime.now(UTC)
        kept, session = secrets(tmp_path), Session(transport=InProcess(partial(handle, desk.google)))
        client = {"installed": {"client_id": "practice-client-id", "client_secret": "practice-client-secret"}}
        visits: list[asyncio.Task[None]] = []

        def browser(page: str) -> None:
            url = httpx.URL(page)
            assert url.params["code_challenge_method"] == "S256"
            assert "drive.metadata.readonly" in url.params["scope"]
            answer = handle(desk.google, Request.of("GET", page))

            async def visit() -> None:
                async with httpx.AsyncClient() as there:
                    await there.get(answer.headers["Location"])

            visits.append(asyncio.ensure_future(visit()))

        await access.sign_in(client, session, browser, kept)
        session.credentials = access.credentials(kept)
        book = GoogleWorkbook(desk.id, session, desk.clock, rng=Random(1))
        assert (await book.read()).tabs["Item Master"].height == 3
        desk.google.refresh_tokens.clear()
        desk.google.tokens.clear()
        with pytest.raises(SheetOut) as out:
            await book.read()
        assert out.value.kind == "access"

    run(steps)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"client_email": "x"}'])
def test_what_is_no_key_file_is_refused_in_a_sentence(tmp_path: Any, text: str) -> None:
    with pytest.raises(WorkbookOut, match="no key file"):
        access.keep_robot(secrets(tmp_path), text)


def test_an_address_that_is_no_sheets_is_refused() -> None:
    with pytest.raises(WorkbookOut, match="no address"):
        access.sheet_id_of("https://example.com/stock")


def test_an_emulator_elsewhere_is_never_called() -> None:
    with pytest.raises(ValueError, match="this computer"):
        Session("http://sheets.example.com:80")


def test_the_probe_answers_all_eleven_questions_and_leaves_the_sheet_as_it_was(desk: Desk) -> None:
    async def steps() -> None:
        desk.google.faults.reads_a_minute = 60
        before = desk.person.sheets()
        found = await probe(desk.book.calls)
        assert [one.number for one in found] == list(range(1, 12))
        assert all(one.answer and "itself failed" not in one.answer for one in found), found
        assert desk.person.sheets() == before
        assert len(table(found).splitlines()) == 22

    run(steps)
