"""An Excel workbook written back and read, against openpyxl and python-calamine (DESIGN section 11).

    python benchmarks/workbook.py --rows 20000

Write-back: five of the agent's tabs with `--rows` rows each (Imports, Listings, Stock Levels, Movements, Sync Log).
Every case starts from the same file, in a process of its own, and includes reading the file, its own check, publishing:

* all rows: one number in every row of the five tabs differs;
* one row a tab: one number in one row of each tab differs, and nothing is known of the file yet;
* one row, running: the same a moment after a write of the same process, as after a sale;
* one cell: one `Stocked` cell of the Item Master is mirrored, nothing else is written;
* openpyxl: load and save, without changing anything.

Reading: an Item Master of `--read` rows in 12 columns into a Snapshot (values, addresses, kinds, formula and format
flags), against python-calamine turning the same sheet into lists; the median of three pairs.

CPU seconds are user and system time of the case alone. Memory is the peak of its whole process, imports and the frames
to be written included; every case imports the same, and the peak of a process that only imports is printed first.
"""

from __future__ import annotations

import argparse
import gc
import io
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from agent.frames import MIRROR, empty, frame
from agent.workbooks.base import Mark, Snapshot, Written
from agent.workbooks.excel import ExcelWorkbook
from agent.workbooks.starter import make_starter
from agent.workbooks.tabs import BY_NAME, Column
from agent.workbooks.xlsx.package import Package
from agent.workbooks.xlsx.publish import revision_of
from agent.workbooks.xlsx.reading import read_snapshot
from agent.workbooks.xlsx.writing import Job, build

FIVE = ("Imports", "Listings", "Stock Levels", "Movements", "Sync Log")
NOW = datetime(2026, 11, 22, 14, 3, tzinfo=UTC)
Measured = tuple[float, float]
"""CPU seconds, megabytes."""


def tab_frame(tab: str, rows: int) -> pl.DataFrame:
    """Rows such as a shop's: short texts, small numbers, one sentence, few different times."""
    return pl.select(_values(c, rows).alias(c.name) for c in BY_NAME[tab].columns if c.owner == "agent")


def _values(column: Column, rows: int) -> pl.Expr:
    number = pl.int_range(rows, dtype=pl.Int64)
    if column.kind in ("whole", "number"):
        return number * 7919 % 60
    if column.kind == "when":
        return pl.lit(NOW, pl.Datetime("us", "UTC")) - pl.duration(minutes=number % 1000)
    if column.kind == "why":
        return pl.format("{} stocked - {} allocated = {} -> reserve 2 = {}", number % 60, 0, number % 60, number % 60)
    if column.name in ("Channel", "Status", "Matched by", "What", "Cause", "Result"):
        return pl.format("{} {}", pl.lit(column.name.lower()), number // rows)
    return pl.format("{} {}", pl.lit(column.name), number)


def changed(tabs: dict[str, pl.DataFrame], everywhere: bool) -> dict[str, pl.DataFrame]:
    """Another number in every row, or in one row, of each tab."""
    made = {}
    for tab, rows in tabs.items():
        name = next(c for c in rows.columns if rows[c].dtype == pl.Int64)
        here = pl.lit(value=True) if everywhere else pl.int_range(pl.len()) == rows.height // 2
        made[tab] = rows.with_columns(pl.when(here).then(pl.col(name) + 1).otherwise(pl.col(name)).alias(name))
    return made


def make(rows: int) -> bytes:
    """The workbook that every case of writing starts from."""
    package = Package.open(make_starter())
    tabs = {tab: tab_frame(tab, rows) for tab in FIVE}
    return build(package, Job(tabs, empty(MIRROR), Mark("benchmark", 1), zone=UTC)).content


def measured(work: Callable[[], object]) -> Measured:
    """CPU seconds and megabytes of this work."""
    gc.collect()
    start = time.process_time()
    work()
    return time.process_time() - start, _peak()


def _peak() -> float:
    """The process's peak in megabytes. (On Linux ru_maxrss of a child begins with its parent's peak.)"""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# --- the cases, each in a process of its own


def case(name: str, path: Path, rows: int) -> Measured:
    """Run one case."""
    if name == "idle":
        return measured(lambda: None)
    if name == "openpyxl":
        return measured(lambda: _openpyxl(path))
    if name in ("calamine", "read"):
        content = path.read_bytes()
        return measured(lambda: _calamine(content) if name == "calamine" else read_snapshot(content, NOW))
    return _write(name, path, rows)


def _openpyxl(path: Path) -> None:
    import openpyxl  # noqa: PLC0415 - only in this case's process

    book = openpyxl.load_workbook(path)
    book.save(path.with_name("saved.xlsx"))


def _calamine(content: bytes) -> object:
    from python_calamine import CalamineWorkbook  # noqa: PLC0415

    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name("Item Master").to_python()


def _write(name: str, path: Path, rows: int) -> Measured:
    workbook = ExcelWorkbook(path, backup_dir=path.parent / "backups", zone=UTC)
    tabs = {} if name == "one cell" else {tab: tab_frame(tab, rows) for tab in FIVE}
    mirror = frame([(2, "BLUE-S", "12", 11)], MIRROR) if name == "one cell" else empty(MIRROR)
    if name == "one row, running":
        _done(workbook, changed(tabs, everywhere=False), mirror, path)
        tabs = changed(tabs, everywhere=False)
    other = changed(tabs, everywhere=name == "all rows")
    return measured(lambda: _done(workbook, other, mirror, path))


def _done(workbook: ExcelWorkbook, tabs: dict[str, pl.DataFrame], mirror: pl.DataFrame, path: Path) -> Written:
    """A write that must succeed. What a snapshot would say is known here: reading is measured by itself."""
    letters = {"Item Master": {"SKU": "A", "Stocked": "C"}}
    seen = Snapshot(revision_of(path.read_bytes()), NOW, None, {}, letters, {}, pl.DataFrame())
    written = workbook._write(tabs, mirror, Mark("benchmark", 2), seen)
    assert written.outcome == "written", written
    return written


def in_a_process(name: str, content: bytes, rows: int) -> Measured:
    """The case in a child process, on a file of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "Shop.xlsx"
        path.write_bytes(content)
        command = [sys.executable, __file__, "--case", name, "--file", str(path), "--rows", str(rows)]
        out = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(out[-2]), float(out[-1])


# --- printing


def write_back(rows: int) -> None:
    """Print the write-back table."""
    content = make(rows)
    size = sum(member.size for member in Package.open(content).members.values()) / 1e6
    print(f"write-back, 5 tabs x {rows:,} rows ({len(content) / 1e6:.1f} MB, {size:.0f} MB unpacked)")
    print(f"  {'(imports alone)':24} {'':8}       {in_a_process('idle', content, rows)[1]:8,.0f} MB")
    theirs = in_a_process("openpyxl", content, rows)
    print(f"  {'openpyxl load + save':24} {theirs[0]:8.2f} s CPU {theirs[1]:8,.0f} MB")
    for name in ("all rows", "one row a tab", "one row, running", "one cell"):
        ours = in_a_process(name, content, rows)
        ratio, share = theirs[0] / ours[0], ours[1] / theirs[1]
        goal = "" if ratio >= 20 and share <= 0.4 else "   MISSES the goal (20 times, 40 %)"
        print(f"  {name:24} {ours[0]:8.2f} s CPU {ours[1]:8,.0f} MB   {ratio:5.1f} times less, {share:4.0%}{goal}")


def reading(rows: int) -> None:
    """Print the reading table."""
    number = pl.int_range(rows)
    text = {"SKU": "S-{}", "Title": "Thing number {}", "Barcode": "40{}", "Other SKUs": "T-{}"}
    words = {"Track stock": "yes", "Active": "yes", "Feed": "acme", "Tags": "red, blue"}
    items = pl.select(*(pl.format(form, number).alias(c) for c, form in text.items()), (number % 99).alias("Stocked"))
    content = make_starter(items.with_columns(pl.lit(word).alias(c) for c, word in words.items()))
    print(f"reading, {rows:,} rows x 12 columns (two hold look-up formulas)")
    runs = [(in_a_process("calamine", content, rows), in_a_process("read", content, rows)) for _ in range(3)]
    theirs, ours = sorted(runs, key=lambda run: run[1][0] / run[0][0])[1]
    print(f"  {'python-calamine':24} {theirs[0]:8.2f} s CPU {theirs[1]:8,.0f} MB")
    goal = "" if ours[0] <= 2 * theirs[0] else "   MISSES the goal (2 times)"
    times = ours[0] / theirs[0]
    print(f"  {'Snapshot, with flags':24} {ours[0]:8.2f} s CPU {ours[1]:8,.0f} MB   {times:.2f} times{goal}")


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--rows", type=int, default=20_000, help="rows of each of the five tabs")
    reader.add_argument("--read", type=int, default=100_000, help="rows to read; 0 leaves reading out")
    reader.add_argument("--case", help=argparse.SUPPRESS)
    reader.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    wanted = reader.parse_args()
    if wanted.case:
        print(*case(wanted.case, wanted.file, wanted.rows))
        return
    write_back(wanted.rows)
    if wanted.read:
        reading(wanted.read)


if __name__ == "__main__":
    main()
