"""The words: every code that the program can come up with has a sentence that says what it is and what to do."""

from __future__ import annotations

import ast
import contextvars
import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import agent
from agent import words
from agent.asking.questions import ANSWERS
from agent.core.plan import TABLE
from agent.words import say
from agent.workbooks.tabs import CONTROLS, TABS, headings

HOME = Path(agent.__file__).parent
CODES = sorted(words.codes())
CODE = re.compile(r"[a-z]+(_[a-z0-9]+)*")
EXAMPLES = {
    "count": 12, "units": 3, "shipped": 1, "rows": [3, 9], "skus": ["BLUE-M", "RED-S"], "quantity": 8, "shows": 7,
    "target": 5, "change": 18, "other": "etsy", "line": 4, "choices": ["yes", "no"], "between": "14:03 and 14:18",
    "what": "It does not answer.", "fix": "Nothing to do.",
}  # fmt: skip
CODE_ARGUMENT = {"say": 0, "_say": 2, "issue": 0, "one_issue": 0, "issues": 2, "ask": 1, "SecretsOut": 0}
"""Function -> which argument is a code."""
COLUMNS = {column.name for tab in TABS for column in tab.columns}
CODE_COLUMNS = {"code", "reason", "hold", "frozen", "parked", "stuck", "problem"}
PROGRAMMERS_WORDS = re.compile(
    r"\b(null|none|json|toml|sql|api|http error|exception|boolean|integer|string|parse|parsed|token|invalid|payload|"
    r"endpoint|timeout|failed|error code|backend|traceback|schema|hash|sync state|regex|boolean|array)\b",
    re.IGNORECASE,
)


def example(code: str) -> dict[str, object]:
    return {name: EXAMPLES.get(name, f"THE-{name.upper()}") for name in words.template_facts(code)}


# --- the sentences ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("known", [True, False])
def test_every_code_reads_with_and_without_its_facts(code: str, known: bool) -> None:
    said = say(code, example(code) if known else {})
    for part in (said.what, said.fix):
        assert part.endswith((".", "?")), part
        assert not re.search(r"[{}]|  |\s[.,:;?](?!xlsx)|\(\)|\[\]|[:,]\.|\bNone\b", part), part
        assert part[0] == part[0].upper() or known, part
        for sentence in re.split(r"(?<=[.?]) (?=[A-Z])", part):
            assert len(sentence) <= 220, sentence
        assert not PROGRAMMERS_WORDS.search(part.replace("config.toml", "").replace("config.example.toml", "")), part
    assert said.fix.endswith("."), said.fix


DENIALS = re.compile(r"\b(not|no|never|nothing|none|neither|without|cannot|nobody)\b", re.IGNORECASE)
OTHER_NAMES = re.compile(
    r"\b(inventory|warehouse|worksheets?|spreadsheet tab|web ?shop|product codes?|article numbers?|baseline|ledger|"
    r"snapshot|revision|idempotent|daemon|cache|stale|drifted|threshold|deprecated|utc|stdout|retry|retries)\b",
    re.IGNORECASE,
)
"""Other names of things that have a name here (DESIGN section 3), and words of our own trade."""


@pytest.mark.parametrize("code", CODES)
def test_a_sentence_denies_one_thing_at_most_and_calls_things_by_their_names(code: str) -> None:
    said = say(code, example(code))
    plain = re.sub(r"\([^)]*\)", "", f"{said.what} {said.fix}")  # a setting may be `no`
    for clause in re.split(r"(?<=[.?;:,]) |\band\b|\bso that\b", plain):
        assert len(DENIALS.findall(clause)) <= 1, clause
    assert not OTHER_NAMES.search(f"{said.what} {said.fix}"), str(said)
    assert len(str(said)) <= 420, str(said)


DOING = (
    "Add|Answer|Change|Check|Choose|Clear|Click|Connect|Copy|Correct|Delete|Fill|Find|Keep|Link|Look|Lower|Make|Mend|Name|"
    "Open|Pick|Put|Rename|Renew|Run|Save|See|Set|Sign|Switch|Take|Type|Unlock|Use|Write"
)
WHAT_TO_DO = re.compile(
    rf"(?:Did you mean [^?]+\? )?(Nothing to do\b|(?:(?:If|To) [^,:;.]+[,:] )?(?:{DOING})\b)", re.IGNORECASE
)
"""Something to do, after its condition where it has one; or that there is nothing to do."""


@pytest.mark.parametrize("code", CODES)
def test_every_code_says_what_to_do_first(code: str) -> None:
    assert WHAT_TO_DO.match(say(code, example(code)).fix), say(code, example(code)).fix
    assert WHAT_TO_DO.match(say(code).fix), say(code).fix


@pytest.mark.parametrize("code", [code for code in CODES if words.answers(code)])
def test_every_question_names_the_answers_it_takes(code: str) -> None:
    for answer in words.answers(code):
        assert re.search(rf"answer: [^.]*\b{re.escape(answer)}\b", say(code, example(code)).fix), (code, answer)


SENTENCES = words.lines() | {
    f"{code}.{part}": str(words._book("en")[code][part]) for code in CODES for part in ("what", "fix")
}
"""Place -> sentence as it stands in a language file: all that Stocksheet can say."""


@pytest.mark.parametrize("place", sorted(words.lines()))
@pytest.mark.parametrize("known", [True, False])
def test_every_sentence_without_a_code_reads_with_and_without_its_facts(place: str, known: bool) -> None:
    said = rendered(place, "X" if known else "")
    assert not re.search(r"[{}]|\s[,;?]|\[\]|[:,]\.|\bNone\b", said), said
    names = (
        r"config\S*toml|REST API|API access token|API key|API Integrations|API address|/wp-json/"
        r"|\b[Nn]one (stop|of)\b|(Merchant|refresh) [Tt]oken"
    )
    assert not PROGRAMMERS_WORDS.search(re.sub(names, "", said)), said


def rendered(place: str, value: str) -> str:
    """The sentence with this value for every one of its facts."""
    text = SENTENCES[place]
    known = {found[1]: value for found in words._FACT.finditer(text)} if value else {}
    return words._fill(text, known, words._book("en"))


COUNTED = set(
    "item listing unit row cell SKU shop line product variant quantity question stop link part code movement day "  # noqa: SIM905
    "minute second thing feed tab channel number title location column".split()
)
PLURALS = {f"{one}s" for one in COUNTED} | {"quantities", "copies"}


@pytest.mark.parametrize("place", sorted(SENTENCES))
def test_one_is_one_thing_and_two_are_two_things(place: str) -> None:
    one = rendered(place, "1")
    assert not [
        found[0] for found in re.finditer(r"\b1 (?:of 1 |new |more |order |linked )?(\w+)", one) if found[1] in PLURALS
    ], one
    two = rendered(place, "2")
    assert not [
        found[0]
        for found in re.finditer(r"\b2 (?:of 2 |new |more |order (?=line)|linked )?(\w+)\b", two)
        if found[1] in COUNTED
    ], two


def test_a_number_and_its_verb_may_stand_apart() -> None:
    facts = {"channel": "north", "affix": "X-", "found": "X-1", "item": "1"}
    assert "1 SKU of north that is not linked begins with X-" in say("pattern_prefix", facts | {"count": 1}).what
    assert "2 SKUs of north that are not linked begin with X-" in say("pattern_prefix", facts | {"count": 2}).what


def test_that_numbers_only_go_down_is_said_in_one_way() -> None:
    other_ways = re.compile(r"only (ever )?lower|lowering only|only lowered|never raised", re.IGNORECASE)
    assert not {place: said for place, said in SENTENCES.items() if other_ways.search(said)}


def test_a_fact_that_is_known_stands_in_the_sentence() -> None:
    said = say("sku_duplicate", {"sku": "BLUE-M", "rows": [3, 9, 12]})
    assert "BLUE-M" in said.what
    assert "3, 9 and 12" in said.what


def test_every_fact_of_a_sentence_has_a_default_or_may_be_left_out() -> None:
    raw = words._book("en")
    for code in CODES:
        for part in ("what", "fix"):
            needed = re.sub(r"\[[^\[\]]*\]", "", str(raw[code][part]))
            for name in re.findall(r"\{(\w+)(?!\w|\|)", needed):
                assert name in raw["_defaults"] or code.startswith("config_") or name in COLUMNS, (code, name)


def test_numbers_take_the_right_form_of_their_word() -> None:
    for units, words_for_it in ((1, "1 unit of"), (3, "3 units of"), (None, "Some units of")):
        assert say("missing_units", {"sku": "A", "channel": "etsy", "units": units}).what.startswith(words_for_it)


def test_an_unknown_code_still_says_what_to_do() -> None:
    said = say("never_heard_of")
    assert "never_heard_of" in said.what
    assert "stocksheet report" in said.fix


JSON_FACTS = st.dictionaries(
    st.sampled_from(["sku", "channel", "units", "rows", "found", "tab"]),
    st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=8),
)


@given(code=st.sampled_from([*CODES, "unheard_of"]), facts=JSON_FACTS)
def test_no_facts_ever_break_a_sentence(code: str, facts: dict[str, object]) -> None:
    said = say(code, json.loads(json.dumps(facts)))
    assert said.what.isprintable()
    assert said.fix.isprintable()


def test_text_of_a_cell_or_a_shop_cannot_take_the_sentence_apart_R11() -> None:
    said = say("sku_duplicate", {"sku": "{rows} [x]\n\x1b[2J" + "long " * 100, "rows": [1, 2]})
    assert "{rows} [x] [2Jlong" in said.what
    assert len(said.what) < 250


def test_long_lists_are_counted() -> None:
    said = say("vanished", {"count": 40, "skus": [f"SKU-{n}" for n in range(40)]})
    assert "SKU-0, SKU-1, SKU-2, SKU-3 and 36 more" in said.what


def test_a_moment_is_shown_in_the_time_of_this_computer() -> None:
    moment = datetime(2026, 11, 22, 14, 3, 7, tzinfo=UTC)
    facts = {"since": moment.isoformat(), "until": "yesterday"}
    said = say("missing_units", facts).what
    assert f"between {moment.astimezone():%Y-%m-%d %H:%M} and yesterday" in said
    assert "since 2026-99-99T14:03:00Z" in say("kept_back_long", {"since": "2026-99-99T14:03:00Z"}).what


def test_a_sentence_that_a_shop_says_is_passed_on() -> None:
    said = say("channel_access", {"channel": "etsy", "what": "Etsy wants a new sign-in.", "fix": "Sign in again."})
    assert str(said) == "etsy: Etsy wants a new sign-in. Sign in again."


def test_the_words_and_the_questions_agree_on_the_answers() -> None:
    for kind, answers in ANSWERS.items():
        assert words.answers(kind) == answers, kind


@pytest.mark.parametrize("code", [code for code in CODES if not code.startswith(("config_", "secret", "keystore"))])
def test_every_status_has_a_few_words_for_its_column(code: str) -> None:
    assert 4 <= len(words.short(code)) <= 34, words.short(code)


def test_another_language_needs_only_another_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "words_en.toml").write_text((HOME / "words_en.toml").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "words_xx.toml").write_text('[sku_blank]\nwhat = "Sin SKU."\nfix = "Escriba un SKU."\n')
    monkeypatch.setattr(words, "__file__", str(tmp_path / "words.py"))
    words._book.cache_clear()
    assert say("sku_blank", language="xx").what == "Sin SKU."
    assert say("in_sync", language="xx") == say("in_sync")
    assert say("in_sync", language="../../etc") == say("in_sync")
    words._book.cache_clear()


# --- the codes of the program ----------------------------------------------------------------------------------------


def declared() -> Iterator[tuple[str, str, frozenset[str]]]:
    """(module, code, names of its facts) of every CODES and REASONS in the package."""
    for module in pkgutil.walk_packages([str(HOME)], "agent."):
        if module.name.startswith("agent.practice") or module.name.endswith("__main__"):
            continue
        path = Path(HOME.parent, *module.name.split("."))
        text = (path / "__init__.py" if module.ispkg else path.with_suffix(".py")).read_text(encoding="utf-8")
        for name in re.findall("(?m)^(CODES|REASONS)", text):
            found = getattr(importlib.import_module(module.name), name)
            for code in found:
                yield module.name, code, frozenset(found[code]) if isinstance(found, dict) else frozenset()


def written(tree: ast.AST) -> Iterator[str]:
    """The codes that stand in a module's text: arguments of the functions that take one, values of code columns."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            place = CODE_ARGUMENT.get(name)
            if place is not None and len(node.args) > place:
                yield from literals(node.args[place])
            if name == "alias" and node.args and literal(node.args[0]) in CODE_COLUMNS:
                yield from polars_literals(node.func)
            for keyword in node.keywords:
                if keyword.arg in CODE_COLUMNS:
                    yield from [*literals(keyword.value), *polars_literals(keyword.value)]


def literal(node: ast.AST) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def literals(node: ast.AST) -> Iterator[str]:
    branches = [node.body, node.orelse] if isinstance(node, ast.IfExp) else [node]
    yield from (text for branch in branches if (text := literal(branch)))


def polars_literals(node: ast.AST) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and inner.func.attr == "lit":
            yield from (text for argument in inner.args if (text := literal(argument)))


def test_every_code_that_a_module_declares_has_words() -> None:
    missing = {f"{module}: {code}" for module, code, _ in declared() if code not in words.codes()}
    assert not missing


def test_every_code_that_stands_in_the_program_has_words() -> None:
    missing = set()
    for file in HOME.rglob("*.py"):
        if "practice" in file.parts:
            continue
        for code in written(ast.parse(file.read_text(encoding="utf-8"))):
            if CODE.fullmatch(code) and code not in words.codes() | CODE_COLUMNS:
                missing.add(f"{file.relative_to(HOME)}: {code}")
    assert not missing


def test_every_row_of_the_decision_table_has_words() -> None:
    assert {row.reason for row in TABLE if isinstance(row.reason, str)} <= words.codes()


def test_the_words_of_a_declared_code_use_only_facts_that_it_has() -> None:
    of_the_frame = {"sku", "tab", "cell", "cells", "channel", "listing"}
    facts: dict[str, set[str]] = {}
    for _, code, names in declared():
        facts.setdefault(code, set()).update(names)
    known = {code: names for code, names in facts.items() if names and code in words.codes()}
    odd = {code: words.template_facts(code) - names - of_the_frame for code, names in known.items()}
    assert not {code: names for code, names in odd.items() if names}


# --- sentences that stand in code -------------------------------------------------------------------------------------

DECLARED = {
    "config_keys.py": "the settings file and its example are made from it",
    "workbooks/tabs.py": "tabs, headers and their notes are declared there; template and documents are made from it",
    "workbooks/charts.py": "titles of charts, declared like tabs",
    "workbooks/starter_content.py": "the example rows of a new workbook",
    "core/plan.py": "the decision table, from which the documents are made",
    "core/steps.py": "a why-sentence comes from the very expressions that compute the number",
    "core/rules.py": "as core/steps.py",
    "core/report.py": "as core/steps.py: vectorised, and the core reads no file",
    "core/dashboard.py": "as core/report.py",
    "core/sample.py": "as core/report.py",
    "core/asked.py": "what a person may type in a question",
    "channels/shopify/queries.py": "GraphQL",
    "probe/google.py": "findings about Google for programmers",
    "store.py": "SQL",
    "store_tables.py": "what the tables of the store hold",
    "words.py": "reads the sentences",
    "demo/world.py": "what the practice shops sell",
    "demo/shops.py": "names of the practice shops",
    "workbooks/memory.py": "a workbook for tests alone",
    "workbooks/memory_tabs.py": "a workbook for tests alone",
    "config_check.py": "kinds of values, and the bare words of the settings file",
}
"""Modules that may hold words of their own, and why."""
CHANNELS_OWN = "channels/*/words_en.toml"
"""A channel that has such a file keeps its sentences there."""
PROGRAMMERS = {
    "ValueError",
    "TypeError",
    "AssertionError",
    "KeyError",
    "RuntimeError",
    "NotImplementedError",
    "Warning",
}
DECLARATIONS = {"Can", "Setting", "Way", "Column", "Tab", "Key", "add_argument", "add_parser", "ArgumentParser"}
"""Declared once, and shown from there alone: what a platform can do and asks for, and how a command is used."""
LOGS = {"log", "logger", "logging"}
HELP_TEXTS = {"HELP", "ABOUT", "EPILOG", "description", "epilog", "help"}


NAMES = {name for tab in TABS for column in tab.columns for name in (tab.name, column.name, *column.choices)}
NAMES |= {*CONTROLS, *(answer for answers in ANSWERS.values() for answer in answers), "What came of it"}
"""Names of tabs, columns and switches, choices and answers: declared in tabs.py and questions.py, named elsewhere."""


def prose(text: str) -> bool:
    """A sentence, or a good part of one: at least four words, small letters, one after the other."""
    plain = re.sub(r"\{[^}]*\}", " ", text)
    looks_like_code = re.search(r"[<>\\^]|https?://|::|==|\)\(|SELECT |\bxmlns", plain)
    return (
        text not in NAMES
        and not looks_like_code
        and bool(re.search(r"[A-Za-z][a-z']*(?:[,;:]? [A-Za-z][a-z']*){3,}", plain))
    )


def spoken(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, text) of the literals that read like a sentence and are meant for a person."""
    above = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        text = "".join(part.value for part in node.values if isinstance(part, ast.Constant)) if isinstance(
            node, ast.JoinedStr) else literal(node) or ""  # fmt: skip
        inside = isinstance(above.get(node), ast.JoinedStr)
        if not inside and prose(text) and not meant_for_programs(node, above):
            yield getattr(node, "lineno", 0), text


def meant_for_programs(node: ast.AST, above: dict[ast.AST, ast.AST]) -> bool:
    """A docstring, a line of the log, an error of a programmer's making, or a declaration."""
    while node in above:
        child, node = node, above[node]
        if isinstance(node, ast.Expr) and isinstance(child, ast.Constant):
            return True
        if isinstance(node, ast.Assign) and any(getattr(name, "id", "") in HELP_TEXTS for name in node.targets):
            return True
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            of = getattr(called.value, "id", "") if isinstance(called, ast.Attribute) else ""
            if name in PROGRAMMERS | DECLARATIONS or of in LOGS or (name == "say" and not of):
                return True
        if isinstance(node, ast.keyword) and node.arg in HELP_TEXTS:
            return True
        if isinstance(node, ast.Assert | ast.Compare):
            return True
    return False


def files_that_speak() -> Iterator[Path]:
    """All of the package but the practice shops and the channels that keep their words in their own code still."""
    rooms = {path.parent for path in HOME.glob(CHANNELS_OWN)}
    for file in sorted(HOME.rglob("*.py")):
        place = file.relative_to(HOME)
        room = HOME / "channels" / place.parts[1] if place.parts[0] == "channels" and len(place.parts) > 2 else None
        if place.parts[0] != "practice" and place.as_posix() not in DECLARED and (room is None or room in rooms):
            yield file


def test_no_sentence_for_a_seller_stands_in_code() -> None:
    found = [
        f"{file.relative_to(HOME)}:{line}: {text}"
        for file in files_that_speak()
        for line, text in spoken(ast.parse(file.read_text(encoding="utf-8")))
    ]
    assert not found, "put these into words_en.toml ([_lines.ROOM]) and say them with in_words:\n" + "\n".join(found)


def test_a_sentence_in_code_would_be_found() -> None:
    code = "def told(name):\n    return f'{name} cannot be read now: close programs that hold it.'\n"
    assert [line for line, _ in spoken(ast.parse(code))] == [2]
    assert not list(spoken(ast.parse("log.info('this is a line of the log for programs')")))


def test_every_place_that_the_program_names_has_its_sentence() -> None:
    """A sentence that is asked for and not there would only be missed when it is needed."""
    asked = {
        place
        for file in HOME.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "in_words" and node.args
        for place in literals(node.args[0])
    }
    assert not asked - words.lines().keys()


def test_every_sentence_without_a_code_is_said_somewhere() -> None:
    text = "\n".join(file.read_text(encoding="utf-8") for file in HOME.rglob("*.py"))
    made_up = ("dashboard.", "from_shop.", "control.", "connect.", "looks.")  # named by what they are about
    dead = [place for place in words.lines() if f'"{place}"' not in text and not place.startswith(made_up)]
    assert not [place for place in dead if f"'{place}'" not in text]


def test_a_column_is_called_as_the_workbook_in_use_heads_it() -> None:
    """The heading is declared with the column; a sentence takes it as it takes a fact."""

    def said() -> tuple[str, ...]:
        issue = words.say("not_whole", {"column": "Stocked", "found": "3.5"})
        return issue.what, words.say("halved").what, words.short("feed_taken_away"), words.in_words("ledger.typed")

    in_a_file = said()
    context = contextvars.copy_context()
    context.run(words.call_columns, headings("google"))
    in_a_google_sheet = context.run(said)
    assert all("Stocked" in line and "Counted" not in line for line in in_a_file)
    assert in_a_google_sheet == tuple(line.replace("Stocked", "Counted") for line in in_a_file)
    assert said() == in_a_file


def test_no_sentence_names_the_persons_number_by_a_heading_that_a_google_sheet_has_not() -> None:
    """What is typed is `{Stocked}` in the language file; what lies on the shelf is Stocked in both workbooks."""
    said = {code: words.say(code) for code in words.codes()}
    typed = [
        c for c, each in said.items() if re.search(r"(type|clear|correct|number)[^.]* in Stocked", str(each), re.I)
    ]
    context = contextvars.copy_context()
    context.run(words.call_columns, headings("google"))
    assert not [code for code in typed if "Stocked" in str(context.run(words.say, code)).replace("Stocked now", "")]
