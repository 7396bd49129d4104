"""`python -m agent.channels.PLATFORM sign < vector.json`: the signature of one vector's inputs, on standard output.

For every platform that signs its calls: a way to check the signing against vectors that somebody else keeps. The JSON
is a vector with `inputs`, or the inputs alone, in UTF-8 whatever the terminal speaks; a platform's `__main__.py` names
the function that signs them, and takes them apart with `text` and `pairs`, so that `2001887` and `"2001887"` are one.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import IO, Any, TextIO

Sign = Callable[[Mapping[str, Any]], str]
"""The inputs of a vector -> its signature. Raises KeyError, TypeError or ValueError where they are not all there."""


def run(platform: str, sign: Sign) -> int:
    """The command, on this process's arguments and its standard input, read as bytes: see `main`."""
    return main(platform, sign, sys.argv[1:], sys.stdin.buffer if sys.stdin else io.BytesIO(), sys.stdout)


def main(platform: str, sign: Sign, arguments: Sequence[str], read: IO[bytes] | TextIO, write: TextIO) -> int:
    """0: signed. 2: something else was asked for, or the inputs are not usable; standard error says which."""
    if list(arguments) != ["sign"]:
        return _refuse(f"Write: python -m agent.channels.{platform} sign < vector.json")
    try:
        signature = sign(_inputs(json.load(read)))
    except KeyError as missing:
        return _refuse(f"Missing: {missing.args[0]}")
    except (AttributeError, RecursionError, TypeError, ValueError) as wrong:
        return _refuse(f"Cannot be signed: {wrong}")
    write.write(f"{signature}\n")
    return 0


def text(inputs: Mapping[str, Any], name: str, absent: str | None = None) -> str:
    """One input as it is signed: a text, or a number as its digits. `absent`: what it is where it is not given or
    null; without it, KeyError is raised. ValueError: it is neither text nor number."""
    value = inputs.get(name)
    if value is None:
        if absent is None:
            raise KeyError(name)
        return absent
    return _written(name, value)


def pairs(inputs: Mapping[str, Any], name: str) -> list[tuple[str, str]]:
    """The parameters of a call, in the order they are given: an object, or a list of names and values, where a name may
    come again. A value that is null is not sent. Raises ValueError where it is neither."""
    given = inputs.get(name) or []
    rows = list(given.items()) if isinstance(given, Mapping) else given
    if not isinstance(rows, list) or not all(isinstance(row, list | tuple) and len(row) == 2 for row in rows):
        raise ValueError(f"{name} must be an object, or a list of names and values")
    return [(_written(name, key), _written(str(key), value)) for key, value in rows if value is not None]


def _written(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | int | float):
        raise ValueError(f"{name} must be text, as it is sent")
    return str(value)


def _inputs(vector: object) -> Mapping[str, Any]:
    given = vector.get("inputs", vector) if isinstance(vector, Mapping) else vector
    if not isinstance(given, Mapping):
        raise ValueError("the JSON must be an object of inputs")
    return given


def _refuse(sentence: str) -> int:
    sys.stderr.write(f"{sentence}\n")
    return 2
