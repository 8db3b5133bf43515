"""Descriptions that people write in Markdown, as HTML that holds nothing but text, lists, tables and links."""

import html

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

_TAGS = {
    *("a", "b", "blockquote", "br", "code", "del", "em", "h2", "h3", "h4", "h5", "h6", "hr", "i", "li", "ol", "p", "pre", "s", "strong"),
    *("table", "tbody", "td", "th", "thead", "tr", "ul"),
}
_SCHEMES = {"http", "https", "mailto"}
_reader = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"]).disable(["image"])


def html_of(text: str) -> Markup:
    """Render a description; HTML in it is shown as text, pictures as links to them."""
    # The page has its own first heading.
    rendered = _reader.render(text[:100_000]).replace("<h1>", "<h2>").replace("</h1>", "</h2>")
    clean = nh3.clean(rendered, tags=_TAGS, attributes={"a": {"href"}}, url_schemes=_SCHEMES, link_rel="noopener nofollow")
    return Markup(clean)  # noqa: S704 (that is what the line before is for)


def first_line(text: str, longest: int = 180) -> str:
    """Give the beginning of a description as plain text, for lists."""
    plain = html.unescape(" ".join(nh3.clean(_reader.render(text[:2000]), tags=set[str]()).split()))
    return plain if len(plain) <= longest else f"{plain[: longest - 1].rstrip()}…"
