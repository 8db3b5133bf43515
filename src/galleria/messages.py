"""What a run tells its user, in the numbers and words of the original engine. Part of a workflow's result."""

from dataclasses import dataclass
from enum import IntEnum


class Status(IntEnum):
    INFO = 1
    WARNING = 2
    ERROR = 3
    COMPLETE = 4
    CONVERSION_ERROR = 5
    CONVERSION_LIMIT = 6
    FILE_INPUT = 8
    FILE_OUTPUT = 9
    RESOURCE = 101
    """A resource outside the run that a tool used: `action:GET URL:...`."""


@dataclass(frozen=True)
class Message:
    tool_id: int | None
    status: Status
    text: str
    path: tuple[int, ...] = ()
    """For a message from inside a macro: the tool ids from the outermost macro down to the tool."""


def counted(number: int, noun: str) -> str:
    """`1 record`, `4 records`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
