"""Whatever JSON a server sends for a thing, it becomes a record or InvalidError."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galleria.errors import InvalidError
from galleria.gallery.bringing import shapes
from galleria.gallery.bringing.rules import iteration_there

_TEXTS = st.sampled_from(
    [
        "",
        "a" * 24,
        "x",
        "Curator",
        "2024-01-01T00:00:00Z",
        "9999-12-31T23:59:59-12:00",
        "0001-01-01T00:00:00+14:00",
        "/Date(99999999999999)/",
        "\ud800",
        "5",
    ]
)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _TEXTS | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "name", "appId", "userId", "isAdmin", "days"]), inner)
    ),
    max_leaves=8,
)
_NAMES = (
    "id name active email role curator subscriptionId expirationDate timezone publishedVersionId publishedVersionOwner metaInfo ownerId "
    "application owner enabled priority credential iteration frequency nextRunTime apps users subscriptions userGroups revisions creator "
    "startTime endTime iterationType hours minutes days day weekday occurrence daysOfWeek months cronExpression weeklyContract"
).split()
_THINGS = st.dictionaries(st.sampled_from(_NAMES), _VALUES).map(lambda found: {"id": "a" * 24, **found})
_RULES = _THINGS.flatmap(
    lambda found: st.sampled_from(["Once", "Hourly", "Daily", "Weekly", "Monthly", "Custom", "Cron"]).map(
        lambda kind: {**found, "iterationType": kind, "startTime": found.get("startTime", "2024-01-01T00:00:00")}
    )
)

READERS: dict[str, Callable[[Any], object]] = {
    "studio": lambda raw: shapes.studio(raw, raw.get("owner")),
    "user": shapes.user,
    "workflow": lambda raw: shapes.workflow(raw, raw),
    "insight": shapes.insight,
    "schedule": shapes.schedule,
    "collection": shapes.collection,
}


@pytest.mark.parametrize("thing", READERS)
@settings(max_examples=60, deadline=None)
@given(raw=_THINGS)
def test_a_thing_is_read_or_refused(thing: str, raw: dict[str, Any]) -> None:
    with suppress(InvalidError):
        repr(READERS[thing](raw)).encode()


@settings(max_examples=150, deadline=None)
@given(raw=_RULES, timezone=st.sampled_from(["", "Europe/Berlin", "Mars/Base"]))
def test_a_rule_is_read_or_refused(raw: dict[str, Any], timezone: str) -> None:
    with suppress(InvalidError):
        iteration_there(raw, "", timezone).to_json()
