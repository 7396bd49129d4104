"""One GraphQL call: read, validated, priced, held back where the bucket is empty, executed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    FragmentDefinitionNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    execute_sync,
    parse,
    validate,
)

from agent.practice.shopify.context import Context
from agent.practice.shopify.cost import MOST, Cost
from agent.practice.shopify.schema import schema
from agent.practice.shopify.shop import Shop
from agent.practice.shopify.wording import shown, wrong_variables

Body = dict[str, Any]
MOST_INPUT = 250
_LIMITS = "https://shopify.dev/api/usage/rate-limits"
_TOO_DEAR = (
    "Query cost is {0}, which exceeds the single query max cost limit ({1}).\n\nSee "
    "https://shopify.dev/concepts/about-apis/rate-limits for more information on how the\ncost of a query is "
    "calculated.\n\nTo query larger amounts of data with fewer limits, bulk operations should be used instead.\nSee "
    "https://shopify.dev/api/usage/bulk-operations/queries for usage details.\n"
)


def answer(shop: Shop, base: str, asked: Body) -> Body:
    """What Shopify would answer with 200; `asked` has a query, and may have variables and an operationName."""
    document, faults = _read(str(asked["query"]))
    if document is None or faults:
        return {"errors": list(faults)}
    operation, said = _operation(document, asked.get("operationName"))
    if operation is None:
        return {"errors": [{"message": said}]}
    variables = asked.get("variables")
    given: Body = variables if isinstance(variables, dict) else {}  # anything else says nothing
    wrong = [*wrong_variables(schema(), operation, given), *_too_long(operation, given)]
    return {"errors": wrong} if wrong else _priced(shop, base, document, operation, given)


def is_mutation(asked: Body) -> bool:
    """Whether the call may change something."""
    document, faults = _read(str(asked.get("query") or ""))
    operation = _operation(document, asked.get("operationName"))[0] if document is not None and not faults else None
    return operation is not None and operation.operation is OperationType.MUTATION


@lru_cache(maxsize=256)
def _read(query: str) -> tuple[DocumentNode | None, tuple[Body, ...]]:
    try:
        document = parse(query)
    except GraphQLError as wrong:
        places = [{"line": at.line, "column": at.column} for at in wrong.locations or ()]
        return None, ({"message": wrong.message.replace("Syntax Error", "syntax error", 1), "locations": places},)
    return document, tuple(shown(each, document) for each in validate(schema(), document))


def _operation(document: DocumentNode, name: Any) -> tuple[OperationDefinitionNode | None, str]:
    """The one that is meant; sentences as recorded."""
    found = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    if name:
        chosen = next((each for each in found if each.name and each.name.value == name), None)
        return chosen, f'No operation named "{name}"'
    return (found[0] if len(found) == 1 else None), "An operation name is required"


def _too_long(operation: OperationDefinitionNode, given: Body) -> Iterator[Body]:
    """No list of input may have more than 250 things (shopify.dev/api/usage/limits)."""
    root = next((each.name.value for each in operation.selection_set.selections if hasattr(each, "name")), "")
    for path, have in _lists(given, []):
        if have > MOST_INPUT:
            yield {
                "message": f"The input array size of {have} is greater than the maximum allowed of {MOST_INPUT}.",
                "locations": [],
                "path": [root, *path],
                "extensions": {"code": "MAX_INPUT_SIZE_EXCEEDED"},
            }


def _lists(value: Any, path: list[str]) -> Iterator[tuple[list[str], int]]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _lists(each, [*path, name])
    elif isinstance(value, list):
        yield path, len(value)


def _priced(shop: Shop, base: str, document: DocumentNode, operation: OperationDefinitionNode, given: Body) -> Body:
    fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
    cost = Cost(schema(), operation, fragments, _with_defaults(operation, given))
    requested = cost.requested()
    refused = _held_back(shop, requested)
    if refused is not None:
        return refused
    context = Context(shop, base)
    result = execute_sync(schema(), document, None, context, given, operation.name.value if operation.name else None)
    spent = cost.actual(result.data)
    shop.bucket.left -= spent
    told: Body = {"cost": _told(shop, requested, spent)}
    if context.searches:
        told["search"] = context.searches
    return {**_errors(result), "data": result.data, "extensions": told}


def _held_back(shop: Shop, requested: int) -> Body | None:
    """Too dear, too soon, or Shopify's own mishap; the body of THROTTLED is that of its documentation."""
    if requested > MOST:
        told = {"code": "MAX_COST_EXCEEDED", "cost": requested, "maxCost": MOST, "documentation": _LIMITS}
        return {"errors": [{"message": _TOO_DEAR.format(requested, MOST), "extensions": told}]}
    if shop.bucket.refill(shop.clock()) < requested or shop.faults.strikes("throttled", shop.rng):
        error = {"message": "Throttled", "extensions": {"code": "THROTTLED", "documentation": _LIMITS}}
        return {"errors": [error], "extensions": {"cost": _told(shop, requested, None)}}
    return {"errors": [_internal_error()]} if shop.faults.strikes("internal_error", shop.rng) else None


def _errors(result: ExecutionResult) -> Body:
    for each in result.errors or ():
        if each.original_error is not None and not isinstance(each.original_error, GraphQLError):
            raise each.original_error  # a fault of the practice shop is not to pass for one of Shopify's answers
    return {"errors": [each.formatted for each in result.errors]} if result.errors else {}


def _internal_error() -> Body:
    said = "Internal error. Looks like something went wrong on our end.\nRequest ID: practice (include this in support "
    return {"message": f"{said}requests).", "extensions": {"code": "INTERNAL_SERVER_ERROR", "requestId": "practice"}}


def _with_defaults(operation: OperationDefinitionNode, given: Body) -> Body:
    defaults = {
        each.variable.name.value: getattr(each.default_value, "value", None)
        for each in operation.variable_definitions or ()
        if each.default_value is not None
    }
    return {**defaults, **given}


def _told(shop: Shop, requested: int, spent: int | None) -> Body:
    bucket = shop.bucket
    left = {"maximumAvailable": bucket.size, "currentlyAvailable": int(bucket.left), "restoreRate": bucket.rate}
    return {"requestedQueryCost": requested, "actualQueryCost": spent, "throttleStatus": left}
