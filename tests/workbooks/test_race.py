"""A person saves at random moments of the agent's writing, in every way that programs save: nothing is lost."""

from __future__ import annotations

import asyncio
import contextlib
import random
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC
from pathlib import Path

import pytest
from made import agent_frames, opened, saved, seller_book

from agent.frames import MIRROR, empty
from agent.workbooks.base import Mark, WorkbookOut
from agent.workbooks.excel import ExcelWorkbook
from agent.workbooks.xlsx.publish import Lost, publish, revision_of

_PERSON = r"""
import os, sys, time
for line in sys.stdin:
    style, path, source, wait = line.rstrip("\n").split("\t")
    data = open(source, "rb").read()
    time.sleep(float(wait))
    beside = path + ".1A2B3C4D"
    if style == "in place":
        with open(path, "r+b") as file:
            file.truncate(0)
            file.write(data)
    elif style == "delete and create":
        os.unlink(path)
        open(path, "wb").write(data)
    else:
        for _ in range(1 + (style == "twice")):
            open(beside, "wb").write(data)
            if style == "away and in":
                os.rename(path, path + ".old")
            os.replace(beside, path)
            if style == "away and in":
                os.unlink(path + ".old")
    print("saved", flush=True)
"""
STYLES = ("rename", "twice", "away and in", "in place", "delete and create")


class Person:
    """Another process, which saves when it is told to, after a wait."""

    def __init__(self, folder: Path) -> None:
        self._source = folder / "theirs"
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self._process = subprocess.Popen([sys.executable, "-I", "-c", _PERSON], **pipes)

    def start_saving(self, style: str, path: Path, content: bytes, wait: float) -> None:
        self._source.write_bytes(content)
        self._process.stdin.write(f"{style}\t{path}\t{self._source}\t{wait}\n".replace("\\\t", "\t"))
        self._process.stdin.flush()

    def finish(self) -> None:
        assert self._process.stdout.readline() == "saved\n".replace("\\\n", "\n")

    def leave(self) -> None:
        self._process.stdin.close()
        self._process.wait(20)


@pytest.fixture
def person(tmp_path_factory):
    someone = Person(tmp_path_factory.mktemp("person"))
    yield someone
    someone.leave()


def race(folder: Path, person: Person, saves: int, seed: int) -> list[str]:
    """That many saves, each at a random moment around a publication. Returns what was lost."""
    rng, lost, outcomes = random.Random(seed), [], Counter()
    folder.mkdir(exist_ok=True)
    path = folder / "Shop.xlsx"
    for number in range(saves):
        style = STYLES[number % len(STYLES)]
        base, theirs, ours = (f"{who} {number}".encode() * 2000 for who in ("base", "person", "agent"))
        path.write_bytes(base)
        person.start_saving(style, path, theirs, rng.random() * 0.006)
        time.sleep(rng.random() * 0.006)
        try:
            publish(path, ours, revision_of(base))
            outcomes["published"] += 1
        except Lost:
            outcomes["stepped back"] += 1
        person.finish()
        if path.read_bytes() != theirs:
            lost.append(f"{number} {style}")
    assert min(outcomes["published"], outcomes["stepped back"]) > 0, outcomes  # else nothing raced
    return lost + [p.name for p in folder.iterdir() if p != path]


def test_no_save_of_a_person_is_lost_in_a_race(tmp_path, person):
    assert race(tmp_path, person, 60, 7) == []


@pytest.mark.slow
def test_300_saves_of_a_person_and_none_is_lost(tmp_path, person):
    assert race(tmp_path, person, 300, 8) == []


@pytest.mark.parametrize("style", STYLES)
def test_a_save_of_any_style_during_a_whole_write_stays_and_arrives(tmp_path, person, style):
    """The whole way: read, build, check, back up, publish; a person saves another number somewhere in it."""
    path = tmp_path / "Shop.xlsx"
    path.write_bytes(seller_book())
    workbook = ExcelWorkbook(path, backup_dir=tmp_path / "backups", zone=UTC)
    rng = random.Random(style)

    async def turn(number: int) -> tuple[str, str | None]:
        seen = await workbook.read()
        stocked = seen.tabs["Item Master"]["Stocked"].to_list()[0]
        written = await workbook.write(agent_frames(1 + number % 3), empty(MIRROR), Mark("shop", number), seen)
        return written.outcome, stocked

    for number in range(1, 4):
        theirs = opened(path.read_bytes())
        theirs["Item Master"]["C2"].value = 1000 + number
        person.start_saving(style, path, saved(theirs), rng.random() * 0.3)
        with contextlib.suppress(WorkbookOut):
            asyncio.run(turn(number))
        person.finish()
        outcome, stocked = asyncio.run(turn(number))
        assert stocked == str(1000 + number)
        assert outcome in ("written", "unchanged")
        now = opened(path.read_bytes())
        assert now["Item Master"]["C2"].value == 1000 + number and len(now["Listings"]["A"]) == 4 + number % 3
    assert sorted(p.name for p in tmp_path.iterdir()) == ["Shop.xlsx", "backups"]
