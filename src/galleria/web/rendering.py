"""The templates and the filters that they know. A name that a page does not have is an error, never an empty place."""

from collections.abc import Callable
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from galleria.database.base import now
from galleria.web import words
from galleria.web.assets import assets
from galleria.web.markdown import first_line, html_of

TEMPLATES = Path(__file__).parent / "templates"


def environment(root: str) -> Environment:
    """Make the environment of all templates; everything that is not marked as safe is escaped."""
    made = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    names: dict[str, Any] = {"root": root, "asset": _asset_in(root)}
    made.globals.update(names)
    cast("dict[str, Any]", made.filters).update(FILTERS)
    return made


def _asset_in(root: str) -> Callable[[str], str]:
    def asset(name: str) -> str:
        assert name in assets().files, name
        return f"{root}/static/{assets().version}/{name}"

    return asset


def _zone(context: Context) -> tzinfo:
    zone: Any = context["frame"].zone
    return zone


@pass_context
def _moment(context: Context, at: datetime | None) -> Markup:
    return _time(at, words.moment(at, _zone(context)) if at else "", "")


@pass_context
def _ago(context: Context, at: datetime | None) -> Markup:
    if at is None:
        return Markup("never")
    zone = _zone(context)
    return _time(at, words.ago(at, now(), zone), words.moment(at, zone))


def _time(at: datetime | None, text: str, title: str) -> Markup:
    if at is None:
        return Markup("")
    hint = Markup(' title="{}"').format(title) if title else ""
    return Markup('<time datetime="{}"{}>{}</time>').format(at.isoformat(), hint, escape(text))


FILTERS: dict[str, Callable[..., Any]] = {
    "moment": _moment,
    "ago": _ago,
    "duration": words.duration,
    "size": words.size,
    "counted": words.counted,
    "markdown": html_of,
    "first_line": first_line,
}
