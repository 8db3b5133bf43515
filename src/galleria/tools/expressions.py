"""Expressions in tools: compiled, with errors in the original's words."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager

from galleria.errors import FormulaError, ToolError
from galleria.fields.types import Field
from galleria.formula.compile import Compiled, compile_expression, condition
from galleria.tools.contract import Context

Extra = Mapping[str, Field | str | float | bool | None]
"""Names that a tool adds: a field of the frame, or a constant."""


def compiled(text: str, fields: Sequence[Field], context: Context, *, extra: Extra | None = None, suffix: str = "") -> Compiled:
    """The expression over these fields; raises ToolError, its text ended by `suffix`, for one that cannot be compiled."""
    with told(suffix):
        return compile_expression(text, fields, context.formula, extra=extra)


def compiled_condition(text: str, fields: Sequence[Field], context: Context, *, extra: Extra | None = None) -> Compiled:
    """The expression as a test that is never Null; raises ToolError."""
    with told():
        return condition(text, fields, context.formula, extra=extra)


@contextmanager
def told(suffix: str = "") -> Generator[None]:
    """Turns a FormulaError within into a ToolError in the original's words, ended by `suffix`."""
    try:
        yield
    except FormulaError as error:
        raise ToolError(f"Parse Error at char({error.position}): {error.reason}{suffix}") from error
