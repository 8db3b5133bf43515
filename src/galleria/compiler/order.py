"""Put things in an order in which each comes after what it depends on; ties keep the order they came in."""

from collections.abc import Hashable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import TypeVar

from galleria.compiler.plan import Step
from galleria.errors import InvalidError

Thing = TypeVar("Thing", bound=Hashable)


def after_what_they_need(needs: Mapping[Thing, Sequence[Thing]], name: str) -> list[Thing]:
    """The keys of `needs`, each after its values; raises InvalidError, naming the document, where they run in a circle."""
    sorter = TopologicalSorter(needs)
    try:
        sorter.prepare()
    except CycleError as error:
        circle = " - ".join(str(one) for one in error.args[1])
        raise InvalidError(f"{name}: the connections run in a circle: tools {circle}") from error
    position = {thing: number for number, thing in enumerate(needs)}
    ordered: list[Thing] = []
    while sorter.is_active():
        ready = sorted((thing for thing in sorter.get_ready()), key=lambda thing: position.get(thing, -1))
        ordered.extend(thing for thing in ready if thing in position)
        sorter.done(*ready)
    return ordered


def in_order(steps: Sequence[Step], name: str) -> list[Step]:
    """The steps, each after those that feed it."""
    by_key = {step.key: step for step in steps}
    needs = {step.key: [feed.origin for feeds in step.feeds.values() for feed in feeds] for step in steps}
    return [by_key[key] for key in after_what_they_need(needs, name)]
