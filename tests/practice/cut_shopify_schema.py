"""Cuts the practice Shopify's schema out of the vendor's: `python -m tests.practice.cut_shopify_schema` writes it anew.

Names, types, nullability, defaults, deprecations and enum values stay as the vendor has them; a field's argument goes
where its type is not kept; descriptions go.
"""

from __future__ import annotations

import copy
import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

from graphql import GraphQLSchema, build_client_schema, print_schema

SPECS = Path(__file__).resolve().parents[3] / "shared" / "specs" / "shopify"
CONTRACT = SPECS / "admin_2026-10.json.gz"
ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "agent" / "practice" / "shopify" / "admin.graphql"

_PAGE = "edges nodes pageInfo"
_EDGE = "cursor node"
KEPT: dict[str, str] = {
    "QueryRoot": "shop currentAppInstallation locations location product products productVariant productVariants "
    "productVariantsCount inventoryItem inventoryItems inventoryLevel node nodes order orders ordersCount "
    "bulkOperation currentBulkOperation",
    "Mutation": "inventorySetQuantities inventoryActivate inventoryItemUpdate productVariantsBulkUpdate "
    "bulkOperationRunQuery bulkOperationCancel",
    "Shop": "id name email myshopifyDomain url primaryDomain currencyCode plan ianaTimezone timezoneOffsetMinutes "
    "shopAddress createdAt",
    "Domain": "id host url sslEnabled",
    "ShopPlan": "partnerDevelopment publicDisplayName shopifyPlus",
    "ShopAddress": "id city country countryCodeV2 zip",
    "AppInstallation": "id accessScopes app",
    "App": "id handle title",
    "AccessScope": "handle description",
    "Location": "id legacyResourceId name isActive fulfillsOnlineOrders shipsInventory isFulfillmentService isPrimary "
    "hasActiveInventory address createdAt updatedAt deactivatedAt inventoryLevel inventoryLevels",
    "LocationAddress": "city country countryCode zip",
    "Product": "id legacyResourceId title handle status vendor productType tags options totalInventory tracksInventory "
    "hasOnlyDefaultVariant isGiftCard onlineStoreUrl createdAt updatedAt variants variantsCount",
    "ProductOption": "id name position values",
    "ProductVariant": "id legacyResourceId sku barcode title displayName position price availableForSale "
    "inventoryPolicy inventoryQuantity selectedOptions product inventoryItem requiresComponents createdAt updatedAt",
    "SelectedOption": "name value",
    "InventoryItem": "id legacyResourceId sku tracked requiresShipping duplicateSkuCount createdAt updatedAt "
    "inventoryLevel inventoryLevels locationsCount variant variants",
    "InventoryLevel": "id isActive item location quantities createdAt updatedAt",
    "InventoryQuantity": "id name quantity updatedAt",
    "Order": "id legacyResourceId name createdAt updatedAt processedAt cancelledAt cancelReason closed closedAt test "
    "confirmed edited currencyCode displayFinancialStatus displayFulfillmentStatus lineItems refunds fulfillments "
    "fulfillmentOrders sourceName tags note subtotalLineItemsQuantity currentSubtotalLineItemsQuantity",
    "LineItem": "id name title variantTitle sku quantity currentQuantity unfulfilledQuantity nonFulfillableQuantity "
    "refundableQuantity requiresShipping restockable product variant",
    "Refund": "id legacyResourceId createdAt updatedAt processedAt note order refundLineItems",
    "RefundLineItem": "id lineItem location quantity restockType restocked",
    "FulfillmentOrder": "id status requestStatus createdAt updatedAt fulfillAt order orderId orderName "
    "assignedLocation lineItems fulfillmentHolds",
    "Fulfillment": "id name status displayStatus totalQuantity createdAt updatedAt location order fulfillmentLineItems",
    "FulfillmentLineItem": "id lineItem quantity",
    "FulfillmentHold": "id reason reasonNotes",
    "FulfillmentOrderAssignedLocation": "name countryCode location",
    "FulfillmentOrderLineItem": "id lineItem inventoryItemId sku remainingQuantity totalQuantity productTitle "
    "variantTitle requiresShipping variant",
    "BulkOperation": "id type status errorCode createdAt completedAt objectCount rootObjectCount fileSize url "
    "partialDataUrl query",
    "Count": "count precision",
    "PageInfo": "hasNextPage hasPreviousPage startCursor endCursor",
    "InventorySetQuantitiesPayload": "inventoryAdjustmentGroup userErrors",
    "InventorySetQuantitiesUserError": "field message code",
    "InventoryAdjustmentGroup": "id createdAt reason referenceDocumentUri changes",
    "InventoryChange": "name delta quantityAfterChange ledgerDocumentUri item location",
    "InventoryActivatePayload": "inventoryLevel userErrors",
    "InventoryItemUpdatePayload": "inventoryItem userErrors",
    "ProductVariantsBulkUpdatePayload": "product productVariants userErrors",
    "ProductVariantsBulkUpdateUserError": "field message code",
    "BulkOperationRunQueryPayload": "bulkOperation userErrors",
    "BulkOperationUserError": "field message code",
    "BulkOperationCancelPayload": "bulkOperation userErrors",
    "UserError": "field message",
    "InventorySetQuantitiesInput": "name quantities reason referenceDocumentUri",
    "InventoryQuantityInput": "changeFromQuantity inventoryItemId locationId quantity",
    "InventoryItemInput": "sku tracked requiresShipping",
    "ProductVariantsBulkInput": "id barcode inventoryPolicy inventoryItem price",
    "Node": "id",
    "DisplayableError": "field message",
    "LegacyInteroperability": "legacyResourceId",
    **{
        f"{name}{part}": fields
        for name in (
            "Location",
            "Product",
            "ProductVariant",
            "InventoryItem",
            "InventoryLevel",
            "Order",
            "LineItem",
            "FulfillmentOrder",
            "FulfillmentOrderLineItem",
            "RefundLineItem",
            "FulfillmentLineItem",
        )
        for part, fields in (("Connection", _PAGE), ("Edge", _EDGE))
    },
}
HEADER = """\
# A part of Shopify's Admin GraphQL schema, version 2026-10: what a tool that keeps stock has use for.
# Cut by tests/practice/cut_shopify_schema.py from the introspection in the npm package @shopify/dev-mcp 1.16.0.
#
# ISC License
# Copyright 2025-present, Shopify Inc.
# Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby
# granted, provided that the above copyright notice and this permission notice appear in all copies.
# THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL
# IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT,
# INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN
# AN ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR
# PERFORMANCE OF THIS SOFTWARE.

"""
_BUILT_IN = {"String", "Int", "Float", "Boolean", "ID"}


@cache
def contract() -> dict[str, Any]:
    """The vendor's file: `data` is an introspection, `offline_scopes` what each type and field asks for."""
    loaded: dict[str, Any] = json.loads(gzip.decompress(CONTRACT.read_bytes()))
    return loaded


@cache
def vendor() -> GraphQLSchema:
    """The vendor's whole schema."""
    return build_client_schema(contract()["data"], assume_valid=True)


def cut() -> str:
    """The part that is kept, as a schema document."""
    schema = copy.deepcopy(contract()["data"]["__schema"])
    kept = [_thinned(each) for each in schema["types"] if each["name"] in KEPT]
    missing = set(KEPT) - {each["name"] for each in kept}
    if missing:
        raise KeyError(f"The vendor has no {missing}")
    plain = {each["name"]: each for each in schema["types"] if each["kind"] in {"SCALAR", "ENUM"}}
    known = set(KEPT) | set(plain)
    for each in kept:
        _without_unknown_arguments(each, known)
    used = {name for each in kept for name in _names(each)} - set(KEPT)
    schema["types"] = kept + [_bare(plain[name]) for name in sorted(used | _BUILT_IN)]
    schema["directives"] = [_bare(each) for each in schema["directives"]]
    schema["subscriptionType"] = None
    return HEADER + print_schema(build_client_schema({"__schema": schema}, assume_valid=True)) + "\n"


def _thinned(found: dict[str, Any]) -> dict[str, Any]:
    wanted = KEPT[found["name"]].split()
    for part in ("fields", "inputFields"):
        if found.get(part):
            have = {each["name"]: each for each in found[part]}
            found[part] = [have[name] for name in wanted]
    for part in ("interfaces", "possibleTypes"):
        found[part] = [each for each in found.get(part) or [] if each["name"] in KEPT]
    return _bare(found)


def _bare(found: Any) -> Any:
    """Without a word of description."""
    if isinstance(found, list):
        return [_bare(each) for each in found]
    if not isinstance(found, dict):
        return found
    return {name: None if name == "description" else _bare(value) for name, value in found.items()}


def _without_unknown_arguments(found: dict[str, Any], known: set[str]) -> None:
    for each in found.get("fields") or []:
        each["args"] = [one for one in each["args"] if _named(one["type"]) in known]


def _named(kind: dict[str, Any]) -> str:
    while kind["ofType"]:
        kind = kind["ofType"]
    return str(kind["name"])


def _names(found: dict[str, Any]) -> set[str]:
    fields = (found.get("fields") or []) + (found.get("inputFields") or [])
    return {_named(each["type"]) for field in fields for each in (field, *field.get("args", ()))}


if __name__ == "__main__":
    TARGET.write_text(cut(), encoding="utf-8")
