"""Why Takealot refused a quantity, in words for the seller: the codes of its Seller API that a quantity can meet."""

from __future__ import annotations

INACTIVE = "E29"
"""The whole account: the channel is stopped."""
NOT_THERE = (
    "Takealot keeps no stock of it at your warehouse, so that nothing was changed. Look at it in the Seller Portal."
)
_PORTAL = "Look at it in the Seller Portal."
WORDS = {
    "E9": f"Takealot says that this offer is not yours (any more). {_PORTAL}",
    "E15": f"Takealot wants a whole number from 0 at a warehouse of yours. {_PORTAL}",
    "E16": "Leadtime is switched off for your account, so that Takealot takes no stock of yours. Ask Seller Support to "
    "switch it on.",
    "E17": "Takealot has disabled this offer, and takes no stock for it until it is enabled again. Ask Seller Support "
    "why.",
    "E18": "This offer has no leadtime days, so that Takealot counts no stock of yours for it. Set them in the Seller "
    "Portal if you want to sell it from your own warehouse.",
    INACTIVE: "Your account is not active on Takealot, so that nothing can be set. Ask Seller Support why.",
    "E30": "Takealot takes no quantity below zero.",
    "E31": f"Takealot knows another offer under this number. {_PORTAL}",
    "E32": f"Takealot knows another product (TSIN) under this offer. {_PORTAL}",
    "E33": f"Takealot knows another barcode under this offer. {_PORTAL}",
}


def refusal(code: str, said: str) -> str:
    """The sentence; what Takealot itself said where the code is not one of a quantity's."""
    return WORDS.get(code) or f"Takealot refused it: {said or 'no reason given'}{f' ({code})' if code else ''}."
