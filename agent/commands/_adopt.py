"""Taking over a seller's own workbook: what was understood is shown, what is unclear is asked, then it is done."""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import polars as pl

from agent import app, config
from agent.commands import DONE, NEEDS_YOU
from agent.commands._news import issue_words
from agent.commands._screen import Screen
from agent.commands._settings import alone
from agent.commands.check import GOOD_TO_KNOW
from agent.config import ConfigProblems, Settings
from agent.config_check import synced
from agent.config_write import set_value
from agent.core import check
from agent.ports import SystemClock
from agent.words import in_words
from agent.workbooks.adopt.columns import ColumnLook
from agent.workbooks.adopt.sheets import MOST_ROWS, SheetLook, look
from agent.workbooks.adopt.understand import Question, Understood, item_tabs, nearly
from agent.workbooks.adopt.write import adopt, adopted_already
from agent.workbooks.base import Mark, Snapshot, WorkbookOut
from agent.workbooks.tabs import ITEM_MASTER
from agent.workbooks.xlsx.elsewhere import held, open_elsewhere
from agent.workbooks.xlsx.package import Package, Refused
from agent.workbooks.xlsx.publish import Lost, publish, revision_of, write_new
from agent.workbooks.xlsx.reading import read_snapshot

KINDS = (".xlsx", ".xlsm")
YES = ("yes", "y")
NOT_A_LIST = in_words("adopt.none_tabs_looks_like")
WHAT_IT_NEEDS = in_words("adopt.stocksheet_needs_one_tab")
MOST_ISSUES = 5
_TRIES = 3


class Stopped(Exception):
    """The seller did not go on."""


def run(chosen: argparse.Namespace, screen: Screen, workbook: Path, settings_file: Path) -> int:
    """0: adopted, or it was so before. 1: it needs you. Raises WorkbookOut, ConfigProblems, AlreadyRunning."""
    settings = _settings(settings_file, workbook)
    if not chosen.dry_run:
        _not_open(workbook)
    with _alone(settings, chosen.dry_run):
        try:
            return _adopt(chosen, screen, workbook, settings_file)
        except Refused as refused:
            raise WorkbookOut(f"{workbook.name}: {refused.what}", refused.fix) from None
        except Lost:
            raise WorkbookOut(
                in_words("adopt.saved_meanwhile", workbook=workbook.name), in_words("adopt.nothing_changed_try_again")
            ) from None
        except Stopped:
            screen.say(in_words("adopt.stopped_nothing_changed"))
            return NEEDS_YOU


def _adopt(chosen: argparse.Namespace, screen: Screen, workbook: Path, settings_file: Path) -> int:
    with screen.working(f"Reading {workbook.name}"):
        content = workbook.read_bytes()
        package = Package.open(content)
        known = adopted_already(package, read_snapshot(content, SystemClock().now()))
        sheets = [] if known else look(package, content)
    if known:
        screen.sign("ok", in_words("adopt.taken_over_already_nothing", workbook=workbook.name))
        return DONE if chosen.dry_run else _keep_settings(screen, settings_file, workbook)
    understood = _understood(screen, workbook, sheets)
    with screen.working(in_words("adopt.trying_copy")):
        made = adopt(package, understood, _mark(settings_file))
    _show(screen, workbook, understood, made)
    if chosen.dry_run:
        screen.say(in_words("adopt.try_nothing_changed_without"))
        return DONE
    if not chosen.yes and screen.ask(in_words("adopt.is_that_right")).lower() not in YES:
        raise Stopped
    _publish(screen, workbook, content, made)
    return _keep_settings(screen, settings_file, workbook)


# --- before


def _settings(settings_file: Path, workbook: Path) -> Settings | None:
    """The settings, if there are any; they may not belong to another workbook."""
    if workbook.suffix.lower() not in KINDS:
        raise WorkbookOut(
            in_words("adopt.not_excel_workbook_xlsx", workbook=workbook.name),
            in_words("adopt.open_excel_or_libreoffice"),
        )
    if not settings_file.exists():
        if service := synced(settings_file.parent):
            what = in_words("adopt.kept_by_stocksheet_memory", parent=settings_file.parent, service=service)
            raise ConfigProblems([in_words("adopt.name_another_place_config", what=what)])
        return None
    found = config.load(settings_file)
    if Path(found.workbook) != workbook and Path(found.workbook).exists():
        raise ConfigProblems([
            in_words("adopt.settings_work_with_another", settings_file=settings_file, workbook=found.workbook)
        ])  # fmt: skip
    return found


def _alone(settings: Settings | None, dry_run: bool) -> AbstractContextManager[None]:
    return nullcontext() if settings is None or dry_run else alone(settings)


def _not_open(workbook: Path) -> None:
    who = open_elsewhere(workbook)
    if who is not None:
        raise WorkbookOut(
            in_words("adopt.is_open_in", workbook=workbook.name, who=who), in_words("adopt.close_there_run_again")
        )


def _mark(settings_file: Path) -> Mark:
    """Whose the workbook becomes: of the memory that these settings have, if it knows this workbook already."""
    if settings_file.exists():
        store = app.copy_store(config.load(settings_file))
        known = store.meta("workbook_id")
        if known is not None:
            return Mark(str(known), int(str(store.meta("generation", 0))))
    return Mark(secrets.token_hex(6), 0)


# --- what the seller sees and answers


def _understood(screen: Screen, workbook: Path, sheets: Sequence[SheetLook]) -> Understood:
    found = item_tabs(sheets)
    if not found:
        raise WorkbookOut(f"{workbook.name}: {_why_none(sheets)}", WHAT_IT_NEEDS)
    understood = found[0] if len(found) == 1 else _which_tab(screen, found)
    for question in tuple(understood.questions):
        if question in understood.questions:
            understood.answer(question, _answer(screen, understood, question))
    return understood


def _why_none(sheets: Sequence[SheetLook]) -> str:
    close = nearly(sheets)
    if close is None:
        return NOT_A_LIST
    missing = in_words("adopt.says_how_many_there") if "SKU" in close.meaning else in_words("adopt.holds_each_item_own")
    return in_words("adopt.tab_no_column_so", name=close.sheet.name, missing=missing)


def _which_tab(screen: Screen, found: Sequence[Understood]) -> Understood:
    screen.say(in_words("adopt.several_tabs_look_like"))
    lines = [in_words("adopt.heading_row", name=one.sheet.name, one=_rows(one), row=one.header_row) for one in found]
    return found[_number(screen, in_words("adopt.which_is_your_list"), lines, none=False) - 1]


def _rows(one: Understood) -> str:
    return f"{one.items} rows" if one.items < MOST_ROWS - 1 else f"about {one.sheet.height} rows"


def _answer(screen: Screen, understood: Understood, question: Question) -> ColumnLook | None:
    open_choices = [one for one in question.choices if one not in _settled(understood)]
    if not open_choices:
        if question.may_be_none:
            return None
        raise WorkbookOut(
            in_words("adopt.tab_no_column_left", name=understood.sheet.name, column=question.column), WHAT_IT_NEEDS
        )
    lines = [f"{one.title or '(no heading)'}  (column {one.letters}: {_examples(one)})" for one in open_choices]
    screen.say()
    number = _number(screen, question.text, lines, none=question.may_be_none)
    return open_choices[number - 1] if number else None


def _settled(understood: Understood) -> list[ColumnLook]:
    """Columns that are no choice any more. A name gives way: what a list calls `Item` may be its code."""
    return [one for name, one in understood.meaning.items() if name != "Title"]


def _number(screen: Screen, question: str, lines: Sequence[str], *, none: bool) -> int:
    """A number from 1 on; 0: none of these. Raises Stopped."""
    screen.say(question)
    for number, line in enumerate(lines, 1):
        screen.say(f"  {number}  {line}")
    screen.say(f"  0  {in_words('adopt.none_of_these' if none else 'adopt.none_stop')}")
    for _ in range(_TRIES):
        typed = screen.ask(in_words("adopt.type_number"))
        if typed.isdigit() and int(typed) <= len(lines):
            if typed == "0" and not none:
                break
            return int(typed)
        screen.say(in_words("adopt.please_type_number_from", count=len(lines)))
    raise Stopped


def _examples(one: ColumnLook) -> str:
    return ", ".join(text[:24] for text in one.examples) or "empty"


def _show(screen: Screen, workbook: Path, understood: Understood, made: bytes) -> None:
    """What was understood, and what the new version reads like: the real reader on the real bytes."""
    snapshot = read_snapshot(made, SystemClock().now())
    checked = check.check(snapshot, [], SystemClock().now().astimezone().date())
    screen.say()
    screen.table(
        _table(understood),
        in_words(
            "adopt.tab_heading_row", workbook=workbook.name, name=understood.sheet.name, row=understood.header_row
        ),
    )
    others = [one.title for one in understood.columns if one.header and one not in understood.meaning.values()]
    if others:
        screen.say(f"Left alone: {', '.join(others[:12])}{' ...' if len(others) > 12 else ''}")
    screen.say()
    for sign, sentence in _says(snapshot, checked):
        screen.sign(sign, sentence)
    screen.say(in_words("adopt.added_at_end_tabs"))


def _table(understood: Understood) -> pl.DataFrame:
    order = [name for name in ITEM_MASTER.names if name in understood.meaning]
    found = [(name, understood.meaning[name]) for name in order]
    return pl.DataFrame(
        {
            "Stocksheet says": [name for name, _ in found],
            "your column": [f"{one.letters}  {one.title}" for _, one in found],
            "for example": [_examples(one) for _, one in found],
        }
    )


def _says(snapshot: Snapshot, checked: check.Checked) -> list[tuple[str, str]]:
    """What the new version reads like."""
    items = checked.items
    counted = items.filter(pl.col("stocked").is_not_null())
    units = int(counted["stocked"].sum())
    told = [("ok", in_words("adopt.items_them_with_quantity", count=items.height, counted=counted.height, units=units))]
    usual = pl.col("frozen").is_null() & ~pl.col("bundle") & pl.col("tracked")
    blank = items.filter(pl.col("stocked").is_null() & usual).height
    if blank:
        told.append(("note", in_words("adopt.without_quantity_not_managed", blank=blank)))
    formulas = int(items["stocked_formula"].sum())
    if formulas:
        how = in_words("adopt.read_as_they_stand")
        told.append(("note", in_words("adopt.quantities_formulas_they", formulas=formulas, how=how)))
    return [*told, *_wrong(snapshot, checked)]


def _wrong(snapshot: Snapshot, checked: check.Checked) -> list[tuple[str, str]]:
    issues = [*checked.issues.iter_rows(named=True), *snapshot.issues.iter_rows(named=True)]
    known = {f"{_where(issue)}{issue_words(issue)}": issue["code"] in GOOD_TO_KNOW for issue in issues}
    lines = [("note" if harmless else "fix", line) for line, harmless in known.items()]
    if len(lines) > MOST_ISSUES:
        more = in_words("adopt.more_stocksheet_check_tells", count=len(lines) - MOST_ISSUES)
        return [*lines[:MOST_ISSUES], ("fix", more)]
    return lines


def _where(issue: Mapping[str, object]) -> str:
    where = "!".join(str(part) for part in (issue["tab"], issue["cell"]) if part)
    return f"{where}: " if where else ""


# --- doing it


def _publish(screen: Screen, workbook: Path, content: bytes, made: bytes) -> None:
    kept = _backup_place(workbook)
    write_new(kept, content)
    try:
        _not_open(workbook)
        publish(workbook.resolve(), made, revision_of(content), held)
    except (Lost, WorkbookOut):
        kept.unlink()
        raise
    screen.sign("ok", in_words("adopt.taken_over_as_before", workbook=workbook.name, kept=kept.name))


def _backup_place(workbook: Path) -> Path:
    names = [f"{workbook.stem} (before Stocksheet){workbook.suffix}"]
    names += [f"{workbook.stem} (before Stocksheet {n}){workbook.suffix}" for n in range(2, 1000)]
    return next(place for name in names if not (place := workbook.with_name(name)).exists())


def _keep_settings(screen: Screen, settings_file: Path, workbook: Path) -> int:
    if not settings_file.exists():
        config.make_data_folder(settings_file.parent)
        set_value(settings_file, "data_folder", str(settings_file.parent))
    if config.load(settings_file).workbook != str(workbook):
        set_value(settings_file, "workbook", str(workbook))
    screen.sign("ok", f"Your settings: {settings_file}")
    if not config.load(settings_file).channels:
        screen.say(in_words("adopt.next_connect_shop_stocksheet"))
    return DONE
