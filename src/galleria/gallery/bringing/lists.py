"""Reads the lists of Admin V1 and V2, page by page, into records."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from galleria.database.base import now
from galleria.errors import GalleriaError, InvalidError, NotFoundError
from galleria.gallery.bringing import shapes
from galleria.gallery.bringing.server import OtherServer
from galleria.gallery.bringing.there import World
from galleria.gallery.bringing.values import flag, id_of, mappings, moment, text

PAGE_SIZE = 100
_MOST_PAGES = 100_000
_FORECAST = timedelta(days=44)
"""The published window is below 45 days."""
_Record = TypeVar("_Record")
Raw = Mapping[str, Any]


@dataclass
class Reader:
    """Collects what could not be read beside what could: one broken element must not stop a whole move."""

    server: OtherServer
    page_size: int = PAGE_SIZE
    oddities: list[str] = field(default_factory=list[str])

    def world(self) -> World:
        """Read everything before anything is written here; raises GalleriaError when the server cannot be read."""
        contacts = {key: raw.get("primaryContactInfo") for key, raw in _by_id(self._maybe("/admin/v1/subscriptions")).items()}
        studios = self._records("studio", self._newest("subscriptions"), lambda raw: shapes.studio(raw, contacts.get(id_of(raw))))
        users = self._records("user", self._newest("users"), shapes.user)
        histories = _by_id(self._histories())
        workflows = self._records(
            "workflow", self._by_offset("/admin/v1/workflows"), lambda raw: shapes.workflow(raw, histories.get(id_of(raw), {}))
        )
        since = now()
        return World(
            studios=studios,
            users=users,
            workflows=tuple(one for one in workflows if not flag(histories.get(one.id, {}), "isDeleted", False)),
            insights=self._records("insight", self._maybe_by_offset("/admin/v1/insights"), shapes.insight),
            schedules=self._records("schedule", self._by_page("/admin/v1/schedules"), shapes.schedule),
            collections=self._records("collection", self._by_page("/admin/v1/collections"), shapes.collection),
            forecast=self._forecast(since, since + _FORECAST),
            forecast_window=(since, since + _FORECAST),
            connections=tuple(self._connections()),
            oddities=tuple(self.oddities),
        )

    def _records(self, what: str, found: Sequence[Raw], read: Callable[[Raw], _Record]) -> tuple[_Record, ...]:
        records: list[_Record] = []
        for raw in found:
            try:
                records.append(read(raw))
            except InvalidError as error:
                self.oddities.append(f"a {what} could not be read: {error.message}")
        return tuple(records)

    def _newest(self, noun: str) -> list[Raw]:
        """A list that Admin V2 tells more about, where it is there; in V1's words otherwise."""
        try:
            return self._by_page(f"/admin/v2/{noun}")
        except NotFoundError:
            return self._by_page(f"/admin/v1/{noun}")

    def _maybe(self, path: str) -> list[Raw]:
        try:
            return self._by_page(path)
        except NotFoundError:
            return []

    def _maybe_by_offset(self, path: str) -> list[Raw]:
        try:
            return self._by_offset(path)
        except NotFoundError:
            return []

    def _histories(self) -> list[Raw]:
        for version in (2, 1):
            try:
                return self._by_page(f"/admin/v{version}/workflows/all")
            except NotFoundError:
                continue
        return []

    def _connections(self) -> Iterator[str]:
        for noun in ("serverdataconnections", "systemdataconnections"):
            for raw in self._maybe_by_offset(f"/admin/v1/{noun}"):
                name, kind = text(raw, "connectionName"), text(raw, "connectionType")
                yield f"{name} ({kind})" if kind else name

    def _by_page(self, path: str) -> list[Raw]:
        """Read all pages. No source says whether they count from 0 or 1, so both are asked for, and nothing is taken twice."""
        found: dict[str, Raw] = {}
        for number in range(_MOST_PAGES):
            page = self._page(path, {"page": number, "pageSize": self.page_size}, may_fail=number == 0)
            before = len(found)
            found |= {_key(raw): raw for raw in page if _key(raw) not in found}
            if number > 0 and (len(page) < self.page_size or (number > 1 and len(found) == before)):
                break
        return list(found.values())

    def _by_offset(self, path: str) -> list[Raw]:
        found: dict[str, Raw] = {}
        for number in range(_MOST_PAGES):
            page = self._page(path, {"offset": number * self.page_size, "limit": self.page_size})
            before = len(found)
            found |= {_key(raw): raw for raw in page if _key(raw) not in found}
            # A server that ignores paging sends the same again, one that lies sends it for ever.
            if len(page) < self.page_size or len(found) == before:
                break
        return list(found.values())

    def _page(self, path: str, query: Mapping[str, str | int], *, may_fail: bool = False) -> list[Raw]:
        try:
            answer = self.server.read(path, query)
        except NotFoundError:
            raise
        except InvalidError:
            # A server whose pages count from 1 may refuse page 0.
            if may_fail:
                return []
            raise
        if not isinstance(answer, list):
            raise InvalidError(f"{path} of the other server is no list; is this the address of a gallery?")
        return mappings(cast("object", answer))

    def _forecast(self, since: datetime, until: datetime) -> Mapping[str, tuple[datetime, ...]] | None:
        # Both generations' names: unknown ones are ignored.
        first, last = f"{since:%Y-%m-%dT%H:%M:%SZ}", f"{until:%Y-%m-%dT%H:%M:%SZ}"
        query = {"after": first, "afterDate": first, "before": last, "beforeDate": last}
        try:
            runs = mappings(self.server.read("/admin/v2/schedule/forecast", query))
            times: dict[str, list[datetime]] = {}
            for run in runs:
                at = moment(run.get("startTime"))
                if at is not None:
                    times.setdefault(id_of(run), []).append(at)
        except GalleriaError as error:
            self.oddities.append(f"the times to come of schedules are not told, so they were not compared: {error.message}")
            return None
        return {schedule_id: tuple(sorted(some)) for schedule_id, some in times.items()}


def _by_id(found: Sequence[Raw]) -> dict[str, Raw]:
    return {str(raw.get("id")): raw for raw in found}


def _key(raw: Raw) -> str:
    return str(raw.get("id") or raw.get("connectionId") or json.dumps(raw, sort_keys=True))
