"""Shopee's refusals, in its own words (the documents' lists of errors)."""

from __future__ import annotations


class Refusal(Exception):
    """An error that the answer tells: its name and its sentence. `gateway`: told before the endpoint is reached."""

    def __init__(self, error: str, message: str, *, gateway: bool = False) -> None:
        super().__init__(message)
        self.error, self.message, self.gateway = error, message, gateway


def gateway(error: str, message: str) -> Refusal:
    """A refusal of who calls, not of what is asked."""
    return Refusal(error, message, gateway=True)


NO_SUCH_PATH = ("error_param", "Permission denied. This API is currently offline or the request path is incorrect.")
NO_SIGN = ("error_param", "There is no sign in query.")
NO_TOKEN = ("error_param", "There is no access_token in query.")
WRONG_PARTNER = ("error_param", "Invalid partner_id.")
WRONG_SIGN = ("error_sign", "Wrong sign.")
LATE = ("error_param", "Timestamp is expired.")
WRONG_TIME = ("error_param", "Invalid timestamp")
BAD_TOKEN = ("invalid_acceess_token", "Invalid access_token, please have a check.")
BAD_TOKEN_TOO = ("error_auth", "Invalid access_token.")
BAD_REFRESH = ("error_auth", "Invalid refresh_token.")
OLD_REFRESH = ("refresh_token_expired", "Your refresh_token expired.")
BAD_CODE = ("error_auth", "Invalid code")
OLD_CODE = ("invalid_code", "The code is expired or used or invalid, please check the code.")
NOT_LINKED = ("shop_no_linked", "Partner and shop has no linked.")
BANNED = (
    "shop_banned",
    "The shop account has been banned. Permissions for shop authorization and API calls have been suspended until the "
    "shop account is restored.",
)
NOT_ALLOWED = ("error_auth", "No permission to current api.")
OFTEN = ("error_rate_limit", "Too many requests. You have reached the rate limit. Please try again later.")
DAY_LIMIT = (
    "error_limit",
    "The total API call number made by your APP has reached the daily API call limit, please try again after 00: 00 "
    "(UTC+08:00)",
)
BUSY = ("error_system_busy", "Our system is taking some time to respond, please try later.")
INNER = ("error_inner", "System error, please try again later or contact the OpenAPI support team.")
ADDRESS = (
    "source_ip_undeclared",
    "Request Source IP (203.0.113.7) is undeclared. Please declare all your IP addresses in the Shopee Open Platform "
    "Console > App list > IP Address Whitelist",
)

NO_ITEM = ("error_item_not_found", "Item_id is not found.")
FROZEN_ITEM = ("error_item_uneditable", "Can't edit this item. item status can not support editing.")
FULL_FBS = ("error_auth", "The current item belong to the full FBS or B2C shop, so normal stock must be equal to 0")
WAREHOUSE_SHOP = ("error_wms_shop_block_upate_stock", "Warehouse shop can't update stock.")
HOLIDAY = ("error_holiday_mode_change_stock", "Cannot change stock in holiday mode.")
TWICE = ("error_param", "Repeat model_id.")
NO_MODEL = ("error_param", "Wrong model_id.")
HAS_MODELS = ("error_edit_item_stock_for_item_has_model", "Can't to edit item stock directly while item has models.")
LOCKED = ("error_auth", "Total stock must be more than reserved stock.")
PARTLY = ("error_busi_update_stock_failed", "Update stock failed, please check failure_list for detailed reason")
NO_LOCATION = ("error_auth", "Lack of location_id, please double check.")
WRONG_LOCATION = (
    "error_auth",
    "The location_id input is not matched the shop's location_id(more/wrong). Please double check.",
)
OTHER_STRUCTURE = (
    "error_param",
    "Can not update item with different stock structure. Can only update seller stock with location id when existing "
    "seller stock have location id. Can only update seller stock without location id when existing seller stock "
    "without location id.",
)
FAR_OFFSET = ("error_param", "get items offset over limit, please use the next field")
NO_ORDER = ("error_not_found", "Wrong parameters, detail: the order is not found.")
WRONG_WINDOW = ("order.order_list_invalid_time", "Start time must be earlier than end time and diff in 15days.")
NO_WAREHOUSES = ("warehouse.error_not_in_whitelist", "Your shop is not in multi-warehouse whitelist.")


def detail(what: str) -> tuple[str, str]:
    """A parameter that is not as it must be."""
    return "error_param", f"Wrong parameters, detail: {what}."
