"""Lazada's refusals, in its own words (the tables of errors, and the questions and answers on stock)."""

from __future__ import annotations

from collections.abc import Sequence


class Refusal(Exception):
    """An error that the answer tells. `detail`: (seller SKU, sentence) of each SKU that was wrong."""

    def __init__(self, code: str, message: str, detail: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(message)
        self.code, self.message, self.detail = code, message, tuple(detail)


BAD_TOKEN = ("IllegalAccessToken", "The specified access token is invalid or expired")
WRONG_SIGN = ("IncompleteSignature", "The request signature does not conform to lazop standards")
LATE = ("IllegalTimestamp", "The specified parameter timestamp is expired")  # its name is not documented
BAD_REFRESH = ("IllegalRefreshToken", "The specified refresh token is invalid or expired")
BAD_CODE = ("InvalidCode", "Invalid authorization code")
NOT_ALLOWED = ("InsufficientPermission", "The app does not have permission to access this api")  # not documented
OFTEN = (
    "901",
    "E901: The request is too frequent, or the requested functionality is temporarily disabled.",
)
INTERNAL = ("6", "E006: Unexpected internal error")
SHUT = ("998", "To ensure stability of service, this API service is disabled, please get more information from Notice.")
TIMEOUT = ("ServiceTimeout", "Service timeout")

NO_ITEM = ("208", "E208: Item not exist")
NO_ORDER = ("37", "E037: One or more order id in the list are incorrect")
BAD_FORMAT = ("5", "E005: Invalid Request Format")
BAD_OFFSET = ("14", 'E014: "{}" Invalid Offset')
EMPTY = ("30", "E030: Empty Request")
TOO_MANY_SKUS = ("204", "E204: Too many SKU in one request")
FAILED = ("501", "E501: Update product failed")
MEGA = (
    "4170",
    "During the Bday Mega campaign, there are restrictions for stock adjustments in effect between YYYY-MM-DD HH:MM:SS "
    "- YYYY-MM-DD HH:MM:SS. Sellers can increase stocks, but may not decrease stocks.",
)

LOCKED = "negative sellable on channel inventory"
BLOCKED = (
    "Sku edit was blocked by tag/ This product is under campaign participation and cannot be edited during campaign "
    "period. THD_IC_ERR_F_IC_ABILITY_PG_004"
)
NO_SKU = "sku not exist"
IN_FBL = "The stock of an FBL sku can not be edited"
SINGLE = "A seller with a single warehouse can not use MultiWarehouseInventories"
NO_WAREHOUSE = "The warehouse code does not exist"
NEGATIVE = "quantity can not be negative"
UNEDITABLE = "The product can not be edited in its present status"
"""What `detail` says of a SKU; but for the first two, its sentences are not documented."""


def ban(seconds: int) -> tuple[str, str]:
    """Too many calls in a second."""
    return "ApiCallLimit", f"Api access frequency exceeds the limit. this ban will last {seconds} seconds"


def missing(name: str) -> tuple[str, str]:
    """A parameter that every call must have."""
    words = f"the input parameter “{name}” that is mandatory for processing this request is not supplied"
    return "MissingParameter", words
