"""The present moment: the start of the run, for every row the same; and moments in other time zones."""

from calendar import monthrange
from datetime import datetime
from zoneinfo import ZoneInfo

import polars as pl

from galleria.errors import FormulaError
from galleria.formula.kinds import DATETIME, TEXT
from galleria.formula.operand import Operand
from galleria.formula.registry import Outcome, Site, function
from galleria.formula.zones import local_zone, zone_of


def _now(site: Site, zone: Operand | None = None) -> datetime:
    """The start of the run, as clocks in the zone show it."""
    if zone is None or not (zone.is_constant and zone.constant_text):
        return site.environment.started
    here = site.environment.started.replace(tzinfo=ZoneInfo(local_zone(site.environment)))
    return here.astimezone(ZoneInfo(zone_of(zone, site))).replace(tzinfo=None)


def _literal(moment: datetime) -> pl.Expr:
    return pl.lit(moment).cast(pl.Datetime("us"))


@function("DateTimeNow(zone: String = Null()) -> DateTime", detailed=True)
def now(site: Site, zone: Operand) -> pl.Expr:
    """The start of the run, to the second; in that time zone, or the run's own."""
    return _literal(_now(site, zone).replace(microsecond=0))


@function("DateTimeNowPrecise(digits: Int, zone: String = Null()) -> String", detailed=True)
def now_precise(site: Site, digits: Operand, zone: Operand) -> Outcome:
    """The start of the run with that many digits (1 to 18) of a second's fraction, as text."""
    count = digits.constant if digits.is_constant else None
    if not isinstance(count, int) or not 1 <= count <= 18:
        raise FormulaError("DateTimeNowPrecise needs a constant number of digits from 1 to 18", digits.position)
    moment = _now(site, zone)
    fraction = f"{moment.microsecond:06d}".ljust(18, "0")[:count]
    return Outcome(pl.lit(f"{moment:%Y-%m-%d %H:%M:%S}.{fraction}"), type=TEXT)


@function("DateTimeStart() -> DateTime", detailed=True)
def start(site: Site) -> pl.Expr:
    """The start of the run, to the second."""
    return _literal(_now(site).replace(microsecond=0))


@function("DateTimeToday() -> Date", detailed=True)
def today(site: Site) -> pl.Expr:
    """The day on which the run started."""
    return pl.lit(_now(site).date())


@function("DateTimeFirstOfMonth() -> DateTime", detailed=True)
def first_of_month(site: Site) -> pl.Expr:
    """Midnight of the first day of the month in which the run started."""
    return _literal(_now(site).replace(day=1, hour=0, minute=0, second=0, microsecond=0))


@function("DateTimeLastOfMonth() -> DateTime", detailed=True)
def last_of_month(site: Site) -> pl.Expr:
    """23:59:59 of the last day of the month in which the run started."""
    moment = _now(site)
    return _literal(moment.replace(day=monthrange(moment.year, moment.month)[1], hour=23, minute=59, second=59, microsecond=0))


@function("DateTimeToLocal(moment: DateTime, zone: String = Null()) -> DateTime", detailed=True)
def to_local(site: Site, moment: Operand, zone: Operand) -> Outcome:
    """A moment of UTC as clocks in that zone, or the run's own, show it."""
    there = moment.expression.dt.replace_time_zone("UTC").dt.convert_time_zone(zone_of(zone, site))
    return Outcome(there.dt.replace_time_zone(None), type=DATETIME)


@function("DateTimeToUTC(moment: DateTime, zone: String = Null()) -> DateTime", detailed=True)
def to_utc(site: Site, moment: Operand, zone: Operand) -> Outcome:
    """A moment that clocks in that zone, or the run's own, show, in UTC; Null for one that clocks skip there, the earlier of two."""
    here = moment.expression.dt.replace_time_zone(zone_of(zone, site), ambiguous="earliest", non_existent="null")
    return Outcome(here.dt.convert_time_zone("UTC").dt.replace_time_zone(None), type=DATETIME)
