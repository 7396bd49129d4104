"""`status.html` beside a workbook that cannot be written now: how things stand, for anyone with a browser.

It is read-only and needs no program that could hold the workbook. When the workbook is written again, it goes away. All
text is escaped (R9, R11): what a shop calls its products is never markup or a link.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo
from html import escape
from pathlib import Path

import polars as pl

from agent.words import in_words
from agent.workbooks import looks
from agent.workbooks.tabs import BY_NAME
from agent.workbooks.xlsx.publish import write_new

_MARK = '<meta name="generator" content="Stocksheet">'
_SHOWN = {"Attention": 50, "Channel Status": 50, "Stock Levels": 500}
"""The tabs that the page shows, and how many rows of each at most."""
_STYLE = f"""
body {{ font: 15px/1.5 system-ui, sans-serif; color: #{looks.INK}; background: #{looks.WHITE}; margin: 2rem auto;
  max-width: 72rem; padding: 0 1rem }}
h1 {{ font-size: 1.4rem; color: #{looks.NAVY} }} h2 {{ font-size: 1.1rem; margin-top: 2rem; color: #{looks.NAVY} }}
.note {{ color: #{looks.GREY} }} table {{ border-collapse: collapse; width: 100% }}
th, td {{ text-align: left; vertical-align: top; padding: .4rem .6rem }} .number {{ text-align: right }}
th {{ background: #{looks.NAVY}; color: #{looks.WHITE} }} td {{ border-bottom: 1px solid #{looks.LINE} }}
"""


def status_path(path: Path) -> Path:
    """Where the page of the workbook at `path` stands: `status.html`, where that is not another's."""
    usual = path.with_name("status.html")
    return usual if _free(usual, path.name) else path.with_name(f"{path.stem} - status.html")


def write_status(
    path: Path, tabs: Mapping[str, pl.DataFrame], headline: str, now: datetime, zone: tzinfo | None = None
) -> None:
    """Write the page. What hinders it is no harm: the results stand in the sidecar. `now`: aware."""
    place = status_path(path)
    if _free(place, path.name):
        with contextlib.suppress(OSError):
            write_new(place, _page(path.name, tabs, headline, now, zone).encode())


def remove_status(path: Path) -> None:
    """Remove the page of the workbook at `path`, if there is one."""
    for place in (path.with_name("status.html"), path.with_name(f"{path.stem} - status.html")):
        with contextlib.suppress(OSError):
            if place.exists() and _free(place, path.name):
                place.unlink()


def _free(place: Path, name: str) -> bool:
    """Nothing is there, or this workbook's page."""
    try:
        return _owner(name) in place.read_text(encoding="utf-8", errors="replace")[:1000]
    except OSError:
        return not place.exists()


def _owner(name: str) -> str:
    return f'{_MARK}<meta name="workbook" content="{escape(name)}">'


def _page(name: str, tabs: Mapping[str, pl.DataFrame], headline: str, now: datetime, zone: tzinfo | None = None) -> str:
    parts = [_part(tab, tabs[tab], most, zone) for tab, most in _SHOWN.items() if tab in tabs]
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">{_owner(name)}'
        f'<meta http-equiv="refresh" content="60"><meta name="viewport" content="width=device-width">'
        f"<title>Stocksheet: {escape(name)}</title><style>{_STYLE}</style></head><body><h1>{escape(name)}</h1>"
        f"<p>{escape(headline)}</p>"
        f'<p class="note">{escape(in_words("status_page.as_of", at=_moment(now, zone)))}</p>'
        f"{''.join(parts)}</body></html>\n"
    )


def _part(tab: str, frame: pl.DataFrame, most: int, zone: tzinfo | None) -> str:
    columns = [c for c in BY_NAME[tab].columns if c.name in frame.columns and c.kind != "link"]
    if frame.is_empty():
        return f'<h2>{escape(tab)}</h2><p class="note">{escape(in_words("status_page.nothing"))}</p>'
    head = "".join(f"<th>{escape(column.name)}</th>" for column in columns)
    rows = frame.select([column.name for column in columns]).head(most).iter_rows()
    body = "".join(f"<tr>{''.join(_cells(row, zone))}</tr>" for row in rows)
    more = (
        f'<p class="note">{escape(in_words("status_page.more", count=f"{frame.height - most:,}"))}</p>'
        if frame.height > most
        else ""
    )
    return f"<h2>{escape(tab)}</h2><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def _cells(values: Iterable[object], zone: tzinfo | None) -> Iterable[str]:
    for value in values:
        if isinstance(value, datetime):
            yield f"<td>{_moment(value, zone)}</td>"
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield f'<td class="number">{value:,}</td>'
        else:
            yield f"<td>{'' if value is None else escape(str(value))}</td>"


def _moment(moment: datetime, zone: tzinfo | None) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"
