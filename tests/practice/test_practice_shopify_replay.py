"""Calls recorded of real shops, asked again of a practice shop in the same state: the same codes, sentences, shapes.

The recordings are of API 2026-04 (a few of 2025-01); what has changed since is left out. Ids that Shopify gives and
moments are compared by their form.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from graphql import FragmentDefinitionNode, OperationDefinitionNode, parse, validate

from agent.practice.shopify import Request, Shop, gid, handle
from agent.practice.shopify.bulk_rules import problems
from agent.practice.shopify.cost import Cost
from agent.practice.shopify.filters import ITEMS, LEVELS, ORDERS
from agent.practice.shopify.schema import schema
from agent.practice.shopify.search import search
from tests.practice.cut_shopify_schema import SPECS, vendor

RECORDED = SPECS / "recorded"
API = "http://practice/admin/api/2026-10/graphql.json"
HERE, THERE = gid("Location", 106318430514), gid("Location", 106318463282)
Body = dict[str, Any]

SET = """mutation Set($input: InventorySetQuantitiesInput!, $idempotencyKey: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $idempotencyKey) {
    inventoryAdjustmentGroup { id createdAt reason referenceDocumentUri
      changes { name delta quantityAfterChange item { id } location { id name } } }
    userErrors { field message code } } }"""
SET_WITHOUT_KEY = SET.replace(" @idempotent(key: $idempotencyKey)", "").replace(", $idempotencyKey: String!", "")
ACTIVATE = """mutation Activate(
    $inventoryItemId: ID!, $locationId: ID!, $available: Int, $onHand: Int, $idempotencyKey: String!) {
  inventoryActivate(inventoryItemId: $inventoryItemId, locationId: $locationId, available: $available, onHand: $onHand)
    @idempotent(key: $idempotencyKey) {
    inventoryLevel { id isActive location { id name } item { id tracked variant { id inventoryQuantity } }
      quantities(names: ["available", "on_hand", "incoming"]) { name quantity updatedAt } }
    userErrors { field message } } }"""


@cache
def recording(name: str) -> Body:
    found = sorted(RECORDED.glob(f"*{name}.json"))
    if not found:
        pytest.skip("the recorded answers of Shopify are not on this computer; nothing was compared")
    loaded: Body = json.loads(found[-1].read_text(encoding="utf-8"))  # the newest version sorts last
    return loaded


class Time:
    now = datetime(2026, 6, 25, 1, 33, 55, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class Stage:
    """A practice shop with the two locations of the recorded one and one item, whose ids stand for the recorded."""

    def __init__(self, available: int = 0, locations: int = 2) -> None:
        self.time = Time()
        self.shop = Shop(clock=self.time, rng=random.Random(1))
        if locations > 1:
            self.shop.add_location("My Custom Location")
        self.variant = self.shop.add_simple(None, "Thing", available)
        self.item = gid("InventoryItem", self.shop.variants[self.variant].inventory_item.id)

    def ask(self, query: str, variables: Body, name: str | None = None) -> Body:
        told = {"query": query, "variables": self.translated(variables), "operationName": name}
        headers = {"X-Shopify-Access-Token": "shpat_practice"}
        response = handle(self.shop, Request.of("POST", API, headers, json.dumps(told).encode()))
        assert response.status == 200
        answer: Body = json.loads(response.body)
        return answer

    def translated(self, recorded: Any) -> Any:
        """With the id of our item in the place of any recorded one that is not made up to be unknown."""
        text = re.sub(r"gid://shopify/InventoryItem/5\d{13}", self.item, json.dumps(recorded))
        text = re.sub(r"inventory_item_id=5\d{13}", f"inventory_item_id={self.item.rpartition('/')[2]}", text)
        text = re.sub(r"gid://shopify/Location/112829759794", HERE, text)
        text = re.sub(r"gid://shopify/ProductVariant/5\d{13}", gid("ProductVariant", self.variant), text)
        return json.loads(text)

    def same(self, recorded: Body, ours: Body) -> None:
        """Everything that the recorded answer says, ours says too."""
        assert differences(self.translated(recorded), ours) == []

    def same_but_for_cost(self, recorded: Body, ours: Body) -> None:
        """For calls whose query was not recorded with them."""
        self.same({name: value for name, value in recorded.items() if name != "extensions"}, ours)


def differences(real: Any, ours: Any, where: str = "") -> list[str]:
    """What the recorded answer says otherwise; extra names of ours come from asking for more."""
    if isinstance(real, dict) and isinstance(ours, dict):
        return [
            each
            for name, value in real.items()
            if name not in {"throttleStatus", "search", "locations"}
            for each in (
                [f"{where}.{name} is missing"]
                if name not in ours
                else differences(value, ours[name], f"{where}.{name}")
            )
        ]
    if isinstance(real, list) and isinstance(ours, list) and len(real) == len(ours):
        return [
            each
            for at, pair in enumerate(zip(real, ours, strict=True))
            for each in differences(*pair, f"{where}[{at}]")
        ]
    same = form(real) == form(ours)
    return [] if same else [f"{where}: {real!r} is answered as {ours!r}"]


def form(value: Any) -> Any:
    """Given ids and moments by their form."""
    if isinstance(value, str):
        value = re.sub(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", "<moment>", value)
        return re.sub(r"(InventoryAdjustmentGroup|BulkOperation)/\d+", r"\1/<number>", value)
    return value


def cases(name: str, part: str = "cases") -> list[str]:
    return sorted(recording(name)[part]) if any(RECORDED.glob(f"*{name}.json")) else ["absent"]


# -- quantities ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", cases("2026-04__products__inventorySetQuantities-quantity-bounds"))
def test_the_bounds_of_a_quantity_are_those_recorded(case: str) -> None:
    found = recording("2026-04__products__inventorySetQuantities-quantity-bounds")["cases"][case]
    stage = Stage()
    stage.same(found["response"], stage.ask(found["query"], found["variables"]))


@pytest.mark.parametrize("case", cases("2026-04__products__inventorySetQuantities-name-validation"))
def test_the_names_of_a_quantity_are_those_recorded(case: str) -> None:
    found = recording("2026-04__products__inventorySetQuantities-name-validation")["cases"][case]
    stage = Stage()
    stage.same(found["response"], stage.ask(found["query"], found["variables"]))


@pytest.mark.parametrize("case", cases("2026-04__products__inventory-reason-validation", "acceptedReasonCases"))
def test_every_recorded_reason_is_taken_and_setting_what_is_there_answers_without_a_group(case: str) -> None:
    found = recording("2026-04__products__inventory-reason-validation")["acceptedReasonCases"][case]
    stage = Stage(available=1)
    stage.same(found["response"], stage.ask(SET, found["variables"]))


@pytest.mark.parametrize("case", ["unknownReasonSet", "emptyReasonSet"])
def test_other_reasons_are_refused_as_recorded(case: str) -> None:
    found = recording("2026-04__products__inventory-reason-validation")["invalidReasonCases"][case]
    stage = Stage(available=1)
    stage.same(found["response"], stage.ask(SET, found["variables"]))


@pytest.mark.parametrize(
    ("case", "query"),
    [
        ("inventorySetQuantities", SET),
        ("missingSetIdempotency", SET_WITHOUT_KEY),
        ("missingSetChangeFromQuantity", SET),
        ("legacySetShape", SET),
    ],
)
def test_the_rules_that_no_schema_tells_are_those_recorded(case: str, query: str) -> None:
    found = recording("2026-04__products__inventory-quantity-contracts-2026-04")[case]
    stage = Stage()
    stage.same_but_for_cost(found["response"], stage.ask(query, found["variables"]))


@pytest.mark.parametrize("case", ["setUnknownInventoryItem", "setUnknownLocation"])
def test_what_is_unknown_is_refused_as_recorded(case: str) -> None:
    found = recording("2026-04__products__inventory-quantity-contracts-2026-04")["unknownIdValidation"][case]
    stage = Stage()
    variables = json.loads(json.dumps(found["variables"]).replace("/999999999999", "/9"))
    stage.same_but_for_cost(found["response"], stage.ask(SET, variables))


def test_only_available_tells_when_it_changed() -> None:
    found = recording("2026-04__products__inventory-quantity-contracts-2026-04")["upstreamCalls"][0]
    stage = Stage()
    query = found["query"].replace("measurement { weight { unit value } }", "")
    ours = stage.ask(query, found["variables"])
    (recorded,), (answered,) = found["response"]["body"]["data"]["nodes"], ours["data"]["nodes"]
    stage.same({"levels": recorded["inventoryLevels"]}, {"levels": answered["inventoryLevels"]})


# -- stocking --------------------------------------------------------------------------------------------------------


def test_stocking_an_item_at_a_location_goes_as_recorded() -> None:
    found = recording("2026-04__products__inventory-activate-on-hand")["cases"]
    stage = Stage()
    for name in ("activateOnHand", "activateOnHandRead", "alreadyActiveOnHand"):
        stage.same(found[name]["response"], stage.ask(found[name]["query"], found[name]["variables"]))
    for name in ("availableOnHandConflict", "onHandOutOfRange"):
        fresh = Stage()
        fresh.same(found[name]["response"], fresh.ask(found[name]["query"], found[name]["variables"]))


def test_an_unknown_location_cannot_be_stocked() -> None:
    found = recording("very-big-test-store.myshopify.com__2025-01__products__inventory-linkage-parity")
    recorded = found["inventoryActivateUnknownLocation"]["response"]["data"]["inventoryActivate"]
    stage = Stage()
    given = {"inventoryItemId": stage.item, "locationId": gid("Location", 9), "idempotencyKey": "k"}
    assert stage.ask(ACTIVATE, given)["data"]["inventoryActivate"]["userErrors"] == recorded["userErrors"]


def test_a_location_that_is_unticked_keeps_its_quantities_for_the_day_it_is_ticked_again() -> None:
    found = recording("inventory-inactive-level-lifecycle-2026-04")
    stage = Stage()
    for step in ("setPrimaryQuantity", "inventoryActivateSecondaryLocation", "setSecondaryQuantity"):
        query = ACTIVATE if "Activate" in step else SET
        told = _without_lagging_totals(found["setup"][step]["response"]["data"])
        stage.same(told, stage.ask(query, found["setup"][step]["variables"])["data"])
    stage.shop.unstock(stage.variant, 106318463282)
    read = next(each for each in found["upstreamCalls"] if "InventoryInactiveLifecycleRead" in each["query"])
    after = found["inventoryInactiveLifecycleReadAfterDeactivate"]
    told = _without_lagging_totals(after["response"]["data"])
    stage.same(told, stage.ask(read["query"], after["variables"])["data"])
    again = found["inventoryInactiveLifecycleReactivate"]
    told = _without_lagging_totals(again["response"]["data"])
    stage.same(told, stage.ask(ACTIVATE, again["variables"])["data"])


def _without_lagging_totals(recorded: Any) -> Any:
    """A real product's totalInventory is late, which is no promise."""
    if isinstance(recorded, list):
        return [_without_lagging_totals(each) for each in recorded]
    if not isinstance(recorded, dict):
        return recorded
    return {name: _without_lagging_totals(value) for name, value in recorded.items() if name != "product"}


def test_user_errors_without_a_code_refuse_to_be_asked_for_one() -> None:
    found = recording("inventory-deactivate-validation-2026-04")["inventoryActivateCodeSelection"]
    query = (
        "mutation InventoryDeactivateValidationActivateCodeSelection($id: ID!, $location: ID!, $key: String!) {\n"
        "inventoryActivate(inventoryItemId: $id, locationId: $location) @idempotent(key: $key) {\n"
        "userErrors { field message code } } }"
    )
    stage = Stage()
    stage.same(found["response"]["payload"], stage.ask(query, {}))


# -- bulk operations -------------------------------------------------------------------------------------------------

VALIDATORS = "2026-04__bulk-operations__bulk-operation-run-query-validators"
CODES = "2026-04__bulk-operations__bulk-operation-run-query-user-error-codes"


@pytest.mark.parametrize(
    ("name", "case"),
    [(name, case) for name in (VALIDATORS, CODES) for case in cases(name, "validations")],
)
def test_what_may_not_be_a_bulk_query_is_refused_as_recorded(name: str, case: str) -> None:
    """Against the vendor's whole schema: the recorded queries ask for much that the shipped part leaves out."""
    found = recording(name)["validations"][case]
    errors = found["response"]["data"]["bulkOperationRunQuery"]["userErrors"]
    assert problems(vendor(), found["variables"]["query"]) == [each["message"] for each in errors]


@pytest.mark.parametrize(
    "case", ["nodesInsteadOfEdges", "ordersNodesInsteadOfEdges", "topLevelNode", "nestedWithoutParentId"]
)
def test_the_shop_itself_refuses_such_a_bulk_query_too(case: str) -> None:
    found = recording(VALIDATORS)["validations"][case]
    stage = Stage()
    stage.same(found["response"], stage.ask(found["query"], found["variables"]))


def test_the_sixth_bulk_operation_is_refused_as_recorded() -> None:
    found = recording("bulk-operation-run-query-concurrency-limit")
    stage = Stage()
    for run in found["successfulRuns"]:
        stage.same(run["response"], stage.ask(run["query"], run["variables"]))
    sixth = found["sixthRun"]
    ours = stage.ask(sixth["query"], sixth["variables"])
    stage.same(sixth["response"], ours)


def test_a_bulk_operation_is_cancelled_as_recorded() -> None:
    found = recording("bulk-operation-run-query-schema-roots")["cases"]["ordersRoot"]
    stage = Stage()
    run = found["run"]
    begun = stage.ask(run["query"], run["variables"])
    stage.same(run["response"], begun)
    number = {"id": begun["data"]["bulkOperationRunQuery"]["bulkOperation"]["id"]}
    cancel = found["afterCleanup"]["cancel"]
    stage.same(cancel["response"], stage.ask(cancel["query"], number))
    settle = found["afterCleanup"]["settle"]
    stage.same(settle["before"]["response"], stage.ask(settle["before"]["query"], {}))
    stage.time.now += timedelta(seconds=2)
    stage.same(settle["polls"][-1]["response"], stage.ask(settle["polls"][-1]["query"], {}))


# -- the query itself ------------------------------------------------------------------------------------------------

EXECUTION = "graphql-request-execution-operation-name-defaults"


@pytest.mark.parametrize("case", cases(EXECUTION))
def test_an_operation_is_chosen_as_recorded(case: str) -> None:
    found = recording(EXECUTION)["cases"][case]
    stage = Stage()
    stage.same(found["response"]["payload"], stage.ask(found["query"], found["variables"], found["operationName"]))


@pytest.mark.parametrize("case", ["missingInventoryItemId", "missingDelta", "missingLocationId"])
def test_a_variable_with_a_hole_is_refused_in_the_recorded_words(case: str) -> None:
    probes = recording("very-big-test-store.myshopify.com__2025-01__products__inventory-adjust-quantities-parity")
    recorded = probes["missingRequiredFieldProbes"][case]["response"]["errors"][0]
    name = {"missingInventoryItemId": "inventoryItemId", "missingDelta": "quantity", "missingLocationId": "locationId"}[
        case
    ]
    row: Body = {"inventoryItemId": gid("InventoryItem", 1), "locationId": HERE, "quantity": 2, "changeFromQuantity": 1}
    del row[name]
    given = {"input": {"name": "available", "reason": "correction", "quantities": [row]}, "idempotencyKey": "k"}
    (ours,) = Stage().ask(SET, given)["errors"]
    adapted = recorded["message"].replace("InventoryAdjustQuantitiesInput", "InventorySetQuantitiesInput")
    assert ours["message"] == adapted.replace("changes.0.delta", "quantities.0.quantity").replace(
        "changes.", "quantities."
    )
    assert ours["extensions"]["code"] == recorded["extensions"]["code"]
    assert ours["extensions"]["problems"] == [
        {"path": ["quantities", 0, name], "explanation": recorded["extensions"]["problems"][0]["explanation"]}
    ]


SEARCHED = {
    "inventory-connection-query-windowing": ITEMS,
    "inventory-item-levels-connection-windowing-2026-04": LEVELS,
    "fulfillment-order-mixed-catalog-lifecycle": ORDERS,
}


@pytest.mark.parametrize("name", SEARCHED)
def test_a_search_is_warned_of_as_recorded(name: str) -> None:
    told = [each for call in _priced_calls(recording(name)) for each in call[2].get("extensions", {}).get("search", ())]
    assert told
    for each in told:
        ours = search(each["query"], SEARCHED[name], timedelta(hours=-5))
        assert ours.warnings == each["warnings"]


# -- cost ------------------------------------------------------------------------------------------------------------

NOT_FITTED = {
    "RefundCreateAttributionSchemaProbe": "it asks the schema for itself",
    "InventoryNodeCoreRead": "fragments on several types share their fields in a way that is not understood",
}


def _priced_calls(found: Any) -> Iterator[tuple[str, Body, Body]]:
    """Every recorded query, its variables, and the answer that tells its cost."""
    if isinstance(found, list):
        for each in found:
            yield from _priced_calls(each)
    elif isinstance(found, dict):
        if isinstance(found.get("query"), str):
            answer = _answer(found)
            if answer is not None:
                yield found["query"], found.get("variables") or {}, answer
        for each in found.values():
            yield from _priced_calls(each)


def _answer(found: Body) -> Body | None:
    for name in ("response", "payload", "body"):
        if isinstance(found.get(name), dict):
            found = found[name]
            if "extensions" in found:
                return found
    return None


def _cost(query: str, variables: Body) -> tuple[str, Cost] | None:
    """The cost of a query that the shipped part of the schema can answer."""
    document = parse(query)
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    if len(operations) != 1 or validate(schema(), document):
        return None
    fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
    name = operations[0].name.value if operations[0].name else ""
    given = {"first": 0, **variables} if "first: Int = 0" in query else variables
    return name, Cost(schema(), operations[0], fragments, given)


def test_every_recorded_cost_that_can_be_compared_is_told_to_the_point() -> None:
    if not RECORDED.exists():
        pytest.skip("the recorded answers of Shopify are not on this computer; nothing was compared")
    compared, wrong = 0, []
    for file in sorted(RECORDED.glob("*.json")):
        for query, variables, answer in _priced_calls(json.loads(file.read_text(encoding="utf-8"))):
            priced = _cost(query, variables)
            if priced is None or priced[0] in NOT_FITTED:
                continue
            compared += 1
            told = answer["extensions"]["cost"]["requestedQueryCost"]
            if priced[1].requested() != told:
                wrong.append((priced[0], priced[1].requested(), told))
    assert wrong == []
    assert compared > 100
