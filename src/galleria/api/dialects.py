"""How the two generations of the published APIs write the same things."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import IntEnum


@dataclass(frozen=True)
class Dialect:
    has_named_enums: bool
    """`"App"` instead of `0`."""
    writes_nulls: bool
    """Members without a value are null instead of missing, where the older generation leaves them out."""
    has_wcf_dates: bool
    """`/Date(1475246432000)/` in the lists of Admin V1."""
    has_amp: bool = True
    """`isE2`, `runWithE2` and `amp` are there; servers of 2019.1 did not have them, and one strict client refuses them."""

    has_later_members: bool = False
    """What the Web API added to older answers, and took from them."""
    requires_format: bool = False
    """An output is not given without saying in which format."""
    indents_jobs: bool = False

    def enum(self, value: IntEnum) -> int | str:
        return value.name.capitalize() if self.has_named_enums else int(value)

    def listed_moment(self, moment: datetime | None) -> str | None:
        """Write a moment as the lists of Admin V1 do."""
        if moment is None:
            return None
        return f"/Date({int(moment.timestamp() * 1000)})/" if self.has_wcf_dates else moment_in_milliseconds(moment)


CLASSIC = Dialect(has_named_enums=False, writes_nulls=False, has_wcf_dates=True)
CLASSIC_2019 = replace(CLASSIC, has_amp=False)
WEB = Dialect(has_named_enums=True, writes_nulls=True, has_wcf_dates=False, has_later_members=True, requires_format=True, indents_jobs=True)


def moment_in_seconds(moment: datetime) -> str:
    """`2021-10-06T12:58:43Z`"""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def moment_in_milliseconds(moment: datetime) -> str:
    """`2016-08-11T16:49:40.732Z`"""
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


def moment_in_ticks(moment: datetime) -> str:
    """`2021-10-06T12:58:43.1081990Z`: seven digits, as a .NET server writes them; our clock has six."""
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond:06d}0Z"


def moment_in_words(moment: datetime | None) -> str | None:
    """`2021-10-06 12:58:43`"""
    return None if moment is None else f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def moment_or_null(moment: datetime | None) -> str | None:
    """As `moment_in_seconds`; None for none."""
    return None if moment is None else moment_in_seconds(moment)
