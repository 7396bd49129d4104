"""The person's own browser."""

from __future__ import annotations

import webbrowser


def can_open() -> bool:
    """Whether a browser with windows can be opened; one in the terminal would take it away from us."""
    try:
        found = webbrowser.get()
    except webbrowser.Error:
        return False
    return isinstance(found, webbrowser.BackgroundBrowser) or not isinstance(found, webbrowser.GenericBrowser)


def open_page(address: str) -> bool:
    """Open a page. False where that did not work: the person can open it, too."""
    try:
        return webbrowser.open(address)
    except (webbrowser.Error, OSError):
        return False
