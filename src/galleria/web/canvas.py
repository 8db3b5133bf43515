"""The canvas of a workflow as shapes: where everything lies, in the document's own units (pixels of its author's screen)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from galleria.web.glyphs import glyph_for
from galleria.web.tools import tool_name

TILE = 44.0
_MARGIN = 36.0
_LEAST_WIDTH = 620.0
_LEAST_HEIGHT = 280.0
_LABEL_WIDTH = 17
_LABEL_LINES = 3
_LEAST_LETTERS = 9
_LETTER = 6.1
"""As wide as one is, on average."""
_LINE_HEIGHT = 13.0
_SIDEWAYS = ("Action", "Question", "Condition")
"""Anchors of interface wires, which come from above and leave below."""


@dataclass(frozen=True)
class Point:
    x: float
    y: float
    letter: str = ""
    """Written on an anchor where a tool has several: T and F, L, J and R."""


@dataclass(frozen=True)
class Tile:
    """A tool."""

    tool_id: int
    x: float
    y: float
    name: str
    family: str
    glyph: str
    lines: Sequence[str]
    """Its label, broken into lines."""
    label: str
    problem: str
    """Why it cannot run; empty for one that can."""
    is_dim: bool
    """It lies in a container that is switched off."""
    inputs: Sequence[Point]
    outputs: Sequence[Point]


@dataclass(frozen=True)
class Box:
    """A container or a comment."""

    tool_id: int
    x: float
    y: float
    width: float
    height: float
    lines: Sequence[str]
    is_dim: bool


@dataclass(frozen=True)
class Line:
    """A wire."""

    path: str
    name: str
    middle: Point
    kind: str
    """`plain`, `wireless` or `interface`."""
    origin: int
    destination: int
    source: str
    """The anchor that it leaves: `6:True`."""


@dataclass(frozen=True)
class Drawing:
    tiles: Sequence[Tile]
    containers: Sequence[Box]
    comments: Sequence[Box]
    lines: Sequence[Line]
    left: float
    top: float
    width: float
    height: float

    @property
    def view_box(self) -> str:
        return f"{self.left:g} {self.top:g} {self.width:g} {self.height:g}"


@dataclass(frozen=True)
class Inside:
    """What a click on a tool shows."""

    tool_id: int
    name: str
    family: str
    plugin: str
    label: str
    problem: str
    settings: Sequence[tuple[str, str]]
    schemas: Sequence[tuple[str, Sequence[tuple[str, str]]]]
    """By anchor: name and type of each field."""


@dataclass
class _Sketch:
    """What is known while a canvas is drawn."""

    nodes: Mapping[int, Mapping[str, Any]]
    problems: Mapping[int, str]
    rows: Mapping[int, Sequence[float]]
    """Where tools lie in each stripe of the canvas that is as high as a tool."""
    tiles: dict[int, Tile] = field(default_factory=dict[int, Tile])


def drawing_of(report: Mapping[str, Any], problems: Mapping[int, str]) -> Drawing | None:
    """Draw a version's canvas from its report; None for a report that has none. `problems` are the reasons by tool id."""
    nodes, wires = _read(report)
    if not nodes:
        return None
    tools = {tool_id: node for tool_id, node in nodes.items() if node.get("kind") in ("tool", "macro")}
    sketch = _Sketch(nodes, problems, _rows(tools))
    sketch.tiles = {tool_id: _tile(sketch, tool_id) for tool_id in tools}
    containers = [_box(sketch, tool_id) for tool_id, node in nodes.items() if node.get("kind") == "container"]
    comments = [_box(sketch, tool_id) for tool_id, node in nodes.items() if node.get("kind") == "comment"]
    lines = [line for wire in wires if (line := _line(sketch, wire)) is not None]
    return _framed(list(sketch.tiles.values()), containers, comments, lines)


def inside_of(report: Mapping[str, Any], problems: Mapping[int, str], tool_id: int) -> Inside | None:
    """Tell about one tool; None where the canvas has no such one."""
    node = _read(report)[0].get(tool_id)
    if node is None:
        return None
    schemas = cast("Mapping[str, Any]", node.get("fields") or {})
    return Inside(
        tool_id=tool_id,
        name=_name(node),
        family=_text(node, "family"),
        plugin=_text(node, "plugin"),
        label=_text(node, "label") or _text(node, "text"),
        problem=problems.get(tool_id, ""),
        settings=_pairs(node.get("settings")),
        schemas=[(str(anchor), _pairs(fields)) for anchor, fields in schemas.items()],
    )


def _read(report: Mapping[str, Any]) -> tuple[dict[int, Mapping[str, Any]], list[Mapping[str, Any]]]:
    canvas = cast("Mapping[str, Any]", report.get("canvas") or {})
    nodes = {int(node["id"]): node for node in cast("list[Mapping[str, Any]]", canvas.get("nodes") or [])}
    return nodes, cast("list[Mapping[str, Any]]", canvas.get("wires") or [])


def _rows(tools: Mapping[int, Mapping[str, Any]]) -> dict[int, list[float]]:
    rows: dict[int, list[float]] = {}
    for node in tools.values():
        rows.setdefault(int(float(node["y"]) // TILE), []).append(float(node["x"]))
    return rows


def _tile(sketch: _Sketch, tool_id: int) -> Tile:
    node = sketch.nodes[tool_id]
    x, y = float(node["x"]), float(node["y"])
    name, label = _name(node), _text(node, "label")
    return Tile(
        tool_id=tool_id,
        x=x,
        y=y,
        name=name,
        family=_text(node, "family"),
        glyph=glyph_for(name, _text(node, "family")),
        lines=_broken(label or name, _room(sketch, x, y), _LABEL_LINES),
        label=label,
        problem=sketch.problems.get(tool_id, ""),
        is_dim=_is_dim(sketch, node),
        inputs=_anchors(node, "inputs", x, y),
        outputs=_anchors(node, "outputs", x + TILE, y),
    )


def _room(sketch: _Sketch, x: float, y: float) -> int:
    """How many letters fit below a tool, beside the labels of its neighbours."""
    row = int(y // TILE)
    lefts = [left for near in (row - 1, row, row + 1) for left in sketch.rows.get(near, ()) if left != x]
    nearest = min((abs(left - x) for left in lefts), default=_LABEL_WIDTH * _LETTER)
    return min(max(int(nearest / _LETTER), _LEAST_LETTERS), _LABEL_WIDTH)


def _is_dim(sketch: _Sketch, node: Mapping[str, Any]) -> bool:
    seen = set[int]()
    current: Mapping[str, Any] | None = node
    while current is not None:
        if current.get("is_disabled"):
            return True
        above = current.get("container")
        current = sketch.nodes.get(above) if isinstance(above, int) and above not in seen else None
        seen.add(above if isinstance(above, int) else -1)
    return False


def _names(node: Mapping[str, Any], side: str) -> list[str]:
    return [str(name) for name in cast("list[Any]", node.get(side) or []) if name not in _SIDEWAYS]


def _anchors(node: Mapping[str, Any], side: str, x: float, y: float) -> list[Point]:
    names = _names(node, side)
    step = TILE / (len(names) + 1)
    letters = [name[:1].upper() if len(names) > 1 and side == "outputs" else "" for name in names]
    return [Point(x, y + step * (position + 1), letter) for position, letter in enumerate(letters)]


def _box(sketch: _Sketch, tool_id: int) -> Box:
    node = sketch.nodes[tool_id]
    is_container = node.get("kind") == "container"
    width = float(node.get("width") or (160 if is_container else 120))
    height = float(node.get("height") or 60)
    most = max(int((height - 12) // _LINE_HEIGHT), 1)
    lines = _broken(_text(node, "text"), max(int(width // 6.4), 4), 1 if is_container else most)
    return Box(tool_id, float(node["x"]), float(node["y"]), width, height, lines, _is_dim(sketch, node))


def _line(sketch: _Sketch, wire: Mapping[str, Any]) -> Line | None:
    origin, destination = sketch.tiles.get(wire.get("from", 0)), sketch.tiles.get(wire.get("to", 0))
    if origin is None or destination is None:
        return None
    if wire.get("from_anchor") in _SIDEWAYS or wire.get("to_anchor") in _SIDEWAYS:
        kind, start, end = "interface", *_interface_ends(origin, destination)
    else:
        kind = "wireless" if wire.get("is_wireless") else "plain"
        start = _at(sketch, origin, "outputs", wire.get("from_anchor"))
        end = _at(sketch, destination, "inputs", wire.get("to_anchor"))
    is_falling = kind == "interface" and start.x == origin.x + TILE / 2
    path = _falling(start, end) if is_falling else _flowing(start, end)
    middle = Point((start.x + end.x) / 2, (start.y + end.y) / 2)
    source = f"{origin.tool_id}:{wire.get('from_anchor')}"
    return Line(path, str(wire.get("name") or ""), middle, kind, origin.tool_id, destination.tool_id, source)


def _interface_ends(origin: Tile, destination: Tile) -> tuple[Point, Point]:
    """From the bottom of one tool to the top of the other; from side to side where they lie beside each other."""
    if abs(origin.y - destination.y) < TILE:
        return Point(origin.x + TILE, origin.y + TILE / 2), Point(destination.x, destination.y + TILE / 2)
    return Point(origin.x + TILE / 2, origin.y + TILE), Point(destination.x + TILE / 2, destination.y)


def _at(sketch: _Sketch, tile: Tile, side: str, anchor: object) -> Point:
    """Where a wire meets a tool; the only anchor, or the middle, where a document calls it by another name."""
    points = tile.inputs if side == "inputs" else tile.outputs
    names = _names(sketch.nodes[tile.tool_id], side)
    if anchor in names:
        return points[names.index(str(anchor))]
    return points[0] if len(points) == 1 else Point(tile.x + (TILE if side == "outputs" else 0), tile.y + TILE / 2)


def _flowing(start: Point, end: Point) -> str:
    reach = max(abs(end.x - start.x) / 2, 28.0)
    return f"M{start.x:g} {start.y:g}C{start.x + reach:g} {start.y:g} {end.x - reach:g} {end.y:g} {end.x:g} {end.y:g}"


def _falling(start: Point, end: Point) -> str:
    reach = max(abs(end.y - start.y) / 2, 20.0)
    return f"M{start.x:g} {start.y:g}C{start.x:g} {start.y + reach:g} {end.x:g} {end.y - reach:g} {end.x:g} {end.y:g}"


def _framed(tiles: Sequence[Tile], containers: Sequence[Box], comments: Sequence[Box], lines: Sequence[Line]) -> Drawing:
    boxes = [*containers, *comments]
    lefts = [tile.x - 24 for tile in tiles] + [box.x for box in boxes]
    tops = [tile.y for tile in tiles] + [box.y for box in boxes]
    rights = [tile.x + TILE + 24 for tile in tiles] + [box.x + box.width for box in boxes]
    bottoms = [tile.y + TILE + 8 + _LINE_HEIGHT * len(tile.lines) for tile in tiles] + [box.y + box.height for box in boxes]
    left, top = min(lefts) - _MARGIN, min(tops) - _MARGIN
    width, height = max(rights) + _MARGIN - left, max(bottoms) + _MARGIN - top
    # A few tools are not blown up to the size of posters.
    wider, higher = max(_LEAST_WIDTH - width, 0), max(_LEAST_HEIGHT - height, 0)
    return Drawing(tiles, containers, comments, lines, left - wider / 2, top - higher / 2, width + wider, height + higher)


def _broken(text: str, width: int, most: int) -> list[str]:
    """Break a label into lines; the last one ends with … where something is left out."""
    lines: list[str] = []
    for paragraph in text.splitlines():
        words, line = paragraph.split(), ""
        for word in words:
            if line and len(line) + 1 + len(word) > width:
                lines.append(line)
                line = word
            else:
                line = f"{line} {word}" if line else word
        lines.append(line)
    lines = [line if len(line) <= width + 3 else f"{line[: width + 2]}…" for line in lines]
    return lines if len(lines) <= most else [*lines[: most - 1], f"{lines[most - 1]} …"]


def _name(node: Mapping[str, Any]) -> str:
    return _text(node, "name") if node.get("kind") == "macro" else tool_name(_text(node, "plugin"))


def _text(node: Mapping[str, Any], word: str) -> str:
    return str(node.get(word) or "")


def _pairs(value: object) -> list[tuple[str, str]]:
    return [(str(pair[0]), str(pair[1])) for pair in cast("list[list[Any]]", value or []) if len(pair) == 2]
