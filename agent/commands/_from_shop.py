"""Items taken from a connected shop: shown first, then added below those that are there. Nothing is overwritten."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from agent import app
from agent.channels.base import Channel, ChannelOut
from agent.commands import DONE, NEEDS_YOU
from agent.commands._news import issue_words
from agent.commands._screen import Screen
from agent.commands._settings import NO_SHOP, alone, settings
from agent.config import ChannelSettings, ConfigProblems, Settings
from agent.core import check, match, own_skus
from agent.core.from_shop import TAKEN, Taken, take
from agent.frames import ITEMS, LINKS, conform, empty
from agent.ports import SystemClock
from agent.words import in_words
from agent.workbooks.base import Snapshot, WorkbookOut
from agent.workbooks.tabs import ITEM_MASTER
from agent.workbooks.xlsx.append import Place, Value, append
from agent.workbooks.xlsx.backups import back_up
from agent.workbooks.xlsx.elsewhere import held, open_elsewhere
from agent.workbooks.xlsx.marks import find_tabs, read_columns
from agent.workbooks.xlsx.package import Package, Refused
from agent.workbooks.xlsx.publish import Lost, publish, revision_of
from agent.workbooks.xlsx.reading import read_snapshot

SHOWN = 8
"""New items that are shown before it is asked."""
EXAMPLES = frozenset({"BLUE-S", "BLUE-M", "BLUE-L", "MUG-SET", "GIFT-CARD"})
NO_DECISIONS = pl.DataFrame(schema=dict.fromkeys(("channel", "listing", "value", "how"), pl.String))


@dataclass(frozen=True)
class _Book:
    """The workbook as it was read."""

    path: Path
    content: bytes
    snapshot: Snapshot
    checked: check.Checked
    header: int


def run(chosen: argparse.Namespace, screen: Screen) -> int:
    """0: added, or nothing to add. 1: it needs you. Raises ConfigProblems, WorkbookOut, ChannelOut, SecretsOut."""
    found = settings(chosen)
    if chosen.source not in found.channels:
        known = f"Connected: {', '.join(found.channels)}." if found.channels else NO_SHOP
        raise ConfigProblems([in_words("from_shop.there_no_connected_shop", source=chosen.source, known=known)])
    with alone(found):
        book = _read(found)
        if not chosen.dry_run:
            _not_open(book.path)
        with screen.working(f"Reading {chosen.source}"):
            taken = asyncio.run(_take(found, book, found.channels[chosen.source]))
        return _carry_out(chosen, screen, found, book, taken)


def _carry_out(chosen: argparse.Namespace, screen: Screen, found: Settings, book: _Book, taken: Taken) -> int:
    _show(screen, chosen.source, book, taken)
    if taken.new.is_empty() and taken.filled.is_empty():
        screen.sign("ok", in_words("from_shop.nothing_add_nothing_changed"))
        return DONE
    try:
        made = _write(book, taken, chosen.source)
    except Refused as refused:
        raise WorkbookOut(f"{book.path.name}: {refused.what}", refused.fix) from None
    if chosen.dry_run:
        screen.say(in_words("from_shop.try_nothing_changed_without"))
        return DONE
    if not chosen.yes and screen.ask("Add them? (yes / no)").lower() not in ("yes", "y"):
        screen.say(in_words("from_shop.nothing_changed"))
        return NEEDS_YOU
    _publish(found, book, made)
    screen.sign("ok", in_words("from_shop.please_count_them_what", taken=_added(taken)))
    screen.say(in_words("from_shop.next_see_few_listings"))
    return DONE


# --- the workbook and the shop


def _read(found: Settings) -> _Book:
    app.open_workbook(found)  # says what is wrong with its place
    path = Path(found.workbook).resolve()
    content, now = path.read_bytes(), SystemClock().now()
    try:
        snapshot = read_snapshot(content, now)
        package = Package.open(content)
    except Refused as refused:
        raise WorkbookOut(f"{path.name}: {refused.what}", refused.fix) from None
    checked = check.check(snapshot, list(found.channels), now.astimezone().date())
    if checked.rejected not in (None, "no_items"):
        issue = checked.issues.filter(pl.col("code") == checked.rejected)
        words = issue_words(issue.row(0, named=True)) if issue.height else in_words("from_shop.items_cannot_read")
        raise WorkbookOut(f"{path.name}: {words}", in_words("from_shop.mend_first_stocksheet_check"))
    sheet = find_tabs(package)[ITEM_MASTER.name]
    kept = read_columns(package, ITEM_MASTER.name, sheet)
    header = kept.row if kept else _header_row(package, sheet.part, snapshot)
    return _Book(path, content, snapshot, checked, header)


def _header_row(package: Package, part: str, snapshot: Snapshot) -> int:
    """Of a workbook that Stocksheet made: where its table begins; else just above its first row."""
    from agent.workbooks.xlsx.layout import Area  # noqa: PLC0415

    tops = [area.top for t in package.tables if t.sheet_part == part and (area := Area.of(t.ref))]
    first = snapshot.tabs[ITEM_MASTER.name]["row"].min()
    return tops[0] if tops else int(str(first)) - 1 if first is not None else 1


def _not_open(path: Path) -> None:
    who = open_elsewhere(path)
    if who is not None:
        raise WorkbookOut(
            in_words("from_shop.is_open_in", path=path.name, who=who), in_words("from_shop.close_there_run_again")
        )


async def _take(found: Settings, book: _Book, one: ChannelSettings) -> Taken:
    channel = app.open_channel(one, app.secrets_of(found), SystemClock(), found.data_folder)
    try:
        await _same_account(channel, one)
        before = (await channel.orders(None)).frame
        listings = (await channel.listings()).frame
        after = (await channel.orders(None)).frame
    finally:
        await channel.close()
    listings = own_skus.of_shop(listings, book.checked.channels, "sku")
    items = conform(book.checked.items, ITEMS)
    matched = match.match(
        listings, items, book.checked.aliases, book.checked.matches, book.checked.channels, NO_DECISIONS, empty(LINKS)
    )
    return take(listings, before, after, _with_notes(items, book.snapshot), matched)


async def _same_account(channel: Channel, one: ChannelSettings) -> None:
    account = await channel.account()
    if one.account_id not in (None, account.id):
        known = one.account_name or one.account_id
        what = in_words("from_shop.answers_there_not", account=account.name, known=known)
        raise ChannelOut("access", f"{one.name}: {what}", in_words("from_shop.connect_again_with_right"))


def _with_notes(items: pl.DataFrame, snapshot: Snapshot) -> pl.DataFrame:
    raw = snapshot.tabs[ITEM_MASTER.name]
    there = [name for name in ("Note", "Tags") if name in raw.columns]
    note = pl.concat_str([pl.col(name) for name in there], separator=" ", ignore_nulls=True) if there else pl.lit(None)
    return items.join(
        raw.select("row", note.cast(pl.String).alias("note")), on="row", how="left", maintain_order="left"
    )


# --- what the seller sees


def _show(screen: Screen, name: str, book: _Book, taken: Taken) -> None:
    if taken.new.height:
        some = taken.new.head(SHOWN)
        rows = some.select(
            pl.col("sku").alias("SKU"), pl.col("title").alias("Title"), pl.col("barcode").alias("Barcode"),
            pl.when("tracked").then(pl.col("stocked").cast(pl.String).fill_null("please count"))
            .otherwise(pl.lit("not counted")).alias("Stocked"),
        )  # fmt: skip
        screen.table(rows, in_words("from_shop.new_items", count=taken.new.height, channel=name))
        if taken.new.height > SHOWN:
            screen.say(in_words("from_shop.more", count=taken.new.height - SHOWN))
    letters = book.snapshot.letters[ITEM_MASTER.name]
    for sentence in (*_sentences(taken, letters), *_not_marked(taken, letters)):
        screen.sign("note", sentence)
    left = EXAMPLES & set(book.checked.items["sku"].to_list())
    if len(left) == len(EXAMPLES):
        screen.sign("note", in_words("from_shop.example_items_new_workbook"))


def _not_marked(taken: Taken, letters: Mapping[str, str]) -> list[str]:
    """Where the seller's own tab has no place for it, the rows do not say that they are to be counted."""
    if taken.new.is_empty() or {"Note", "Tags"} & set(letters):
        return []
    return [in_words("from_shop.your_tab_no_column")]


def _sentences(taken: Taken, letters: Mapping[str, str]) -> list[str]:
    new = taken.new
    untracked = in_words("from_shop.track_stock_no") if "Track stock" in letters else (
        in_words("from_shop.left_blank_so_not")
    )  # fmt: skip
    counts = {
        "filled": taken.filled.height, "known": taken.known, "untracked": new["tracked"].not_().sum(),
        "differing": new["shown"].count(), "shared": new["shared"].sum(), "without_sku": taken.without_sku,
        "doubled": taken.doubled, "unclear": taken.unclear, "elsewhere": taken.elsewhere,
    }  # fmt: skip
    return [in_words(f"from_shop.{said}", count=count, how=untracked) for said, count in counts.items() if count]


def _added(taken: Taken) -> str:
    new, filled = taken.new.height, taken.filled.height
    parts = [in_words("from_shop.added", count=new)] if new else []
    return " ".join([*parts, *([in_words("from_shop.filled_in", count=filled)] if filled else [])])


# --- writing


def _write(book: _Book, taken: Taken, name: str) -> bytes:
    """The new version: the rows below the last item, and the blank cells filled."""
    letters = dict(book.snapshot.letters[ITEM_MASTER.name])
    package = Package.open(book.content)
    sheet = find_tabs(package)[ITEM_MASTER.name]
    today = SystemClock().now().astimezone()
    rows = [_row(row, name, today, letters) for row in taken.new.iter_rows(named=True)]
    filled: dict[tuple[int, str], Value] = {}
    notes = _blank_notes(book, letters)
    for row in taken.filled.iter_rows(named=True):
        filled[row["row"], "Stocked"] = row["stocked"]
        if row["row"] in notes:
            filled[row["row"], "Note"] = _note(name, today, row["shown"])
    frame = book.snapshot.tabs[ITEM_MASTER.name]
    last = max(book.header, int(str(frame["row"].max() or 0)))
    return append(package, Place(sheet, letters, book.header, last), rows, filled)


def _row(row: dict[str, object], name: str, today: datetime, letters: dict[str, str]) -> dict[str, Value]:
    note = _note(name, today, row["shown"])
    values = {
        "SKU": row["sku"], "Title": row["title"], "Barcode": row["barcode"], "Stocked": row["stocked"],
        "Track stock": None if row["tracked"] else "no", "Note" if "Note" in letters else "Tags": note,
    }  # fmt: skip
    if "Note" not in letters:  # a comma would make two tags of it
        values["Tags"] = note.replace(",", ":")
    return {key: value for key, value in values.items() if isinstance(value, str | int)}


def _note(name: str, today: datetime, shown: object) -> str:
    day = f"{today:%Y-%m-%d}"
    return in_words("from_shop.note", taken=TAKEN, channel=name, day=day, shown=shown or None)


def _blank_notes(book: _Book, letters: dict[str, str]) -> set[int]:
    if "Note" not in letters:
        return set()
    return set(book.snapshot.tabs[ITEM_MASTER.name].filter(pl.col("Note").is_null())["row"].to_list())


def _publish(found: Settings, book: _Book, made: bytes) -> None:
    back_up(found.data_folder / "backups", book.path.name, book.content, SystemClock().now())
    _not_open(book.path)
    try:
        publish(book.path, made, revision_of(book.content), held)
    except Lost:
        raise WorkbookOut(
            in_words("from_shop.saved_meanwhile", name=book.path.name), in_words("from_shop.nothing_changed_run_again")
        ) from None
