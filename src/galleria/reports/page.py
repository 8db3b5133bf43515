"""Reports as HTML: one page that needs nothing else and runs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from galleria.reports.cleaning import clean
from galleria.reports.document import Report, Separator
from galleria.reports.markup import BREAK, escape
from galleria.reports.styles import parse_style, style_text
from galleria.reports.tables import rows_of

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # pyright: ignore[reportPrivateUsage] - lxml has no public name for it

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
"""What the page may load: nothing from outside, and no script."""

_SHEET = """
body{margin:1rem;font-family:Arial,Helvetica,sans-serif;font-size:14pt;line-height:1.3}
p{margin:0}
table{border-collapse:collapse}
table.data td,table.data th{padding:1px 4px}
th{text-align:left}
table.layout{border-spacing:0}
table.layout>tr>td,table.layout>tbody>tr>td{vertical-align:top}
td>table.layout,td>table.data{margin-left:auto;margin-right:auto}
img,svg{max-width:100%;height:auto}
.overlay{position:relative;display:inline-block}
.on{position:absolute}
.tl,.tc,.tr{top:0}.ml,.mc,.mr{top:50%;transform:translateY(-50%)}.ll,.lc,.lr{bottom:0}
.tl,.ml,.ll{left:0}.tr,.mr,.lr{right:0}
.tc,.lc{left:50%;transform:translateX(-50%)}.mc{left:50%;transform:translate(-50%,-50%)}
.bar{display:inline-block}
hr.break{border:0;break-after:page;margin:1rem 0}
"""


def html_of(report: Report, title: str) -> str:
    """The whole page; header and footer stand once, at its ends."""
    between = {Separator.BREAKING: BREAK, Separator.WHITESPACE: "<br/><br/>"}.get(report.separator, "")
    middle = between.join(body_of(snippet) for snippet in report.snippets)
    parts = [f"<{name}>{body_of(text)}</{name}>" if text else "" for name, text in (("header", report.header), ("footer", report.footer))]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f"<title>{escape(title)}</title><style>{_SHEET}</style></head>"
        f'<body style="{style_text(report.style)}">{parts[0]}<main>{middle}</main>{parts[1]}</body></html>\n'
    )


def body_of(snippet: str) -> str:
    """A snippet as safe HTML."""
    element = clean(snippet)
    for table in element.iter("table"):
        _spell_out(table)
    for drawing in element.iter("svg"):
        drawing.set("xmlns", "http://www.w3.org/2000/svg")
    return etree.tostring(element, encoding="unicode", method="html")


def _spell_out(table: Element) -> None:
    """Give each cell the style that its column, row and table have for it."""
    inherited = {name: value for name, value in parse_style(table.get("style", "")).items() if name != "border"}
    for row in rows_of(table):
        for cell in row:
            own = {name: value for name, value in cell.style.items() if inherited.get(name) != value}
            if own:
                cell.element.set("style", style_text(own))
    for name in ("data-alternate", "data-lines"):
        table.attrib.pop(name, None)
