"""Which names a template uses of the things that it is given, followed through loops, against the types of the page's fields."""

import dataclasses
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args, get_origin, get_type_hints

from jinja2 import Environment, nodes

Scope = dict[str, Any]
"""What is known of a name: a type, or None for anything."""


def wrong_names(environment: Environment, template: str, scope: Scope) -> list[str]:
    """List the attributes that a template, with everything it includes, asks of a type that does not have them."""
    assert environment.loader is not None
    source, _, _ = environment.loader.get_source(environment, template)
    found: list[str] = []
    _walk(environment, environment.parse(source), dict(scope), found, template)
    return found


def _walk(environment: Environment, node: nodes.Node, scope: Scope, found: list[str], template: str) -> None:
    match node:
        case nodes.For():
            _look(node.iter, scope, found, template)
            inner = {**scope, "loop": None, **_bound(node.target, _element(_type(node.iter, scope)))}
            for child in (*node.body, *node.else_):
                _walk(environment, child, inner, found, template)
        case nodes.Assign():
            _look(node.node, scope, found, template)
            scope.update(_bound(node.target, _type(node.node, scope)))
        case nodes.Include() | nodes.Extends():
            if isinstance(node.template, nodes.Const):
                found += wrong_names(environment, str(node.template.value), scope)
        case nodes.Macro():
            inner = {**scope, **dict.fromkeys(argument.name for argument in node.args)}
            for child in node.body:
                _walk(environment, child, inner, found, template)
        case nodes.Expr():
            _look(node, scope, found, template)
        case _:
            for child in node.iter_child_nodes():
                _walk(environment, child, scope, found, template)


def _look(node: nodes.Node, scope: Scope, found: list[str], template: str) -> None:
    for attribute in (node, *node.find_all(nodes.Getattr)):
        if isinstance(attribute, nodes.Getattr):
            kind = _type(attribute.node, scope)
            if _is_ours(kind) and not _has(kind, attribute.attr):
                found.append(f"{template}: {kind.__name__} has no {attribute.attr}")


def _type(node: nodes.Node, scope: Scope) -> Any:
    match node:
        case nodes.Name():
            return scope.get(node.name)
        case nodes.Getattr():
            return _attribute(_type(node.node, scope), node.attr)
        case nodes.Getitem():
            return _element(_type(node.node, scope))
        case _:
            return None


def _attribute(kind: Any, name: str) -> Any:
    """The type of an attribute; that of a type argument where the class is generic."""
    origin = get_origin(kind) or kind
    if not _is_ours(kind):
        return None
    inside = _hints(origin).get(name)
    if inside is None and isinstance(prop := getattr(origin, name, None), property):
        inside = get_type_hints(prop.fget).get("return")
    arguments = get_args(kind)
    if arguments and typing.TypeVar in [type(argument) for argument in get_args(inside)]:
        return types.GenericAlias(get_origin(inside), arguments)
    return _plain(inside)


def _hints(origin: Any) -> Mapping[str, Any]:
    return get_type_hints(origin)


def _plain(kind: Any) -> Any:
    """The one type of `X | None`."""
    if isinstance(kind, types.UnionType) or get_origin(kind) is typing.Union:
        parts = [part for part in get_args(kind) if part is not type(None)]
        return parts[0] if len(parts) == 1 else None
    return kind


def _element(kind: Any) -> Any:
    origin = get_origin(kind)
    if origin in (list, Sequence, tuple, set, frozenset) and get_args(kind):
        return _plain(get_args(kind)[0])
    return None


def _bound(target: nodes.Node, kind: Any) -> Scope:
    if isinstance(target, nodes.Name):
        return {target.name: kind}
    if isinstance(target, nodes.Tuple):
        return {name.name: None for name in target.items if isinstance(name, nodes.Name)}
    return {}


def _is_ours(kind: Any) -> bool:
    origin = get_origin(kind) or kind
    return isinstance(origin, type) and (dataclasses.is_dataclass(origin) or origin.__module__.startswith("galleria."))


def _has(kind: Any, name: str) -> bool:
    origin = get_origin(kind) or kind
    return hasattr(origin, name) or name in _hints(origin)


def every_page() -> Iterator[type]:
    """Every page there is: the subclasses of `Page`."""
    from galleria.web import app  # noqa: F401 (loads them all)
    from galleria.web.page import Page

    return iter(sorted(Page.__subclasses__(), key=lambda page: page.__name__))
