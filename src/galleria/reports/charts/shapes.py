"""SVG elements as texts, and lines cut at the edges of a box."""

from dataclasses import dataclass

from galleria.reports.markup import escape

Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    left: float
    top: float
    right: float
    bottom: float

    def holds(self, point: Point) -> bool:
        return self.left - 0.01 <= point[0] <= self.right + 0.01 and self.top - 0.01 <= point[1] <= self.bottom + 0.01


def rectangle(left: float, top: float, width: float, height: float, fill: str, opacity: float = 1) -> str:
    see = f' opacity="{opacity:g}"' if opacity != 1 else ""
    return f'<rect x="{left:.2f}" y="{top:.2f}" width="{max(width, 0):.2f}" height="{max(height, 0):.2f}" fill="{fill}"{see}/>'


def line(one: Point, other: Point, stroke: str, width: float = 1) -> str:
    return f'<line x1="{one[0]:.2f}" y1="{one[1]:.2f}" x2="{other[0]:.2f}" y2="{other[1]:.2f}" stroke="{stroke}" stroke-width="{width:g}"/>'


def words(
    at: Point, text: str, size: float, anchor: str = "middle", *, fill: str = "#444444", turned: float = 0, bold: bool = False
) -> str:
    """A text whose first line ends at the height of `at`; line breaks begin a line below."""
    turn = f' transform="rotate({turned:g} {at[0]:.2f} {at[1]:.2f})"' if turned else ""
    look = f'text-anchor="{anchor}" font-size="{size:g}" font-family="Arial, Helvetica, sans-serif" fill="{fill}"{turn}'
    parts = enumerate(text.split("\n"))
    return "".join(f'<text x="{at[0]:.2f}" y="{at[1] + n * size * 1.2:.2f}" {look}>{escape(part)}</text>' for n, part in parts if part)


def path(points: list[Point], stroke: str, width: float) -> str:
    """A line through points."""
    found = " ".join(f"{x:.2f},{y:.2f}" for x, y in points)
    return f'<polyline points="{found}" fill="none" stroke="{stroke}" stroke-width="{width:g}"/>'


def area(points: list[Point], fill: str, opacity: float) -> str:
    found = " ".join(f"{x:.2f},{y:.2f}" for x, y in points)
    return f'<polygon points="{found}" fill="{fill}" opacity="{opacity:g}"/>'


def within(one: Point, other: Point, box: Box) -> tuple[Point, Point] | None:
    """The part of a line that lies in the box; None where none does (Liang and Barsky)."""
    dx, dy = other[0] - one[0], other[1] - one[1]
    enters, leaves = 0.0, 1.0
    for step, room in ((-dx, one[0] - box.left), (dx, box.right - one[0]), (-dy, one[1] - box.top), (dy, box.bottom - one[1])):
        if step == 0:
            if room < 0:
                return None
            continue
        share = room / step
        if step < 0:
            enters = max(enters, share)
        else:
            leaves = min(leaves, share)
    if enters > leaves:
        return None
    return (one[0] + enters * dx, one[1] + enters * dy), (one[0] + leaves * dx, one[1] + leaves * dy)
