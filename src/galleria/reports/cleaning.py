"""Snippets read: only the elements, attributes and styles that are known stay, so that what data or users wrote can be shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lxml import etree

from galleria.errors import InvalidError
from galleria.reports.styles import length, parse_style, style_text

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # pyright: ignore[reportPrivateUsage] - lxml has no public name for it

_DEPTH = 120
"""More levels than a report has; reading goes down by recursion."""
_WORDS = frozenset({*"div p span b strong i em u s sub sup br hr h1 h2 h3 h4 h5 h6 ul ol li a section".split()})
_TABLES = frozenset({*"table colgroup col thead tbody tfoot tr td th".split()})
_DRAWING = frozenset({*"svg g rect line polyline polygon path circle ellipse text tspan".split()})
_KNOWN = _WORDS | _TABLES | _DRAWING | {"img"}
_DROPPED = frozenset({*"script style iframe object embed form input button link meta base head title template math foreignobject".split()})
"""These go with all that they hold; other unknown elements leave their contents."""
_ELSEWHERE = {"datatable": "table", "dbody": "tbody", "dr": "tr", "cell": "td", "columns": "colgroup", "font": "span"}
"""Elements of PCXML, the original's snippets, and what they are here. Source: a file with some that a workflow checked in."""
_CLASSES = frozenset({*"break data layout number overlay base on tl tc tr ml mc mr ll lc lr bar text".split()})
_SHAPE = r"[-\w#.,%() +:]*"
_ATTRIBUTES = {
    "title": r"(?s).{0,500}",
    "alt": r"(?s).{0,500}",
    "align": r"left|right|center|justify",
    "colspan": r"\d{1,4}",
    "rowspan": r"\d{1,4}",
    "href": r"(?:https?://|mailto:)[^\s<>\"]{1,2000}",
    "src": r"data:image/(?:png|jpeg|gif);base64,[A-Za-z0-9+/=\s]+",
    "data-alternate": r"#[0-9a-fA-F]{6} \d{1,4}",
    "data-lines": r"\d{1,2} #[0-9a-fA-F]{6}",
}
_SHAPES = frozenset(
    {
        *"x y x1 y1 x2 y2 cx cy r rx ry d width height points transform viewBox".split(),
        *"fill fill-opacity stroke stroke-width stroke-dasharray opacity".split(),
        *"text-anchor dominant-baseline font-size font-family font-weight".split(),
    }
)


def clean(snippet: str) -> Element:
    """The snippet as one `div`; a damaged one as far as it can be read. Raises InvalidError where it nests too deeply."""
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, huge_tree=True, remove_comments=True, remove_pis=True)
    # A byte order or a declaration in the middle of a text would end the reading; entities of HTML are unknown to XML.
    spaced = re.sub(r"&nbsp;|<nbsp\s*/>", "\u00a0", snippet)
    body = re.sub(r"(?s)<!--.*?(?:-->|$)|<[?!](?!\[CDATA\[)[^>]*>", "", spaced)
    found = etree.fromstring(f"<div>{body}</div>".encode(), parser)
    result = etree.Element("div")
    if found is not None:  # pyright: ignore[reportUnnecessaryComparison] - the stubs know no None here
        _copy(found, result, 0)
    return result


def _copy(source: Element, target: Element, depth: int) -> None:
    """Bring what `source` holds into `target`."""
    if depth > _DEPTH:
        raise InvalidError(f"a report snippet nests more than {_DEPTH} elements in each other")
    _add_text(target, source.text)
    for child in source:
        if isinstance(child.tag, str):
            tag = etree.QName(child).localname
            tag = tag if tag in _KNOWN else _ELSEWHERE.get(tag.lower(), tag.lower())
            if tag in _KNOWN:
                made = etree.SubElement(target, tag)
                _attributes(child, made)
                _copy(child, made, depth + 1)
                if tag == "img" and "src" not in made.attrib:
                    target.remove(made)
            elif tag not in _DROPPED:
                _copy(child, target, depth + 1)
        _add_text(target, child.tail)


def _add_text(target: Element, text: str | None) -> None:
    if not text:
        return
    if len(target):
        target[-1].tail = (target[-1].tail or "") + text
    else:
        target.text = (target.text or "") + text


def _attributes(source: Element, target: Element) -> None:
    drawn = target.tag in _DRAWING
    for key, value in source.attrib.items():
        name, text = str(key), str(value)
        pattern = _SHAPE if drawn and name in _SHAPES else _ATTRIBUTES.get(name)
        if pattern and re.fullmatch(pattern, text, re.IGNORECASE) and "url(" not in text.lower():
            target.set(name, text)
    classes = [name for name in source.get("class", "").split() if name in _CLASSES]
    if classes:
        target.set("class", " ".join(classes))
    style = _style(source) if not drawn else ""
    if style:
        target.set("style", style)


def _style(source: Element) -> str:
    """The style, and what older attributes say."""
    old = {
        "color": source.get("color", ""),
        "background-color": source.get("bgcolor", ""),
        "font-family": source.get("face", ""),
        "width": length(source.get("width", "")),
        "height": length(source.get("height", "")),
    }
    return style_text({**{name: value for name, value in old.items() if value}, **parse_style(source.get("style", ""))})
