"""The colours of a map's theme: one for each value, or a ramp over bands of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

_OF_NONE = "#c0c0c0"
"""The colour of what has no value."""


@dataclass(frozen=True)
class Theme:
    is_ramp: bool
    method: str
    """`IndividualValue`, `EqualRanges`, `EqualRecords` or `SmartTile`."""
    bands: int
    colours: Sequence[str]
    """Of single values, used again where there are more values; of a ramp, start and end."""


def coloured(theme: Theme, texts: Sequence[str | None], numbers: Sequence[float | None]) -> tuple[list[str], list[tuple[str, str]]]:
    """The colour of each row, and the entries of the legend. Rows without a value are grey."""
    if theme.method == "IndividualValue":
        known = sorted({text for text in texts if text is not None})
        scale = _ramp(theme.colours, len(known)) if theme.is_ramp else theme.colours
        by_value = {text: scale[number % len(scale)] for number, text in enumerate(known)}
        return [by_value[text] if text is not None else _OF_NONE for text in texts], list(by_value.items())
    limits = _limits(theme, sorted(number for number in numbers if number is not None))
    scale = _ramp(theme.colours, len(limits) + 1)
    colours = [_OF_NONE if number is None else scale[sum(number >= limit for limit in limits)] for number in numbers]
    names = [f"from {limit:g}" for limit in limits]
    return colours, list(zip([f"below {limits[0]:g}" if limits else "all", *names], scale, strict=True))


def _limits(theme: Theme, values: Sequence[float]) -> list[float]:
    """Where each band but the first begins."""
    if not values or values[0] == values[-1]:
        return []
    match theme.method:
        case "EqualRecords":
            return [values[len(values) * number // theme.bands] for number in range(1, theme.bands)]
        case "SmartTile":
            # By standard deviations around the average, half of one to either side being the middle band.
            middle, spread, first = fmean(values), stdev(values), -(theme.bands - 2) / 2
            return [middle + spread * (first + number) for number in range(theme.bands - 1)]
        case _:
            return [values[0] + (values[-1] - values[0]) * number / theme.bands for number in range(1, theme.bands)]


def _ramp(colours: Sequence[str], count: int) -> list[str]:
    """`count` colours from the first to the last."""
    start, end = ([int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in (colours[0], colours[-1]))
    shares = [number / max(count - 1, 1) for number in range(count)]
    return ["#" + "".join(f"{round(one + (other - one) * share):02x}" for one, other in zip(start, end, strict=True)) for share in shares]
