"""What the shop says of itself: the index, the state of the system, and the few settings that matter to stock."""

from __future__ import annotations

from typing import Any

from agent.practice.woocommerce.call import Call, Reply
from agent.practice.woocommerce.errors import RestError
from agent.practice.woocommerce.render import links
from agent.practice.woocommerce.site_pages import AUTHORIZE, offered

NAMESPACES = ["oembed/1.0", "wc/v1", "wc/v2", "wc/v3", "wp/v2", "wp-site-health/v1"]


def index(call: Call) -> Reply:
    """`/wp-json/`: readable without a key."""
    shop, base = call.shop, call.base
    hours = shop.offset.total_seconds() / 3600
    return Reply(
        {
            "name": shop.name,
            "description": "Nothing here exists",
            "url": base,
            "home": base,
            "gmt_offset": int(hours) if hours == int(hours) else hours,
            "timezone_string": "",  # as in a shop that is set to a plain offset from UTC
            "namespaces": NAMESPACES,
            "authentication": _application_passwords(call),
            "routes": {},
        }
    )


def _application_passwords(call: Call) -> Any:
    """WordPress offers them over https only, and PHP writes an empty object as a list."""
    if not offered(call.shop, call.request.scheme):
        return []
    return {"application-passwords": {"endpoints": {"authorization": f"{call.base}{AUTHORIZE}"}}}


def system_status(call: Call) -> Reply:
    """The parts a client has use for; a full answer has many more."""
    shop, base = call.shop, call.base
    environment = {
        "home_url": base,
        "site_url": base,
        "version": shop.shop_version,
        "wp_version": shop.wordpress,
        "wp_multisite": False,
        "language": "en_US",
        "server_info": "nginx/1.22.1",
        "php_version": "8.2.36",
        "default_timezone": "UTC",
    }
    settings = {
        "api_enabled": False,
        "force_ssl": False,
        "currency": shop.currency,
        "currency_position": "left",
        "thousand_separator": ",",
        "decimal_separator": ".",
        "number_of_decimals": 2,
        "HPOS_enabled": True,
        "HPOS_sync_enabled": False,
    }
    security = {"secure_connection": call.request.scheme == "https", "hide_errors": True}
    return Reply({"environment": environment, "settings": settings, "security": security})


def _settings(call: Call) -> dict[str, dict[str, dict[str, Any]]]:
    """By group; the country a shop is in stands here, not in its system status."""
    options = call.shop.options
    return {
        "general": {
            "woocommerce_default_country": _setting(
                "Country / State", "single_select_country", "US:CA", call.shop.country
            ),
            "woocommerce_currency": _setting("Currency", "select", "USD", call.shop.currency),
        },
        "products": {
            "woocommerce_manage_stock": _setting("Manage stock", "checkbox", "yes", options["manage_stock"]),
            "woocommerce_hold_stock_minutes": _setting("Hold stock", "number", "60", options["hold_stock_minutes"]),
            "woocommerce_hide_out_of_stock_items": _setting(
                "Out of stock visibility", "checkbox", "no", options["hide_out_of_stock_items"]
            ),
        },
    }


def _setting(label: str, kind: str, default: str, value: str) -> dict[str, Any]:
    return {"label": label, "description": label, "type": kind, "default": default, "value": value}


def list_settings(call: Call) -> Reply:
    group = call.request.path.rstrip("/").rsplit("/", 1)[-1]
    return Reply([_shown(call, group, name) for name in _group(call, group)])


def get_setting(call: Call) -> Reply:
    group, name = call.request.path.rstrip("/").rsplit("/", 2)[-2:]
    if name not in _group(call, group):
        raise RestError(404, "rest_setting_setting_invalid", "Invalid setting.")
    return Reply(_shown(call, group, name))


def _group(call: Call, group: str) -> dict[str, dict[str, Any]]:
    groups = _settings(call)
    if group not in groups:
        raise RestError(404, "rest_setting_setting_group_invalid", "Invalid setting group.")
    return groups[group]


def _shown(call: Call, group: str, name: str) -> dict[str, Any]:
    root = f"{call.base}/wp-json/wc/v3/settings/{group}"
    shown = _group(call, group)[name] | {"_links": links(call.shop, f"{root}/{name}", collection=root)}
    return {"id": name, **shown, "group_id": group}
