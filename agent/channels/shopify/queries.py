"""Every question and every order that is sent to Shopify, Admin GraphQL 2026-10, and their ids.

`ALL` is what tests/channels/test_shopify.py validates against the vendor's schema. Page sizes: 250 is Shopify's most;
a query may cost 1,000 points, which decides how many orders with all that hangs on them fit in a page. No query asks
for anything about a buyer (R8).
"""

from __future__ import annotations

VERSION = "2026-10"
PAGE = 250
ORDERS_PAGE = 25
IDS = 50
"""Variants asked for by their ids at once; fewer where Shopify finds that too costly."""
ORDER_IDS = 10

_PAGE_INFO = "pageInfo { hasNextPage endCursor }"

# --- the shop -----------------------------------------------------------------------------------------------------

ACCOUNT = """query Account {
  shop { id name myshopifyDomain currencyCode shopAddress { countryCodeV2 } }
  currentAppInstallation { accessScopes { handle } }
}"""

COUNT = "query Count { productVariantsCount(limit: null) { count precision } }"

LOCATIONS = f"""query Locations($after: String) {{
  locations(first: 50, after: $after) {{ {_PAGE_INFO} nodes {{ id name isActive isFulfillmentService }} }}
}}"""

# --- listings -----------------------------------------------------------------------------------------------------

_VARIANT = """id sku barcode title price updatedAt requiresComponents inventoryQuantity
    selectedOptions { name value }
    product { id title status onlineStoreUrl }
    inventoryItem { id tracked inventoryLevel(locationId: LOCATION) { isActive quantities(names: ["available"]) {
      name quantity } } }"""

_STILL_THERE = "location(id: $location) { isActive }"
"""Without its location a level is absent as if the item were not stocked there: each answer proves that it is there."""

VARIANTS = f"""query Variants($after: String, $query: String, $location: ID!) {{
  {_STILL_THERE}
  productVariants(first: {PAGE}, after: $after, sortKey: ID, query: $query) {{ {_PAGE_INFO} nodes {{
    {_VARIANT.replace("LOCATION", "$location")} }} }}
}}"""

VARIANTS_BY_ID = f"""query TheseVariants($ids: [ID!]!, $location: ID!) {{
  {_STILL_THERE}
  nodes(ids: $ids) {{ ... on ProductVariant {{
    {_VARIANT.replace("LOCATION", "$location")} }} }}
}}"""

CHANGED_PRODUCTS = f"""query ChangedProducts($after: String, $query: String!) {{
  products(first: {PAGE}, after: $after, sortKey: UPDATED_AT, query: $query) {{ {_PAGE_INFO} nodes {{ id }} }}
}}"""

LEVELS = f"""query Levels($ids: [ID!]!, $location: ID!) {{
  {_STILL_THERE}
  nodes(ids: $ids) {{ ... on InventoryItem {{ id tracked inventoryLevel(locationId: $location) {{
    isActive quantities(names: ["available"]) {{ name quantity }} }} }} }}
}}"""

BULK_RUN = """mutation RunBulk($query: String!) {
  bulkOperationRunQuery(query: $query) { bulkOperation { id status } userErrors { field message code } }
}"""

BULK_POLL = """query PollBulk($id: ID!) {
  bulkOperation(id: $id) { id status errorCode rootObjectCount url }
}"""


def bulk_variants(location: str) -> str:
    """The question that Shopify answers with a file of all variants. It takes no variables, and `edges` only."""
    return f"{{ productVariants {{ edges {{ node {{ {_VARIANT.replace('LOCATION', repr_id(location))} }} }} }} }}"


def repr_id(gid: str) -> str:
    """An id as it stands in a query's text; anything that is not one would be a question of somebody else's."""
    kind, id_ = gid.removeprefix("gid://shopify/").split("/")
    if not (kind.isalpha() and id_.isascii() and id_.isdigit()):
        raise ValueError("not an id")
    return f'"gid://shopify/{kind}/{id_}"'


# --- orders -------------------------------------------------------------------------------------------------------

PARTS = {
    "lineItems": ("Order", "id sku quantity currentQuantity unfulfilledQuantity variant { id }"),
    "fulfillmentOrders": (
        "Order",
        "id status assignedLocation { location { id } } "
        f"lineItems(first: 20) {{ {_PAGE_INFO} nodes {{ remainingQuantity lineItem {{ id }} }} }}",
    ),
    "fulfillmentOrders.lineItems": ("FulfillmentOrder", "remainingQuantity lineItem { id }"),
    "fulfillments.fulfillmentLineItems": ("Fulfillment", "quantity lineItem { id }"),
    "refunds.refundLineItems": ("Refund", "quantity restockType lineItem { id } location { id }"),
}
"""What hangs on an order and comes in pages of its own: whose it is, and what is asked of each."""


def _part(name: str, first: int) -> str:
    field = name.rpartition(".")[2]
    return f"{field}(first: {first}) {{ {_PAGE_INFO} nodes {{ {PARTS[name][1]} }} }}"


_ORDER = f"""id createdAt updatedAt cancelledAt test confirmed displayFulfillmentStatus
    {_part("lineItems", 20)}
    {_part("fulfillmentOrders", 5)}
    fulfillments {{ id status createdAt location {{ id }} {_part("fulfillments.fulfillmentLineItems", 20)} }}
    refunds {{ id createdAt {_part("refunds.refundLineItems", 20)} }}"""

ORDERS = f"""query Orders($after: String, $query: String!) {{
  orders(first: {ORDERS_PAGE}, after: $after, sortKey: UPDATED_AT, query: $query) {{ {_PAGE_INFO} nodes {{
    {_ORDER} }} }}
}}"""

ORDERS_BY_ID = f"""query TheseOrders($ids: [ID!]!) {{
  nodes(ids: $ids) {{ ... on Order {{
    {_ORDER} }} }}
}}"""


def more(name: str) -> str:
    """The further pages of a part."""
    owner, asked = PARTS[name]
    field = name.rpartition(".")[2]
    return f"""query More($id: ID!, $after: String) {{
  node(id: $id) {{ ... on {owner} {{ {field}(first: 50, after: $after) {{ {_PAGE_INFO} nodes {{ {asked} }} }} }} }}
}}"""


# --- quantities ---------------------------------------------------------------------------------------------------

SET = """mutation SetQuantities($input: InventorySetQuantitiesInput!, $key: String!, $location: ID!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { id changes(quantityNames: ["available"]) { name delta item { id tracked
      inventoryLevel(locationId: $location) { isActive } } } }
    userErrors { field message code } }
}"""

ACTIVATE = """mutation Activate($item: ID!, $location: ID!, $key: String!) {
  inventoryActivate(inventoryItemId: $item, locationId: $location) @idempotent(key: $key) {
    inventoryLevel { id isActive quantities(names: ["available"]) { name quantity } }
    userErrors { field message } }
}"""

ALL = {
    "account": ACCOUNT,
    "count": COUNT,
    "locations": LOCATIONS,
    "variants": VARIANTS,
    "variants by id": VARIANTS_BY_ID,
    "changed products": CHANGED_PRODUCTS,
    "levels": LEVELS,
    "run bulk": BULK_RUN,
    "poll bulk": BULK_POLL,
    "bulk": bulk_variants("gid://shopify/Location/1"),
    "orders": ORDERS,
    "orders by id": ORDERS_BY_ID,
    "set": SET,
    "activate": ACTIVATE,
    **{f"more {name}": more(name) for name in PARTS},
}


def gid(kind: str, id_: str | int) -> str:
    """`gid("Order", 12)` -> `gid://shopify/Order/12`."""
    return f"gid://shopify/{kind}/{id_}"


def number(value: object) -> str | None:
    """The digits of an id: `gid://shopify/Order/12` -> `12`. None where it is not one."""
    if not isinstance(value, str) or not value.startswith("gid://shopify/"):
        return None
    found = value.partition("?")[0].rpartition("/")[2]
    return found if found.isascii() and found.isdigit() else None
