"""Measures of the sphere and the ellipsoid against values that are known otherwise."""

import math

import numpy as np
import polars as pl
import pytest
import shapely

from galleria.spatial.columns import shapes_of
from galleria.spatial.flat import buffered, circles, circles_apart, generalized, rings, smoothed
from galleria.spatial.grid import cells
from galleria.spatial.nearest import apart_m, nearest, to_objects
from galleria.spatial.projection import find_projection
from galleria.spatial.sphere import DEGREE_M, METRES_A_MILE, RADIUS_M, areas_m2, bearings, cardinal, distances_m, lengths_m

SQUARE = "POLYGON ((0 0, 0 1, 1 1, 1 0, 0 0))"


def shapes(*texts: str | None) -> np.ndarray:
    return np.array([None if text is None else shapely.from_wkt(text) for text in texts], dtype=object)


def numbers(*values: float) -> np.ndarray:
    return np.array(values, dtype=float)


@pytest.mark.parametrize(
    ("text", "metres"),
    [
        ("LINESTRING (0 0, 90 0)", RADIUS_M * math.pi / 2),
        ("LINESTRING (0 0, 0 90)", RADIUS_M * math.pi / 2),
        ("LINESTRING (179 0, -179 0)", 2 * DEGREE_M),
        ("MULTILINESTRING ((0 0, 1 0), (5 5, 5 6))", 2 * DEGREE_M),
        ("POLYGON ((0 0, 0 1, 0 0))", 2 * DEGREE_M),
        ("POINT (1 1)", 0),
        ("LINESTRING EMPTY", 0),
    ],
)
def test_a_length_is_that_on_the_sphere(text: str, metres: float) -> None:
    assert lengths_m(shapes(text))[0] == pytest.approx(metres, rel=1e-12)


def test_what_is_asked_about_a_null_is_none() -> None:
    nothing = shapes(None)
    found = nearest(numbers(0), numbers(0), nothing)
    assert all(np.isnan(one[0]) for one in (lengths_m(nothing), areas_m2(nothing), found.x, found.distance_m, apart_m(nothing, nothing)))


def test_the_whole_earth_has_the_area_of_the_ellipsoid() -> None:
    whole = areas_m2(shapes("POLYGON ((-180 -90, -180 90, 180 90, 180 -90, -180 -90))"))[0]
    assert whole == pytest.approx(510_065_621_724_078.9, rel=1e-9)


def test_a_hole_has_no_area() -> None:
    with_hole, outer, hole = areas_m2(
        shapes(
            "POLYGON ((0 0, 0 3, 3 3, 3 0, 0 0), (1 1, 2 1, 2 2, 1 2, 1 1))",
            "POLYGON ((0 0, 0 3, 3 3, 3 0, 0 0))",
            "POLYGON ((1 1, 2 1, 2 2, 1 2, 1 1))",
        )
    )
    assert with_hole == pytest.approx(outer - hole)


def test_a_circle_has_its_radius_everywhere() -> None:
    made = circles(shapes("POINT (10 0)", None, "POINT (3 3)"), numbers(1000, 1000, -1))
    corners = shapely.get_coordinates(made[0])
    assert (len(corners), made[1], made[2]) == (101, None, None)
    assert distances_m(numbers(10), numbers(0), corners[:, 0], corners[:, 1]) == pytest.approx(1000, rel=1e-6)
    assert tuple(corners[0]) == pytest.approx((10 + 1000 / DEGREE_M, 0))
    assert not made[0].exterior.is_ccw


def test_circles_apart_leave_each_place_to_the_nearest_centre() -> None:
    at = shapes("POINT (0 0)", None, "POINT (0.01 0)", "POINT (0 0)", "POINT (5 5)")
    sizes = np.full(5, 1000.0)
    apart, whole = circles_apart(at, sizes), circles(at, sizes)
    assert (apart[1], apart[0].bounds[2], apart[2].bounds[0]) == (None, pytest.approx(0.005), pytest.approx(0.005))
    assert apart[0].equals(apart[3])
    assert apart[4].normalize().equals_exact(whole[4].normalize(), 1e-9)
    assert apart[0].union(apart[2]).area == pytest.approx(whole[0].union(whole[2]).area)


def test_a_ring_is_the_outer_circle_without_the_inner_one() -> None:
    at = shapes("POINT (10 45)")
    ring, outer, inner = rings(at, numbers(1000), numbers(2000)), circles(at, numbers(2000)), circles(at, numbers(1000))
    assert areas_m2(ring)[0] == pytest.approx(areas_m2(outer)[0] - areas_m2(inner)[0], rel=1e-6)


@pytest.mark.parametrize("latitude", [0, 45, 70])
def test_a_buffer_reaches_as_far_as_asked(latitude: float) -> None:
    square = shapely.transform(shapes(SQUARE), lambda places: places * 0.01 + [0, latitude])
    wide = buffered(square, numbers(1000), 0.0)
    corners = shapely.get_coordinates(wide)
    found = to_objects(corners[:, 0], corners[:, 1], np.repeat(square, len(corners)))
    assert found.distance_m == pytest.approx(1000, rel=2e-3)
    assert buffered(wide, numbers(-5000), 0.0)[0].is_empty


@pytest.mark.parametrize("size_m", [5000, -5000])
@pytest.mark.parametrize("wkt", ["POLYGON ((0 20, 1 60, 5 60, 4 20, 0 20))", "POLYGON ((0 -9, 3 9, 6 -9, 0 -9), (3 -1, 4 -1, 3 1, 3 -1))"])
def test_a_tall_object_is_widened_as_far_at_every_latitude(wkt: str, size_m: float) -> None:
    tall = shapes(wkt)
    outline = shapely.boundary(tall)
    corners = shapely.get_coordinates(buffered(tall, numbers(size_m), 0.0))
    found = to_objects(corners[:, 0], corners[:, 1], np.repeat(outline, len(corners)))
    assert found.distance_m == pytest.approx(5000, rel=5e-3)


def test_a_line_gets_no_narrower() -> None:
    assert buffered(shapes("LINESTRING (0 0, 0 9)"), numbers(-5000), 0.0)[0].is_empty


def test_generalizing_leaves_out_what_is_within_the_threshold() -> None:
    line = shapes("LINESTRING (0 60, 1 60.001, 2 60)")
    assert shapely.get_num_coordinates(generalized(np.repeat(line, 2), numbers(200, 50))).tolist() == [2, 3]


def test_smoothing_doubles_the_corners_with_each_pass() -> None:
    assert [shapely.get_num_coordinates(smoothed(shapes(SQUARE), numbers(1e6), passes))[0] for passes in (1, 2, 3)] == [9, 17, 33]


def test_the_nearest_place_is_nearer_than_any_of_a_thousand_along_the_line() -> None:
    line, at = shapes("LINESTRING (-100 50, -60 60, -20 40)"), (numbers(-70), numbers(35))
    tried = shapely.get_coordinates(shapely.line_interpolate_point(line[0], np.linspace(0, line[0].length, 1000)))
    least = distances_m(*at, tried[:, 0], tried[:, 1]).min()
    assert least - 100 < nearest(*at, line).distance_m[0] <= least


def test_objects_apart_are_measured_between_their_nearest_places() -> None:
    one, other = shapes(SQUARE, SQUARE), shapes("POLYGON ((3 0, 3 1, 4 1, 4 0, 3 0))", "LINESTRING (0.5 0.5, 9 9)")
    assert apart_m(one, other) == pytest.approx([2 * DEGREE_M * math.cos(math.radians(1)), 0], rel=1e-4)


@pytest.mark.parametrize(("degrees", "point"), [(0, "N"), (22, "N"), (23, "NE"), (180, "S"), (338, "N"), (337, "NW"), (math.nan, None)])
def test_a_direction_is_the_nearest_point_of_the_compass(degrees: float, point: str | None) -> None:
    assert cardinal(numbers(degrees)) == [point]


def test_there_is_no_direction_to_where_one_is() -> None:
    assert np.isnan(bearings(numbers(1), numbers(1), numbers(1), numbers(1))[0])


@pytest.mark.parametrize(
    ("name", "east", "north", "longitude", "latitude"),
    [
        # The Ordnance Survey's worked example, seen from WGS 84; within the five metres of the seven parameters.
        ("EPSG:27700", 651409.903, 313177.270, 1.716052, 52.657979),
        ("epsg:32633", 500000, 0, 15, 0),
        ("EPSG:32733", 500000, 10_000_000, 15, 0),
        ("EPSG:3857", 20037508.342789244, 0, 180, 0),
    ],
)
def test_a_grid_is_read(name: str, east: float, north: float, longitude: float, latitude: float) -> None:
    projection = find_projection(name)
    assert projection is not None
    found = projection.degrees(numbers(east), numbers(north))
    assert (found[0][0], found[1][0]) == pytest.approx((longitude, latitude), abs=1e-6)


@pytest.mark.parametrize("name", ["EPSG:2154", "", "EPSG:32661", "EPSG:x"])
def test_other_grids_are_unknown_and_no_name_means_degrees(name: str) -> None:
    projection = find_projection(name)
    assert (projection is None) == bool(name)


def test_a_grid_is_clipped_to_the_polygons_among_several_kinds() -> None:
    mixed = shapely.GeometryCollection([shapely.box(0, 0, 0.015, 0.01), shapely.Point(0.018, 0.005)])
    clipped = [shapely.from_wkb(cell) for _, cell in cells(mixed, 1000, clips=True)]
    assert shapely.union_all(clipped).area == pytest.approx(0.015 * 0.01, rel=1e-3)


def test_the_cells_of_a_grid_cover_the_object_and_do_not_overlap() -> None:
    shape = shapely.from_wkt("POLYGON ((0 50, 3 52, 4 49, 1 48.5, 0 50))")
    found = cells(shape, 20 * METRES_A_MILE, clips=True)
    polygons = [shapely.from_wkb(wkb) for _, wkb in found]
    assert len({name for name, _ in found}) == len(found) > 50
    assert sum(one.area for one in polygons) == pytest.approx(shape.area, rel=1e-6)


def test_a_column_that_repeats_itself_is_decoded_like_any_other() -> None:
    texts = [SQUARE, None, "POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))", "POINT (1 1)"]
    column = pl.Series([None if text is None else shapely.to_wkb(shapely.from_wkt(text)) for text in texts])
    once, often = shapes_of(column), shapes_of(pl.concat([column] * 5))
    assert all((one is other is None) or one.equals(other) for one, other in zip(np.tile(once, 5), often, strict=True))
    assert once[2].geom_type == "MultiPolygon"
