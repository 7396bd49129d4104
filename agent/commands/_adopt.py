"""Taking over a seller's own workbook: what was understood is shown, what is unclear is asked, then it is done."""

from __future__ import annotations

import argparse
import secrets
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from agent import app, config
from agent.commands import DONE, NEEDS_YOU
from agent.commands._screen import Screen
from agent.commands._settings import alone
from agent.commands._understanding import Stopped, confirm, show, understood
from agent.config import ConfigProblems, Settings
from agent.config_check import synced
from agent.config_write import set_value
from agent.ports import SystemClock
from agent.words import in_words
from agent.workbooks.adopt.sheets import look
from agent.workbooks.adopt.write import adopt, adopted_already
from agent.workbooks.base import Mark, WorkbookOut
from agent.workbooks.xlsx.elsewhere import held, open_elsewhere
from agent.workbooks.xlsx.package import Package, Refused
from agent.workbooks.xlsx.publish import Lost, publish, revision_of, write_new
from agent.workbooks.xlsx.reading import read_snapshot

KINDS = (".xlsx", ".xlsm")


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
    found = understood(screen, workbook.name, sheets)
    with screen.working(in_words("adopt.trying_copy")):
        made = adopt(package, found, _mark(settings_file))
    show(screen, workbook.name, found, read_snapshot(made, SystemClock().now()))
    screen.say(in_words("adopt.added_at_end_tabs"))
    if chosen.dry_run:
        screen.say(in_words("adopt.try_nothing_changed_without"))
        return DONE
    confirm(screen, chosen.yes)
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
