"""What an import did, thing by thing."""

from dataclasses import dataclass
from enum import StrEnum

from galleria.gallery.bringing.records import Thing
from galleria.gallery.workflows.report import Report


class Deed(StrEnum):
    BROUGHT = "brought"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    HERE = "here already"
    """Somebody who is here with this e-mail without having been brought: stays as he is."""
    GONE = "gone there"
    """Was brought once and is not on the other server any more: stays."""
    DELETED = "deleted here"
    """Was brought once and deleted here since: stays so."""
    REFUSED = "refused"


@dataclass(frozen=True)
class Line:
    thing: Thing
    deed: Deed
    name: str
    source_id: str
    local_id: str = ""
    """Empty where there is none."""
    notes: tuple[str, ...] = ()
    """What to know: why it was refused, what of it could not be brought."""
    report: Report | None = None
    """Of a workflow: what will run of it."""
