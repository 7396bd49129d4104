"""Asking a person for what a platform needs: which way, step by step, each value looked at before it is used."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from agent.channels.base import Setting, Way
from agent.commands._screen import Screen
from agent.config import ConfigProblems
from agent.words import in_words

TRIES = 3
"""How often one thing is asked for."""
_QUOTES = "\"'`“”‘’\u200b\ufeff\u00a0 \t\r\n"
"""What gets copied along with a key, before and behind it."""


def choose(screen: Screen, question: str, titles: Sequence[str]) -> int:
    """The place of the chosen one; nothing is asked where there is one only. Raises ConfigProblems."""
    if len(titles) == 1:
        return 0
    for number, title in enumerate(titles, 1):
        screen.say(f"  {number}  {title}")
    for _ in range(TRIES):
        typed = screen.ask(question, "1").strip().lower()
        named = [at for at, title in enumerate(titles) if typed and title.lower().startswith(typed)]
        if typed.isdecimal() and 1 <= int(typed) <= len(titles):
            return int(typed) - 1
        if len(named) == 1:
            return named[0]
        screen.sign("fix", in_words("ask_keys.type_number_from", count=len(titles)))
    raise ConfigProblems([in_words("ask_keys.nothing_chosen_nothing_changed")])


def show_steps(screen: Screen, way: Way, known: Mapping[str, str]) -> None:
    """What to do in the shop's admin, numbered."""
    for number, step in enumerate(way.steps, 1):
        screen.say(f"  {number}. {step.format_map(known)}")


def ask_for(
    screen: Screen,
    settings: Sequence[Setting],
    keys: Collection[str],
    known: Mapping[str, str],
    *,
    may_be_empty: bool = False,
) -> dict[str, str]:
    """Key -> value, of those `keys` of a platform's settings that are not known yet. Raises ConfigProblems."""
    wanted = [asked for asked in settings if asked.key in keys and not known.get(asked.key)]
    typed = {asked.key: _value(screen, asked, settings, may_be_empty) for asked in wanted}
    return {key: value for key, value in typed.items() if value}


def _value(screen: Screen, asked: Setting, settings: Sequence[Setting], may_be_empty: bool) -> str:
    if asked.help:
        screen.say(asked.help, "dim")
    note = f" {in_words('ask_keys.hidden')}" if asked.secret else ""
    for _ in range(TRIES):
        typed = screen.ask(f"{asked.label}{note}:", hidden=asked.secret).strip(_QUOTES)
        if not typed and may_be_empty:
            return ""
        value = tidied(asked, typed) if typed else ""
        problem = problem_of(asked, value, settings)
        if problem is None:
            return value
        screen.sign("fix", problem)
    raise ConfigProblems([in_words("ask_keys.nothing_kept_begin_again")])


def tidied(asked: Setting, typed: str) -> str:
    """Without what was copied along."""
    return asked.tidy(typed.strip(_QUOTES))


def problem_of(asked: Setting, value: str, settings: Sequence[Setting]) -> str | None:
    """What is plainly wrong with a value, before anything is sent; None where nothing is. Never shows it."""
    if not value:
        return in_words("ask_keys.nothing_typed_copy_paste", label=asked.label.lower())
    if asked.begins and value.startswith(asked.begins):
        return None
    label = asked.label.lower()
    other = next((each for each in settings if each.begins and value.startswith(each.begins)), None)
    if other is not None:
        return in_words(
            "ask_keys.begins_with", label=other.label.lower(), begins=other.begins, wanted=label, begin=asked.begins
        )
    return in_words("ask_keys.not_whole_copy_once", label=label, begins=asked.begins) if asked.begins else None
