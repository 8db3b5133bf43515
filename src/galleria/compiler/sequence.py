"""Steps that run one after another although no rows flow between them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from galleria.compiler.plan import Key, Step


def in_turn(steps: Sequence[Step]) -> list[Step]:
    """The steps; where a tool serves its outputs in turn, readers of a later one come after all that lies behind the earlier ones."""
    after: dict[Key, frozenset[Key]] = {}
    for step in steps:
        if not step.tool.in_turn:
            continue
        behind = [_behind(steps, step.key, anchor) for anchor in step.tool.output_anchors]
        for number, anchor in enumerate(step.tool.output_anchors):
            # What this branch or a later one leads to as well cannot be waited for: it needs them itself.
            earlier = frozenset[Key]().union(*behind[:number]) - frozenset[Key]().union(*behind[number:])
            for reader in _readers(steps, {step.key: {anchor}}):
                after[reader] = after.get(reader, frozenset()) | earlier
    return [replace(step, after=step.after | after[step.key]) if step.key in after else step for step in steps]


def _behind(steps: Sequence[Step], origin: Key, anchor: str) -> frozenset[Key]:
    """Every step that rows from an anchor reach."""
    reached: set[Key] = set()
    fresh = _readers(steps, {origin: {anchor}})
    while fresh:
        reached |= fresh
        fresh = _readers(steps, dict.fromkeys(fresh)) - reached
    return frozenset(reached)


def _readers(steps: Iterable[Step], origins: Mapping[Key, set[str] | None]) -> set[Key]:
    """The steps fed by one of the origins, there from the anchors named, from any for None."""
    found: set[Key] = set()
    for step in steps:
        for feed in (feed for feeds in step.feeds.values() for feed in feeds):
            anchors = origins.get(feed.origin, set())
            if anchors is None or feed.anchor in anchors:
                found.add(step.key)
    return found
