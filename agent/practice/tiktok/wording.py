"""TikTok Shop's refusals: code and sentence, in the vendor's numbers (its lists of common errors)."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """An error that the answer tells. `status`: of HTTP; None: as refusals of what is asked have it (Shop)."""

    def __init__(self, code: int, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


class PerSku(Exception):
    """One SKU of a call is refused. `extra`: more errors about it, each with its warehouse."""

    def __init__(self, code: int, message: str, extra: list[dict[str, Any]] | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.extra = code, message, extra or []


OLD_TOKEN = (105002, "Expired credentials. The access_token has expired.", 401)
BAD_TOKEN = (105001, "Invalid credentials. The access_token is invalid.", 401)
NO_SCOPE = (105005, "Access denied. The granted scopes do not include this API.", 403)
WRONG_SIGN = (106001, "Signature verification failed.", 401)
NO_CIPHER = (106013, "shop_cipher is required or does not belong to the seller.", 400)
BAD_CODE = (36004004, "Invalid auth code.", None)
BAD_REFRESH = (36004001, "Invalid refresh token.", None)
OLD_REFRESH = (36004005, "Refresh token expired.", None)
OFTEN = (36009002, "Too many requests.", 429)
TEST_SHOP = (36009037, "The test shop's calls of this hour are used up.", 429)
BUSY = (36009003, "Internal error. Please try again later.", None)
LATE = (36009004, "Invalid params: timestamp is expired or not within the valid range.", 400)
NO_SUCH_PATH = (36009009, "Invalid path.", 404)
ADDRESS = (36009033, "The IP address is not on the allow list of the app.", 403)
SHOP_OFF = (36009043, "The shop is inactive.", 401)


def misfit(what: str) -> Refusal:
    """A parameter that is not as it must be."""
    return Refusal(36009004, f"Invalid params: {what}.", 400)


NO_PRODUCT = (12052031, "Invalid product ID(s) found.")
NOT_EDITABLE = (12052048, "The product cannot be edited.")
TOO_MANY = (12052050, "The number of SKUs exceeds the limit of 100.")
NO_SKU = (12052557, "The SKU ID does not exist.")
COULD_NOT = (12052037, "Couldn't update inventory.")
THEIRS = (12052144, "The warehouse is managed by the platform.")
NO_WAREHOUSE = (12019022, "SKU must contain a valid warehouse.")
SEVERAL = (12019028, "Multiple warehouses detected.")
COUNT = (12019024, "Stock count is invalid.")
ALLOCATED = (12052055, "The quantity is less than what is allocated to campaigns and creators.")
