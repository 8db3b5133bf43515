"""Distances on the ellipsoid WGS 84."""

import math

METRES_A_MILE = 1609.344
_A = 6378137.0
_F = 1 / 298.257223563
_B = _A * (1 - _F)


def distance_m(latitude: float, longitude: float, to_latitude: float, to_longitude: float) -> float | None:
    """Metres of the shortest way between two places, by Vincenty's formula; by the sphere for places opposite each other.

    Places are degrees; None for a latitude beyond the poles.
    """
    if abs(latitude) > 90 or abs(to_latitude) > 90:
        return None
    if (latitude, longitude) == (to_latitude, to_longitude):
        return 0.0
    u1 = math.atan((1 - _F) * math.tan(math.radians(latitude)))
    u2 = math.atan((1 - _F) * math.tan(math.radians(to_latitude)))
    apart = math.radians((to_longitude - longitude + 180) % 360 - 180)
    found = _vincenty(u1, u2, apart)
    return found if found is not None else _on_sphere(u1, u2, apart)


def _vincenty(u1: float, u2: float, apart: float) -> float | None:
    sin_u1, cos_u1, sin_u2, cos_u2 = math.sin(u1), math.cos(u1), math.sin(u2), math.cos(u2)
    lam = apart
    for _ in range(200):
        sin_lam, cos_lam = math.sin(lam), math.cos(lam)
        sin_sigma = math.hypot(cos_u2 * sin_lam, cos_u1 * sin_u2 - sin_u1 * cos_u2 * cos_lam)
        if sin_sigma == 0:
            return 0.0
        cos_sigma = sin_u1 * sin_u2 + cos_u1 * cos_u2 * cos_lam
        sigma = math.atan2(sin_sigma, cos_sigma)
        sin_alpha = cos_u1 * cos_u2 * sin_lam / sin_sigma
        cos2_alpha = 1 - sin_alpha * sin_alpha
        cos_2m = cos_sigma - 2 * sin_u1 * sin_u2 / cos2_alpha if cos2_alpha else 0.0
        c = _F / 16 * cos2_alpha * (4 + _F * (4 - 3 * cos2_alpha))
        bend = sigma + c * sin_sigma * (cos_2m + c * cos_sigma * (2 * cos_2m * cos_2m - 1))
        before, lam = lam, apart + (1 - c) * _F * sin_alpha * bend
        if abs(lam - before) < 1e-12:
            return _arc(cos2_alpha, sin_sigma, cos_sigma, sigma, cos_2m)
    return None


def _arc(cos2_alpha: float, sin_sigma: float, cos_sigma: float, sigma: float, cos_2m: float) -> float:
    u = cos2_alpha * (_A * _A - _B * _B) / (_B * _B)
    a = 1 + u / 16384 * (4096 + u * (-768 + u * (320 - 175 * u)))
    b = u / 1024 * (256 + u * (-128 + u * (74 - 47 * u)))
    tail = b / 6 * cos_2m * (4 * sin_sigma * sin_sigma - 3) * (4 * cos_2m * cos_2m - 3)
    delta = b * sin_sigma * (cos_2m + b / 4 * (cos_sigma * (2 * cos_2m * cos_2m - 1) - tail))
    return _B * a * (sigma - delta)


def _on_sphere(u1: float, u2: float, apart: float) -> float:
    cosine = math.sin(u1) * math.sin(u2) + math.cos(u1) * math.cos(u2) * math.cos(apart)
    return (2 * _A + _B) / 3 * math.acos(max(-1.0, min(1.0, cosine)))
