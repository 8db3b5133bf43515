"""Every error that Galleria raises on purpose.

GalleriaError
├── InvalidError        what came in cannot be read or makes no sense (a document, an answer, a request)
│   ├── FormulaError    an expression that cannot be compiled; knows the character position
│   ├── ToolError       a tool whose configuration or input is wrong; knows the tool
│   └── UnreadableError a file that was handed over is not what it should be
├── UnsupportedError    understood, but not something Galleria does; names the feature and the reason
├── NotFoundError       no such thing, or none that the caller may see
├── ForbiddenError      the caller may not do this
├── UnauthorizedError   nobody knows who is calling
├── ConflictError       the thing is in a state that does not allow this
├── TooLargeError       more than a limit allows
└── TooBusyError        not at this moment, because of all the others
"""


class GalleriaError(Exception):
    """The message says what, where, and what would help."""

    @property
    def message(self) -> str:
        return str(self)


class InvalidError(GalleriaError):
    pass


class FormulaError(InvalidError):
    # Polars makes an error that a function raised again from its text alone.
    def __init__(self, reason: str, position: int = 0) -> None:
        self.reason = reason
        self.position = position
        """0-based character in the expression."""
        super().__init__(f"Parse Error at char({position}): {reason}")


class ToolError(InvalidError):
    def __init__(self, reason: str, tool_id: int | None = None) -> None:
        self.tool_id = tool_id
        super().__init__(reason)


class UnreadableError(InvalidError):
    pass


class UnsupportedError(GalleriaError):
    # Polars makes an error that a function raised again from its text alone.
    def __init__(self, feature: str, detail: str = "", tool_id: int | None = None) -> None:
        self.feature = feature.replace(":", " ")
        """A plugin, or `macro NAME`, `function NAME`, `format NAME`; without a colon."""
        self.detail = detail
        self.tool_id = tool_id
        where = "" if tool_id is None else f" (tool {tool_id})"
        super().__init__(f"{self.feature}: {detail}{where}" if detail else self.feature + where)


class NotFoundError(GalleriaError):
    pass


class ForbiddenError(GalleriaError):
    pass


class UnauthorizedError(GalleriaError):
    pass


class ConflictError(GalleriaError):
    pass


class TooLargeError(GalleriaError):
    pass


class TooBusyError(GalleriaError):
    pass
