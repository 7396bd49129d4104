"""The core is pure, and time has one door (DESIGN section 9): read from the program's own text."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import agent

HOME = Path(agent.__file__).parent
CORE = sorted((HOME / "core").glob("**/*.py"))
TIMED = sorted(
    file for file in HOME.rglob("*.py") if file.name != "ports.py" and "practice" not in file.relative_to(HOME).parts
)
PRACTICE = sorted(file for file in (HOME / "practice").rglob("*.py") if file.name != "__main__.py")

PURE_MODULES = {
    "__future__", "bisect", "collections", "dataclasses", "datetime", "decimal", "difflib", "enum", "fractions",
    "functools", "hashlib", "heapq", "itertools", "json", "math", "operator", "polars", "rapidfuzz", "re", "string",
    "typing", "types", "unicodedata", "zlib",
}  # fmt: skip
"""What the core may import besides itself: nothing that knows the time, a file, the network or chance."""
PURE_ROOMS = {
    "agent.core", "agent.frames", "agent.workbooks.tabs", "agent.workbooks.base", "agent.channels.base",
}  # fmt: skip
IMPURE_CALLS = {"open", "print", "input", "exec", "eval", "compile", "__import__", "breakpoint", "globals"}
"""Built-in functions that the core never calls."""
FILES_BY_POLARS = {"read_csv", "read_parquet", "read_excel", "read_json", "read_ipc", "read_database", "read_ndjson",
                   "scan_csv", "scan_parquet", "scan_ipc", "scan_ndjson", "write_parquet", "write_excel",
                   "write_ipc", "write_database", "sink_parquet", "sink_csv", "sample", "shuffle"}  # fmt: skip
CLOCKS = {
    "time.time", "time.time_ns", "time.monotonic", "time.perf_counter", "time.sleep", "time.localtime", "time.gmtime",
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "datetime.datetime.now",
    "datetime.datetime.utcnow", "datetime.date.today", "asyncio.sleep",
}  # fmt: skip


def name(file: Path) -> str:
    return str(file.relative_to(HOME))


def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), str(file))


def imports(module: ast.Module) -> Iterator[str]:
    """Whole names: `agent.core.cells`, `datetime.datetime`."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def calls(module: ast.Module) -> Iterator[tuple[str, int]]:
    """`datetime.now` for `datetime.now(UTC)`, with its line; names that were imported from a module are made whole."""
    whole = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom) and node.module in {"time", "asyncio"}
        for alias in node.names
    }
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            yield whole.get(called, called), node.lineno


def is_pure(imported: str) -> bool:
    return imported.partition(".")[0] in PURE_MODULES or any(
        imported == room or imported.startswith(f"{room}.") or room.startswith(f"{imported}.") for room in PURE_ROOMS
    )


@pytest.mark.parametrize("file", CORE, ids=name)
def test_the_core_imports_nothing_that_knows_time_files_network_or_chance(file: Path) -> None:
    assert not [imported for imported in imports(tree(file)) if not is_pure(imported)]


@pytest.mark.parametrize("file", CORE, ids=name)
def test_the_core_opens_prints_and_draws_nothing(file: Path) -> None:
    for called, line in calls(tree(file)):
        assert called not in IMPURE_CALLS | CLOCKS, f"{name(file)}:{line} calls {called}"
        assert called.rpartition(".")[2] not in FILES_BY_POLARS, f"{name(file)}:{line} calls {called}"


@pytest.mark.parametrize("file", CORE, ids=name)
def test_the_core_keeps_nothing_between_two_calls(file: Path) -> None:
    assert not [node.lineno for node in ast.walk(tree(file)) if isinstance(node, (ast.Global, ast.Nonlocal))]


FILES_OWN_TIME = {
    "practice/google/service.py": "the clock of a practice Google that was given none",
    "workbooks/excel.py": "compares a file's own time stamp with now, and waits milliseconds in its thread",
    "workbooks/xlsx/elsewhere.py": "looks twice, 60 ms apart, for lock files; judges their age",
    "workbooks/xlsx/publish.py": "tries again for milliseconds where a scanner holds the file",
}
"""File work runs in threads, on the file system's time; the simulation's workbook lives in memory and needs none."""


@pytest.mark.parametrize("file", TIMED + PRACTICE, ids=name)
def test_only_the_clock_tells_the_time_and_waits(file: Path) -> None:
    found = [f"{name(file)}:{line} calls {called}" for called, line in calls(tree(file)) if called in CLOCKS]
    assert not found or name(file) in FILES_OWN_TIME, found


def test_no_exception_outlives_its_reason() -> None:
    for file in FILES_OWN_TIME:
        assert any(called in CLOCKS for called, _ in calls(tree(HOME / file))), file


@pytest.mark.parametrize("file", CORE, ids=name)
def test_the_core_never_walks_its_rows_in_python_on_a_hot_path(file: Path) -> None:
    slow = {"map_elements", "map_batches", "apply", "iter_slices"}
    found = [f"{name(file)}:{line} {called}" for called, line in calls(tree(file)) if called.rpartition(".")[2] in slow]
    assert not found


def test_the_test_itself_sees_what_it_forbids() -> None:
    bad = ast.parse("from time import time as t\nimport os\nfrom datetime import datetime\nt()\ndatetime.now()\n")
    assert {called for called, _ in calls(bad)} <= CLOCKS
    assert [imported for imported in imports(bad) if not is_pure(imported)] == ["time.time", "os"]
