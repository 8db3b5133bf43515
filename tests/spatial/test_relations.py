"""Pairs found over whole columns, held against a double loop over plain objects."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from galleria.spatial.nearest import to_objects
from galleria.spatial.relation import BOXES, CONTAINS, INTERSECTS, WITHIN, neighbours, related

TOUCHES = "FT*******|F**T*****|F***T****"
whole = st.integers(0, 6)


@st.composite
def shapes(draw: st.DrawFn) -> object:
    kind = draw(st.sampled_from(["none", "point", "line", "box", "box"]))
    x, y, wide, high = draw(whole), draw(whole), draw(st.integers(1, 4)), draw(st.integers(1, 4))
    match kind:
        case "point":
            return shapely.Point(x, y)
        case "line":
            return shapely.LineString([(x, y), (x + wide, y + high)])
        case "box":
            return shapely.box(x, y, x + wide, y + high)
        case _:
            return None


columns = st.lists(shapes(), max_size=8).map(lambda items: np.array(items, dtype=object))


def holds(one: object, other: object, relation: str) -> bool:
    if one is None or other is None:
        return False
    if relation == INTERSECTS:
        return one.relate(other)[0] != "F"
    if relation == CONTAINS:
        return one.contains(other)
    if relation == WITHIN:
        return one.within(other)
    if relation == BOXES:
        return shapely.box(*one.bounds).intersects(shapely.box(*other.bounds))
    return any(one.relate_pattern(other, pattern) for pattern in relation.split("|"))


@pytest.mark.parametrize("relation", [INTERSECTS, CONTAINS, WITHIN, BOXES, TOUCHES])
@given(targets=columns, universe=columns)
@settings(max_examples=60, deadline=None)
def test_related_pairs_are_those_of_a_double_loop(relation: str, targets: np.ndarray, universe: np.ndarray) -> None:
    at, other = related(targets, universe, relation)
    wanted = [(i, j) for i, one in enumerate(targets) for j, two in enumerate(universe) if holds(one, two, relation)]
    assert list(zip(at.tolist(), other.tolist(), strict=True)) == wanted


@given(targets=columns, universe=columns, count=st.integers(1, 4), most_km=st.sampled_from([0, 200, 400, 20_000]), ignores=st.booleans())
@settings(max_examples=120, deadline=None)
def test_neighbours_are_those_of_a_double_loop(targets: np.ndarray, universe: np.ndarray, count: int, most_km: int, ignores: bool) -> None:
    found = neighbours(targets, universe, count, most_km * 1000.0, ignores_zero=ignores)
    given_pairs = list(zip(found.target.tolist(), found.universe.tolist(), found.rank.tolist(), strict=True))
    assert given_pairs == nearest_by_loop(targets, universe, count, most_km * 1000.0, ignores_zero=ignores)


def nearest_by_loop(
    targets: np.ndarray, universe: np.ndarray, count: int, most_m: float, *, ignores_zero: bool
) -> list[tuple[int, int, int]]:
    pairs = []
    for i, target in enumerate(targets):
        if target is None:
            continue
        centre = target.centroid
        near = []
        for j, other in enumerate(universe):
            if other is None:
                continue
            distance = to_objects(np.array([centre.x]), np.array([centre.y]), np.array([other], dtype=object)).distance_m[0]
            if distance <= most_m and not (ignores_zero and distance == 0):
                near.append((distance, j))
        pairs += [(i, j, rank) for rank, (_, j) in enumerate(sorted(near)[:count], 1)]
    return pairs
