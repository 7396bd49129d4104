"""Every reason, issue, question and status code -> a sentence and what to do, in one place (DESIGN section 9).

The sentences are data: `words_en.toml` beside this file. Another language needs only another `words_XX.toml`; what it
does not say is said in English. This module knows the grammar of that file and nothing of what it says.

The grammar of a sentence:

* `{sku}`: the fact of that name; where it is not known, what `[_defaults]` has for it (`this item`);
* `{column|Link to SKU}`: the same with a default of its own;
* `{units:unit|units}`: a number with its word: `1 unit`, `3 units`; `{units:=is|are}`: the word alone;
* `[ in {channel}]`: a part that is left out unless every fact in it is known;
* `{Stocked}`: a column of the workbook, as the workbook in use heads it (`call_columns`); columns begin with a capital;
* `{typed}`: the shop's name as it is typed on the command line, wherever `channel` is known.

So a sentence always reads, whatever the facts lack.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, cast

LONGEST_FACT = 120
LONGEST_SENTENCE = 400
"""Characters of a fact that are shown: cells and shops may hold whole essays. `what` and `fix` are whole
sentences, `why` one within another, `largest` and `stops` lists."""
LONGEST_LIST = 5
"""Members of a list that are shown; the rest is counted."""

_HEADINGS: ContextVar[Mapping[str, str]] = ContextVar("headings", default={})  # noqa: B039 - never changed in place

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?([+-]\d\d:\d\d|Z)")
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
_FACT = re.compile(r"\{(\w+)(?::(=?)([^|{}]*)\|([^{}]*)|\|([^{}]*))?\}")


@dataclass(frozen=True)
class Words:
    """What is the matter, and what to do about it. Whole sentences."""

    what: str
    fix: str

    def __str__(self) -> str:
        return f"{self.what} {self.fix}".strip()


def call_columns(headings: Mapping[str, str]) -> None:
    """From here on, in this task, these columns are called so: declared name -> heading (`tabs.headings`)."""
    _HEADINGS.set(dict(headings))


def say(code: str, facts: Mapping[str, object] | None = None, language: str = "en") -> Words:
    """The words for a code. Never raises: an unknown code and missing facts still read.

    `facts`: name -> value (text, number, or a list of them), as the frames' JSON `facts` hold them. None and "" mean
    not known.
    """
    words = _book(language)
    entry = words.get(code) or words["_unknown"]
    known = {name: shown for name, value in (facts or {}).items() if (shown := _shown(value, words, _longest(name)))}
    known.setdefault("code", code)
    if "channel" in known:
        known["typed"] = typed(known["channel"])
    if "column" in known:
        known["column"] = _heading(known["column"])
    return Words(_fill(str(entry["what"]), known, words), _fill(str(entry["fix"]), known, words))


def _heading(column: str) -> str:
    return _HEADINGS.get().get(column, column)


def typed(name: str) -> str:
    """A shop's name as it is typed on the command line."""
    return name if re.fullmatch(r"[\w.-]+", name) else f'"{name}"'


def short(code: str, language: str = "en") -> str:
    """A few words for a status column: `in sync`, `not linked`. An issue without words of its own is to be mended."""
    words = _book(language)
    return _fill(str(words.get(code, {}).get("short") or words["_unknown"]["short"]), {}, words)


def in_words(place: str, /, **facts: object) -> str:
    """A sentence that belongs to no code: `in_words("excel.put_back_into", parent=folder)`. KeyError: no such sentence.

    `place`: room and name, as in `[_lines.excel]`; a channel's own stand in its folder (`_of_channels`).
    """
    words = _book("en")
    room, _, name = place.partition(".")
    known = {key: shown for key, value in facts.items() if (shown := _shown(value, words, LONGEST_SENTENCE))}
    if "channel" in known:
        known["typed"] = typed(known["channel"])
    return _fill(_lines(words)[room][name], known, words).strip()


def lines(language: str = "en") -> dict[str, str]:
    """Every sentence that belongs to no code: `room.name` -> its text as it stands in the language file."""
    return {f"{room}.{name}": said for room, named in _lines(_book(language)).items() for name, said in named.items()}


def causes(language: str = "en") -> dict[str, str]:
    """Why a quantity was sent -> how a person says it."""
    return {cause: str(said) for cause, said in _book(language).get("_causes", {}).items()}


def answers(code: str, language: str = "en") -> tuple[str, ...]:
    """The answers that a question takes, in a fixed order; () where the code asks nothing."""
    offered = _book(language).get(code, {}).get("answers", ())
    return tuple(str(answer) for answer in offered) if isinstance(offered, list) else ()


def codes(language: str = "en") -> frozenset[str]:
    """Every code that has words."""
    return frozenset(code for code in _book(language) if not code.startswith("_"))


def template_facts(code: str, language: str = "en") -> frozenset[str]:
    """The names of the facts that the words of a code can use."""
    entry = _book(language)[code]
    names = (found[1] for key in ("what", "fix") for found in _FACT.finditer(str(entry[key])))
    return frozenset(name for name in names if not name[0].isupper())


Book = Mapping[str, Mapping[str, object]]


@cache
def _book(language: str) -> Book:
    english = _load("en")
    return english if language == "en" else _over(english, _load(language))


def _over(english: Book, other: Book) -> Book:
    """English where the other language has nothing; `[_lines]`, `[_causes]` and the like sentence by sentence."""
    rooms = {room: {**named, **_lines(other).get(room, {})} for room, named in _lines(english).items()}
    shared = {name: {**english[name], **other.get(name, {})} for name in english if name.startswith("_")}
    return {**english, **other, **shared, "_lines": rooms}


def _lines(words: Book) -> Mapping[str, Mapping[str, str]]:
    return cast("Mapping[str, Mapping[str, str]]", words.get("_lines", {}))


def _load(language: str) -> dict[str, dict[str, object]]:
    """One language file; {} where there is none. The name is checked, as it becomes part of a path (R19)."""
    if not re.fullmatch(r"[a-z]{2,3}", language):
        return {}
    words = _read(Path(__file__).with_name(f"words_{language}.toml"))
    words["_lines"] = {**words.get("_lines", {}), **_of_channels(language)}
    return words


def _of_channels(language: str) -> dict[str, dict[str, object]]:
    """Channel -> its own sentences: a channel brings them in its folder, so that nothing else is edited for it."""
    found = Path(__file__).parent.glob(f"channels/*/words_{language}.toml")
    return {path.parent.name: _read(path) for path in sorted(found)}


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _fill(template: str, known: Mapping[str, str], words: Book) -> str:
    """The sentence. Facts are put in last, once, so that a fact's own braces and brackets stay as they are."""

    def optional(found: re.Match[str]) -> str:
        needed = [fact[1] for fact in _FACT.finditer(found[1]) if not fact[1][0].isupper()]
        return found[1] if all(name in known for name in needed) else ""

    def fact(found: re.Match[str]) -> str:
        name, alone, one, many, default = found.groups()
        if name[0].isupper():
            return _heading(name)
        value = known.get(name) or default or _default(name, words, found.string[: found.start()])
        if one is None:
            return value
        fitting = one if value in {"1", "-1"} else many
        return fitting if alone else f"{value} {fitting}"

    return _FACT.sub(fact, _OPTIONAL.sub(optional, template))


def _default(name: str, words: Book, before: str) -> str:
    """What stands for a fact that is not known, with a capital where it begins a sentence."""
    text = str(words["_defaults"].get(name, name.replace("_", " ")))
    return text[:1].upper() + text[1:] if not before or before.endswith((". ", "? ")) else text


def _longest(name: str) -> int:
    return LONGEST_SENTENCE if name in {"what", "fix", "largest", "why", "stops"} else LONGEST_FACT


def _shown(value: object, words: Book, longest: int = LONGEST_FACT) -> str:
    """A fact as people read it; "" where it is not known."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(words["_language"]["yes" if value else "no"])
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, Iterable) and not isinstance(value, (str, bytes, Mapping)):
        return _listed([shown for member in value if (shown := _shown(member, words))], words)
    text = str(value)
    return _local(text) if _MOMENT.fullmatch(text) else _tidy(text, longest)


def _listed(members: list[str], words: Book) -> str:
    """`A, B and C`; long lists end in `and 12 more`."""
    if len(members) > LONGEST_LIST:
        rest = str(words["_language"]["more"]).replace("N", str(len(members) - LONGEST_LIST + 1))
        members = [*members[: LONGEST_LIST - 1], rest]
    if len(members) < 2:
        return "".join(members)
    return f"{', '.join(members[:-1])} {words['_language']['and']} {members[-1]}"


def _local(moment: str) -> str:
    """`2026-11-22T14:03:07+00:00` -> `2026-11-22 14:03` in the computer's time zone."""
    try:
        return f"{datetime.fromisoformat(moment).astimezone():%Y-%m-%d %H:%M}"
    except (ValueError, OverflowError):
        return _tidy(moment, LONGEST_FACT)


def _tidy(text: str, longest: int) -> str:
    """One line, no control characters, not too long (R11)."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"
