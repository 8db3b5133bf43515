"""A report ready to be written: its snippets in order, its paper, its header and footer."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Separator(StrEnum):
    """What stands between two records of a report; the words of documents."""

    CONTINUOUS = "Continuous"
    BREAKING = "Breaking"
    WHITESPACE = "Whitespace"


@dataclass(frozen=True)
class Paper:
    """Sizes in points, as they are with the paper upright."""

    width: float = 612
    height: float = 792
    left: float = 36
    right: float = 36
    top: float = 36
    bottom: float = 36
    is_portrait: bool = True


@dataclass(frozen=True)
class Report:
    snippets: Sequence[str]
    separator: Separator = Separator.CONTINUOUS
    header: str = ""
    footer: str = ""
    on_first_page: bool = True
    """Whether header and footer stand on the first page too."""
    paper: Paper = Paper()
    style: dict[str, str] = field(default_factory=dict[str, str])
    """Of text that says nothing else."""
