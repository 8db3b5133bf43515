"""Metrics as text, in Prometheus's format 0.0.4."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Labels = Mapping[str, str]


class Kind(StrEnum):
    GAUGE = "gauge"
    COUNTER = "counter"
    HISTOGRAM = "histogram"


@dataclass
class Family:
    """What is measured under one name, with its values by labels."""

    name: str
    kind: Kind
    about: str
    lines: list[str] = field(default_factory=list[str])

    def add(self, value: float, **labels: str) -> Family:
        self.lines.append(_line(self.name, labels, value))
        return self

    def add_histogram(self, bounds: Sequence[float], below: Sequence[int], count: int, total: float, **labels: str) -> Family:
        """`below` tells for each bound how many values are at most that."""
        for bound, number in [*zip(bounds, below, strict=True), (math.inf, count)]:
            self.lines.append(_line(f"{self.name}_bucket", {**labels, "le": _number(bound)}, number))
        self.lines.append(_line(f"{self.name}_sum", labels, total))
        self.lines.append(_line(f"{self.name}_count", labels, count))
        return self


def exposed(families: Sequence[Family]) -> str:
    return "".join(f"{line}\n" for family in families for line in _written(family))


def _written(family: Family) -> Iterator[str]:
    yield f"# HELP {family.name} {_escaped(family.about)}"
    yield f"# TYPE {family.name} {family.kind}"
    yield from family.lines


def _line(name: str, labels: Labels, value: float) -> str:
    told = ",".join(f'{label}="{_label(text)}"' for label, text in labels.items())
    return f"{name}{{{told}}} {_number(value)}" if told else f"{name} {_number(value)}"


def _number(value: float) -> str:
    if math.isinf(value):
        return "+Inf"
    return str(int(value)) if value == int(value) else repr(float(value))


def _label(text: str) -> str:
    return _escaped(text).replace('"', '\\"')


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")
