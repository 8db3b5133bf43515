"""Places on the grids of maps to degrees: the projections that are known, by the names that documents use."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from galleria.spatial.library import np

if TYPE_CHECKING:
    from galleria.spatial.columns import Numbers


@dataclass(frozen=True)
class Ellipsoid:
    axis_m: float
    flattening: float

    @property
    def e2(self) -> float:
        return self.flattening * (2 - self.flattening)


_WGS84 = Ellipsoid(6378137.0, 1 / 298.257223563)
_AIRY = Ellipsoid(6377563.396, 1 / 299.3249646)


@dataclass(frozen=True)
class Projection:
    """A transverse Mercator projection, the spherical one of web maps, or none (degrees)."""

    kind: str
    ellipsoid: Ellipsoid = _WGS84
    meridian: float = 0.0
    parallel: float = 0.0
    scale: float = 1.0
    east_m: float = 0.0
    north_m: float = 0.0
    shift: tuple[float, float, float, float, float, float, float] | None = None
    """From the ellipsoid's datum to WGS 84: metres, seconds of arc, parts in a million."""

    @property
    def is_degrees(self) -> bool:
        return self.kind == "degrees"

    def degrees(self, east: Numbers, north: Numbers) -> tuple[Numbers, Numbers]:
        """Longitude and latitude (WGS 84) of metres on the grid; NaN for what lies nowhere."""
        with np.errstate(all="ignore"):
            return self._degrees(east, north)

    def _degrees(self, east: Numbers, north: Numbers) -> tuple[Numbers, Numbers]:
        if self.kind == "web":
            axis = _WGS84.axis_m
            return np.degrees(east / axis), np.degrees(2 * np.arctan(np.exp(north / axis)) - np.pi / 2)
        x, y = self._off_the_grid(east, north)
        if self.shift is not None:
            x, y = _shifted(x, y, self.ellipsoid, self.shift)
        return np.degrees(x), np.degrees(y)

    def _off_the_grid(self, east: Numbers, north: Numbers) -> tuple[Numbers, Numbers]:
        """By Krüger's series to the third order of n: exact to a millimetre within the zones in use."""
        n = self.ellipsoid.flattening / (2 - self.ellipsoid.flattening)
        size = self.scale * self.ellipsoid.axis_m / (1 + n) * (1 + n**2 / 4 + n**4 / 64)
        xi, eta = (north - self.north_m) / size + self._arc(n), (east - self.east_m) / size
        betas = (n / 2 - 2 * n**2 / 3 + 37 * n**3 / 96, n**2 / 48 + n**3 / 15, 17 * n**3 / 480)
        xi1 = xi - sum(b * np.sin(2 * j * xi) * np.cosh(2 * j * eta) for j, b in enumerate(betas, 1))
        eta1 = eta - sum(b * np.cos(2 * j * xi) * np.sinh(2 * j * eta) for j, b in enumerate(betas, 1))
        chi = np.arcsin(np.sin(xi1) / np.cosh(eta1))
        deltas = (2 * n - 2 * n**2 / 3 - 2 * n**3, 7 * n**2 / 3 - 8 * n**3 / 5, 56 * n**3 / 15)
        latitude = chi + sum(d * np.sin(2 * j * chi) for j, d in enumerate(deltas, 1))
        return math.radians(self.meridian) + np.arctan2(np.sinh(eta1), np.cos(xi1)), latitude

    def _arc(self, n: float) -> float:
        """The grid's origin on the meridian, as an angle."""
        e = math.sqrt(self.ellipsoid.e2)
        latitude = math.radians(self.parallel)
        chi = math.atan(math.sinh(math.asinh(math.tan(latitude)) - e * math.atanh(e * math.sin(latitude))))
        alphas = (n / 2 - 2 * n**2 / 3 + 5 * n**3 / 16, 13 * n**2 / 48 - 3 * n**3 / 5, 61 * n**3 / 240)
        return chi + sum(a * math.sin(2 * j * chi) for j, a in enumerate(alphas, 1))


def find_projection(name: str) -> Projection | None:
    """The projection of an EPSG code (`EPSG:27700`) or of WGS 84 by name; None for others."""
    folded = name.strip().casefold()
    if folded in ("", "wgs84", "wgs 84"):
        return Projection("degrees")
    digits = folded.removeprefix("epsg:")
    code = int(digits) if digits.isdecimal() else 0
    if code in (32600 + code % 100, 32700 + code % 100) and 1 <= code % 100 <= 60:
        south = 10_000_000.0 if code > 32700 else 0.0
        return Projection("grid", meridian=code % 100 * 6 - 183, scale=0.9996, east_m=500_000.0, north_m=south)
    return _KNOWN.get(code)


def _shifted(x: Numbers, y: Numbers, source: Ellipsoid, shift: tuple[float, ...]) -> tuple[Numbers, Numbers]:
    """Radians of another datum as radians of WGS 84 (Helmert, position vector)."""
    normal = source.axis_m / np.sqrt(1 - source.e2 * np.sin(y) ** 2)
    a, b, c = normal * np.cos(y) * np.cos(x), normal * np.cos(y) * np.sin(x), normal * (1 - source.e2) * np.sin(y)
    rx, ry, rz = (math.radians(angle / 3600) for angle in shift[3:6])
    size = 1 + shift[6] * 1e-6
    a, b, c = (
        shift[0] + size * (a - rz * b + ry * c),
        shift[1] + size * (rz * a + b - rx * c),
        shift[2] + size * (-ry * a + rx * b + c),
    )
    across = np.hypot(a, b)
    latitude = np.arctan2(c, across * (1 - _WGS84.e2))
    for _ in range(5):
        normal = _WGS84.axis_m / np.sqrt(1 - _WGS84.e2 * np.sin(latitude) ** 2)
        latitude = np.arctan2(c + _WGS84.e2 * normal * np.sin(latitude), across)
    return np.arctan2(b, a), latitude


_KNOWN = {
    4326: Projection("degrees"),
    3857: Projection("web"),
    # British National Grid; the shift is that of the EPSG's transformation 1314, exact to some metres.
    27700: Projection(
        "grid", _AIRY, -2.0, 49.0, 0.9996012717, 400_000.0, -100_000.0, (446.448, -125.157, 542.06, 0.15, 0.247, 0.842, -20.489)
    ),
}
