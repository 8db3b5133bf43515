"""What a workflow wants done with its rows in a database, from the options of its Output Data."""

import re
from dataclasses import dataclass
from enum import StrEnum

from galleria.errors import InvalidError, UnsupportedError
from galleria.formats.options import Options


class Action(StrEnum):
    CREATE = "create"
    """A table that is not there yet."""
    OVERWRITE = "overwrite"
    """Dropped, and made again for the rows."""
    APPEND = "append"
    EMPTY_AND_APPEND = "empty and append"
    """Its rows are deleted; the table itself stays."""
    UPDATE = "update"
    """Rows with the same primary key; one without a partner fails all."""
    UPSERT = "upsert"
    """As update, but a row without a partner is inserted."""


_ACTIONS = {
    "": Action.CREATE,
    "create": Action.CREATE,
    "overwrite": Action.OVERWRITE,
    "append": Action.APPEND,
    "deleteappend": Action.EMPTY_AND_APPEND,
    "update": Action.UPDATE,
    "updateerroronupdatefailure": Action.UPDATE,
    "upsert": Action.UPSERT,
    "updateinsertifnew": Action.UPSERT,
}


@dataclass(frozen=True)
class Order:
    table: str
    """As the workflow writes it, its parts perhaps in quotes."""
    action: Action
    before: str = ""
    """Pre SQL."""
    after: str = ""


def order_of(table: str, options: Options) -> Order:
    """Read the options; raises InvalidError and UnsupportedError."""
    if not table:
        raise InvalidError("the connection needs the name of a table behind |||.")
    text = options.text("OutputOption")
    action = _ACTIONS.get(re.sub(r"[^a-z]", "", text.casefold()))
    if action is None:
        raise UnsupportedError("format database", f"the output option {text!r} is not supported")
    return Order(table, action, options.text("PreSQL"), options.text("PostSQL"))
