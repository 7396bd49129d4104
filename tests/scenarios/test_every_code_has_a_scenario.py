"""No reason reaches a person without a scenario that shows it: the program's own text against the scenes."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from pathlib import Path

import agent
import tests.scenarios
from agent import words
from agent.asking.questions import ANSWERS
from tests.scenarios.stage import SCENES

HOME = Path(agent.__file__).parent
STEPS = ("accepting", "looking", "deciding", "asking", "telling")
ROOMS = [HOME, *(HOME / name for name in (*STEPS, "core", "workbooks")), HOME / "workbooks" / "xlsx"]
"""Where codes come from (the command line and the settings file have tests of their own)."""

OTHER_WORDS = {
    "accepted": "an outcome of a push (frames.OUTCOME); Sync Log has words of its own for them (tell.OUTCOMES)",
    "sent": "an outcome of a push",
    "refused": "an outcome of a push, and of a write",
    "stale": "an outcome of a push",
    "unknown": "an outcome of a push",
    "not_sent": "an outcome of a push",
    "frozen": "a column; the code in it is what is said",
    "inactive": "a column; the sentence of the target says `not active = 0`",
    "brake": "a kind of question; what is said is its pattern",
}
"""Constants that are spelled like a code and are none where they stand."""

SHOWN_ELSEWHERE = {
    "cell_error": "tests/core/test_check.py: only a real workbook has error cells",
    "cell_unclear": "tests/workbooks/test_xlsx_reading.py: two readers of an Excel file disagree",
    "marketplace_fulfilled": "tests/core/test_match.py: WooCommerce has none",
    "new_refused": "tests/workbooks/test_append_rows.py: only a real workbook refuses rows",
    "decision_twice": "tests/core/test_check.py: only in a workbook in which a row of Imports was copied",
}
"""Codes that this stage cannot bring about, and where they are shown."""

SHADOWED = {
    "tab_missing": "the reader's word for a missing Item Master (tests/workbooks): no_item_master speaks for it",
    "not_linked": "the plan has linked listings only; the others stand in Imports with their reason",
    "read_failed": "a read that fails takes the whole channel out: row 3 speaks first",
    "never_read": "what the shop counts was read when it was found; what it does not count is parked",
}
"""Codes that another one always comes before, in this version."""

LATER = {
    "link_target_missing": "row_missing speaks for it",
    "listing_unclear": "ListingsRead.issues are not told yet",
    "scope_missing": "platforms with scopes",
}
"""Codes that have words and that nothing gives yet: each arrives with its feature, and then needs a scenario."""

SETTINGS = ("google_", "config_", "keystore_", "secret_", "secrets_", "folder_", "check_", "notice_", "stopped")
"""Of a Google Sheet (test_google.py), the settings file, key store, preflight and the end of `run`: test_config.py,
test_secrets.py, test_preflight.py,
test_what_a_stop_means.py."""
MADE_FROM_PARTS = {"channel_access", "channel_host", "channel_wait"}
"""tell joins `channel_` and the kind of trouble."""


def given() -> set[str]:
    """Every constant in these rooms that is spelled like a code."""
    texts = [path.read_text(encoding="utf-8") for room in ROOMS for path in sorted(room.glob("*.py"))]
    constants = {node.value for text in texts for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant)}
    return {code for code in words.codes() if code in constants and not code.startswith(SETTINGS)} | MADE_FROM_PARTS


def told() -> set[str]:
    """Every code that a scene tells of (and has been seen to bring about)."""
    for module in pkgutil.iter_modules(tests.scenarios.__path__):
        importlib.import_module(f"tests.scenarios.{module.name}")
    return set(SCENES)


def test_every_code_that_the_program_gives_has_a_scenario() -> None:
    """A new reason needs a scene: a story, and what the person then sees."""
    missing = given() - told() - set(OTHER_WORDS) - set(SHOWN_ELSEWHERE) - set(SHADOWED)
    assert not missing, f"write a scenario for {sorted(missing)}"


def test_every_question_has_a_scenario() -> None:
    assert set(ANSWERS) - {"brake"} <= told()


def test_a_code_with_words_is_given_or_its_feature_is_named() -> None:
    """And once it is given, it leaves the list of those that arrive later."""
    unused = {code for code in words.codes() if not code.startswith(SETTINGS)} - given()
    assert unused == set(LATER) - set(OTHER_WORDS)


def test_no_list_of_excuses_holds_a_code_that_has_a_scenario_or_no_words() -> None:
    excused = set(OTHER_WORDS) | set(SHOWN_ELSEWHERE) | set(SHADOWED) | set(LATER)
    assert not excused & told()
    assert excused <= words.codes()
