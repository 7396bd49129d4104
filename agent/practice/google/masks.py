"""Field masks: which fields of an answer are told, and which fields of a thing are changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from agent.practice.google.errors import Refused, violation

Mask = dict[str, "Mask"]
"""Names and what is wanted below them; nothing below means everything. The name `*` stands for every name."""


class Masked(dict[str, Any]):
    """Of an answer, what is told of it already."""


_TOKEN = re.compile(r"[A-Za-z0-9_*]+|[.,/()]")


def parse(text: str) -> Mask:
    """A mask from its text: `a.b,c(d,e)`, with `/` for `.`; refused where it cannot be read."""
    tokens = _TOKEN.findall(text.replace(" ", ""))
    if "".join(tokens) != text.replace(" ", ""):
        raise _bad(text)
    mask, rest = _listed(tokens, text)
    if rest:
        raise _bad(text)
    return mask


def _bad(text: str) -> Refused:
    return violation("fields", f"Invalid value at 'fields' (type.googleapis.com/google.protobuf.FieldMask), \"{text}\"")


def _listed(tokens: list[str], text: str) -> tuple[Mask, list[str]]:
    mask: Mask = {}
    while True:
        path, tokens = _path(tokens, text)
        below: Mask = {}
        if tokens[:1] == ["("]:
            below, tokens = _listed(tokens[1:], text)
            if tokens[:1] != [")"]:
                raise _bad(text)
            tokens = tokens[1:]
        _put(mask, path, below)
        if tokens[:1] != [","]:
            return mask, tokens
        tokens = tokens[1:]


def _path(tokens: list[str], text: str) -> tuple[list[str], list[str]]:
    path: list[str] = []
    while tokens and tokens[0] not in {".", ",", "/", "(", ")"}:
        path.append(_camel(tokens[0]))
        tokens = tokens[1:]
        if tokens[:1] not in (["."], ["/"]):
            return path, tokens
        tokens = tokens[1:]
    raise _bad(text)


def _camel(name: str) -> str:
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), name)


def _put(mask: Mask, path: list[str], below: Mask) -> None:
    for name in path[:-1]:
        if name in mask and not mask[name]:
            return  # everything below it is wanted already
        mask = mask.setdefault(name, {})
    last = path[-1]
    if below and (last not in mask or mask[last]):
        mask.setdefault(last, {}).update(below)
    else:
        mask[last] = {}


def shown(value: Any, mask: Mask) -> Any:
    """What of an answer is told; lists are gone through."""
    if not mask or isinstance(value, Masked) or ("*" in mask and not mask["*"]):
        return value
    if isinstance(value, list):
        return [shown(each, mask) for each in value]
    if not isinstance(value, dict):
        return value
    every = mask.get("*")
    return {name: shown(each, _below(mask, every, name)) for name, each in value.items() if name in mask or every}


def _below(mask: Mask, every: Mask | None, name: str) -> Mask:
    return mask.get(name, every or {})


def wants(mask: Mask, *path: str) -> bool:
    """Whether anything at that path is told."""
    for name in path:
        if not mask or ("*" in mask and not mask["*"]):
            return True
        if name not in mask and "*" not in mask:
            return False
        mask = mask.get(name, mask.get("*", {}))
    return True


def fields(text: Any, known: Iterable[str] = ()) -> Mask:
    """The mask of a change. `known`: the names that there are at its top."""
    if not text:
        raise Refused("At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)")
    mask = parse(str(text))
    unknown = [name for name in mask if known and name not in known and name != "*"]
    if unknown:
        raise Refused(f"Invalid field: {unknown[0]}")
    return mask


def changed(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, mask: Mask) -> dict[str, Any]:
    """`old` with the fields of the mask as they are in `new`; a field that `new` lacks is taken out."""
    new = new or {}
    if not mask or "*" in mask:
        return dict(new)
    result = dict(old or {})
    for name, below in mask.items():
        if below and isinstance(new.get(name, {}), Mapping) and isinstance(result.get(name, {}), Mapping):
            found = changed(result.get(name), new.get(name), below)
            result[name] = found
            if not found:
                del result[name]
        elif name in new and new[name] is not None:
            result[name] = new[name]
        else:
            result.pop(name, None)
    return result
