"""`python -m agent.channels.PLATFORM sign < vector.json`: the signature of one vector's inputs, on standard output.

For every platform that signs its calls: a way to check the signing against vectors that somebody else keeps. The JSON
is a vector with `inputs`, or the inputs alone; a platform's `__main__.py` names the function that signs them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TextIO

Sign = Callable[[Mapping[str, Any]], str]
"""The inputs of a vector -> its signature. Raises KeyError, TypeError or ValueError where they are not all there."""


def main(platform: str, sign: Sign, arguments: Sequence[str], read: TextIO, write: TextIO) -> int:
    """0: signed. 2: something else was asked for, or the inputs are not usable; standard error says which."""
    if list(arguments) != ["sign"]:
        return _refuse(f"Write: python -m agent.channels.{platform} sign < vector.json")
    try:
        vector = json.load(read)
        signature = sign(vector.get("inputs", vector))
    except KeyError as missing:
        return _refuse(f"Missing: {missing.args[0]}")
    except (AttributeError, TypeError, ValueError) as wrong:
        return _refuse(f"Cannot be signed: {wrong}")
    write.write(f"{signature}\n")
    return 0


def _refuse(sentence: str) -> int:
    sys.stderr.write(f"{sentence}\n")
    return 2
