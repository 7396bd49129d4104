"""`stocksheet init --google`: access to a Google Sheet, and the tabs in it."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from agent import app, config
from agent.commands import DONE, NEEDS_YOU
from agent.commands._browser import open_page
from agent.commands._screen import Screen
from agent.config import Settings
from agent.config_write import set_value
from agent.secrets import Secrets
from agent.words import in_words, say
from agent.workbooks.base import WorkbookOut
from agent.workbooks.google.access import KEEP, LOGIN, ROBOT, keep_robot, parsed, sheet_id_of, sign_in
from agent.workbooks.google.calls import SheetOut
from agent.workbooks.google.session import Session
from agent.workbooks.google.setup import Made, set_up


def run(chosen: argparse.Namespace, screen: Screen) -> int:
    """0: the sheet is ready. 1: it must be shared first. Raises ConfigProblems, WorkbookOut, SecretsOut."""
    sheet_id_of(chosen.google)
    file = config.find_config(chosen.config)
    if chosen.dry_run:
        screen.say(in_words("google.would", sheet=chosen.google, file=file))
        return DONE
    return asyncio.run(_run(chosen, screen, file))


async def _run(chosen: argparse.Namespace, screen: Screen, file: Path) -> int:
    settings = _settings(file, chosen.google)
    secrets = app.secrets_of(settings)
    if not await _access(chosen, screen, settings, secrets):
        screen.say(in_words("google.how"))
        return NEEDS_YOU
    address = config.load(file).google_account or ""
    try:
        with screen.working(in_words("google.looking")):
            made = await _set_up(config.load(file), example=not chosen.empty)
    except SheetOut as out:
        screen.sign("fix", f"{out.what} {out.fix}")
        if out.kind in ("access", "gone") and "@" in address:
            screen.say(in_words("google.share_with", address=address))
        return NEEDS_YOU
    _tell(screen, made, file)
    return DONE


def _settings(file: Path, address: str) -> Settings:
    if not file.exists():
        config.make_data_folder(file.parent)
        set_value(file, "data_folder", str(file.parent))
    set_value(file, "workbook", address)
    return config.load(file)


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
    return secrets.find(KEEP, ROBOT) is not None or secrets.find(KEEP, LOGIN) is not None


def _content(file: str) -> str:
    try:
        return Path(file).expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise WorkbookOut(in_words("google.file_unreadable", file=file), in_words("google.name_the_file")) from None


async def _set_up(settings: Settings, *, example: bool) -> Made:
    book = app.open_google(settings)
    try:
        found = await book.calls.file()
        if not found.get("capabilities", {}).get("canEdit", False):
            words = say("google_not_shared", {"robot": settings.google_account})
            raise SheetOut("access", words.what, words.fix)
        return await set_up(book.calls, example=example)
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
    screen.say(in_words("google.next"))
