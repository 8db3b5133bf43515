"""What the tools of a run say, on its way to whoever listens: counted, and kept for the tools that speak of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from galleria.messages import Message, Status
from galleria.tools.contract import Say

if TYPE_CHECKING:
    from galleria.compiler.plan import Key
    from galleria.documents.workflow import Settings
    from galleria.runner.surroundings import Listener


class Said:
    def __init__(self, settings: Settings, listener: Listener) -> None:
        self.heard: list[Message] = []
        """Everything, in the words of the tools themselves."""
        self.errors = 0
        self.reached_limit = False
        """There were so many conversion errors that the document asks to stop."""
        self._settings = settings
        self._listener = listener

    def say(self, key: Key, say: Say) -> None:
        """Say it; for a tool inside a macro as the original does: with the way to it, and nothing unimportant unless asked for."""
        self.errors += say.status is Status.ERROR
        outer, *inner = key
        self.heard.append(Message(outer, say.status, say.text, key))
        if inner and say.status is Status.INFO and not self._settings.show_all_macro_messages:
            return
        within = "".join(f"Tool #{tool_id}: " for tool_id in inner)
        self._listener.message(Message(outer, say.status, f"{within}{say.text}", key))
        if say.status is Status.CONVERSION_LIMIT and self._settings.stop_at_conversion_limit and not self.reached_limit:
            self.reached_limit = True
            self.say(key, Say(Status.ERROR, "The run stops at this limit, as the workflow's settings ask."))

    def conversion_problems(self, key: Key, field: str, count: int, texts: Sequence[str]) -> None:
        """Say the first `texts` of `count` problems with a field."""
        for text in texts:
            self.say(key, Say(Status.CONVERSION_ERROR, f"{field}: {text}"))
        if count > len(texts):
            self.say(key, Say(Status.CONVERSION_LIMIT, f"{field}: Field Conversion Error Limit Reached"))
