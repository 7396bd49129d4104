"""`stocksheet init --google`: access to a Google Sheet, and the tabs in it."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from agent import app, config
from agent.commands import DONE, NEEDS_YOU
from agent.commands._browser import open_page
from agent.commands._screen import Screen
from agent.commands._understanding import Stopped, confirm, show, understood
from agent.config import Settings
from agent.config_write import set_value
from agent.secrets import Secrets
from agent.words import in_words, say
from agent.workbooks.adopt.sheets import SheetLook
from agent.workbooks.adopt.understand import Understood
from agent.workbooks.base import WorkbookOut
from agent.workbooks.google.access import KEEP, LOGIN, ROBOT, keep_robot, parsed, sheet_id_of, sign_in
from agent.workbooks.google.calls import SheetOut
from agent.workbooks.google.session import Session
from agent.workbooks.google.setup import Made, Taken, set_up


def run(chosen: argparse.Namespace, screen: Screen) -> int:
    """0: the sheet is ready. 1: it must be shared first. Raises ConfigProblems, WorkbookOut, SecretsOut."""
    sheet_id_of(chosen.google)
    file = config.find_config(chosen.config)
    try:
        if chosen.dry_run:
            settings = replace(config.load(file), workbook=chosen.google) if file.exists() else None
            return asyncio.run(_try(chosen, screen, settings, file))
        return asyncio.run(_run(chosen, screen, file))
    except Stopped:
        screen.say(in_words("adopt.stopped_nothing_changed"))
        return NEEDS_YOU


async def _try(chosen: argparse.Namespace, screen: Screen, settings: Settings | None, file: Path) -> int:
    """What would be done, where the sheet can be read already: what was understood of it."""
    if settings is None or not _kept(app.secrets_of(settings)):
        screen.say(in_words("google.would", sheet=chosen.google, file=file))
        return DONE
    try:
        await _set_up(settings, chosen, screen)
    except SheetOut as out:
        screen.sign("fix", f"{out.what} {out.fix}")
        return NEEDS_YOU
    except Tried:
        pass
    return DONE


class Tried(Exception):
    """This was a try: nothing is to be changed."""


async def _run(chosen: argparse.Namespace, screen: Screen, file: Path) -> int:
    settings = _settings(file, chosen.google)
    secrets = app.secrets_of(settings)
    if not await _access(chosen, screen, settings, secrets):
        screen.say(in_words("google.how"))
        return NEEDS_YOU
    settings = replace(config.load(file), workbook=chosen.google)
    address = settings.google_account or ""
    try:
        made = await _set_up(settings, chosen, screen)
    except SheetOut as out:
        screen.sign("fix", f"{out.what} {out.fix}")
        if out.kind in ("access", "gone") and "@" in address:
            screen.say(in_words("google.share_with", address=address))
        return NEEDS_YOU
    set_value(file, "workbook", chosen.google)
    _tell(screen, made, file)
    return DONE


def _settings(file: Path, address: str) -> Settings:
    """The settings, for this sheet; one that they name already stays until this one is ready."""
    if not file.exists():
        config.make_data_folder(file.parent)
        set_value(file, "data_folder", str(file.parent))
        set_value(file, "workbook", address)
    return replace(config.load(file), workbook=address)


async def _access(chosen: argparse.Namespace, screen: Screen, settings: Settings, secrets: Secrets) -> bool:
    """Whether there is an access, given now or kept before."""
    if chosen.key:
        address = keep_robot(secrets, _content(chosen.key))
        secrets.remove(KEEP, LOGIN)
        set_value(settings.file, "google_account", address)
        screen.sign("ok", in_words("google.works_as", address=address))
        screen.say(in_words("google.if_not_yet"))
        return True
    if chosen.login:
        session = Session(settings.google_practice)

        def show(page: str) -> None:
            screen.say(in_words("google.say_yes"))
            if not open_page(page):
                screen.say(in_words("google.open_page", page=page))

        try:
            await sign_in(parsed(_content(chosen.login)), session, show, secrets)
        finally:
            session.close()
        set_value(settings.file, "google_account", "your own login")
        screen.sign("ok", in_words("google.signed_in"))
        return True
    return _kept(secrets)


def _kept(secrets: Secrets) -> bool:
    return secrets.find(KEEP, ROBOT) is not None or secrets.find(KEEP, LOGIN) is not None


def _content(file: str) -> str:
    try:
        return Path(file).expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise WorkbookOut(in_words("google.file_unreadable", file=file), in_words("google.name_the_file")) from None


async def _set_up(settings: Settings, chosen: argparse.Namespace, screen: Screen) -> Made:
    book = app.open_google(settings)

    def choose(title: str, sheets: Sequence[SheetLook]) -> Understood:
        return understood(screen, title, sheets, "google")

    def shown(taken: Taken) -> None:
        show(screen, taken.title, taken.understood, taken.snapshot, "google")
        screen.say(in_words("google.added_behind"))
        if chosen.dry_run:
            screen.say(in_words("adopt.try_nothing_changed_without"))
            raise Tried
        confirm(screen, chosen.yes)

    def nothing_to_take(made: Sequence[str]) -> None:
        if chosen.dry_run:
            screen.say(in_words("google.would_add", tabs=", ".join(made)) if made else in_words("google.all_there"))
            screen.say(in_words("adopt.try_nothing_changed_without"))
            raise Tried

    try:
        found = await book.calls.file()
        if not found.get("capabilities", {}).get("canEdit", False):
            words = say("google_not_shared", {"robot": settings.google_account})
            raise SheetOut("access", words.what, words.fix)
        screen.say(in_words("google.looking"))
        return await set_up(book.calls, example=not chosen.empty, choose=choose, confirm=shown, before=nothing_to_take)
    finally:
        await book.close()


def _tell(screen: Screen, made: Made, file: Path) -> None:
    screen.sign("ok", in_words("google.your_sheet", title=made.title))
    if made.taken_over:
        screen.sign("ok", in_words("google.your_items", tab=made.taken_over))
    if made.tabs:
        screen.sign("ok", in_words("google.new_tabs", tabs=", ".join(made.tabs)))
    else:
        screen.sign("ok", in_words("google.all_there"))
    screen.sign("ok", in_words("google.settings", file=file))
    screen.say(in_words("adopt.next_connect_shop_stocksheet" if made.taken_over else "google.next"))
