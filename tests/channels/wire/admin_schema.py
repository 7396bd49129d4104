"""Shopify's own schema as a judge: of every question that is sent, and of every answer that a practice shop gives."""

from __future__ import annotations

import gzip
import json
import warnings
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSchema,
    build_client_schema,
    execute_sync,
    parse,
    validate,
)
from graphql.execution.values import get_variable_values
from graphql.language import InlineFragmentNode, OperationDefinitionNode

CONTRACT = Path(__file__).resolve().parents[4] / "shared" / "specs" / "shopify" / "admin_2026-10.json.gz"
RECORDED = CONTRACT.parent / "recorded"


@cache
def schema() -> GraphQLSchema | None:
    """The vendor's schema; None, with a loud warning, where it is not at hand."""
    if not CONTRACT.exists():
        warnings.warn("Shopify's schema (../shared) is not here: exchanges are not judged by it", stacklevel=2)
        return None
    return build_client_schema(json.loads(gzip.decompress(CONTRACT.read_bytes()))["data"], assume_valid=True)


def faults_of(query: str, variables: Mapping[str, Any] | None = None) -> list[str]:
    """What the vendor's schema has against a question, and against its variables."""
    judge = schema()
    if judge is None:
        return []
    misfits = [] if variables is None else _misfits(judge, query, variables)
    return [error.message for error in _validated(query)] + misfits


@cache
def _validated(query: str) -> list[GraphQLError]:
    judge = schema()
    assert judge is not None
    return validate(judge, parse(query))


def _misfits(judge: GraphQLSchema, query: str, variables: Mapping[str, Any]) -> list[str]:
    (operation,) = [d for d in parse(query).definitions if isinstance(d, OperationDefinitionNode)]
    coerced = get_variable_values(judge, operation.variable_definitions or [], dict(variables))
    return [error.message for error in coerced] if isinstance(coerced, list) else []


def misfits_of_answer(query: str, variables: Mapping[str, Any], data: Any) -> list[str]:
    """What of an answer's data the schema does not allow: wrong types, nulls, or fields that are missing."""
    judge = schema()
    if judge is None or data is None:
        return []
    found = execute_sync(
        judge, parse(query), root_value=data, variable_values=dict(variables),
        field_resolver=_told, type_resolver=_kind,
    )  # fmt: skip
    assert isinstance(found, ExecutionResult)
    return [f"{error.path}: {error.message}" for error in found.errors or []]


def _told(source: Any, info: GraphQLResolveInfo, **_: Any) -> Any:
    return source[info.path.key]


def _kind(value: Any, info: GraphQLResolveInfo, *_: Any) -> str:
    """By its id, or as what it was asked for."""
    if "id" in value:
        return str(value["id"]).split("/")[3]
    asked = info.field_nodes[0].selection_set
    (fragment,) = [each for each in asked.selections if isinstance(each, InlineFragmentNode)] if asked else []
    assert fragment.type_condition is not None
    return fragment.type_condition.name.value
