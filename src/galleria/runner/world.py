"""The world of a run on the command line, where the user's own rights hold."""

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from galleria.addresses import connect_checked
from galleria.errors import ToolError
from galleria.tools.contract import Answer

if TYPE_CHECKING:
    from galleria.runner.transfer import Transfers


class OpenWorld:
    """Reaches every address, starts programs, sends mail. HTTP is imported with the first request: most runs make none."""

    unrestricted = True

    def request(self, method: str, url: str, *, headers: Mapping[str, str], content: bytes | None, timeout_s: float) -> Answer:
        return self._transfers.request(method, url, headers=headers, content=content, timeout_s=timeout_s)

    @cached_property
    def _transfers(self) -> "Transfers":
        from galleria.runner.transfer import Transfers

        return Transfers(connect_checked(None), unrestricted=True)


class NoWorld:
    """The world of a check: there is none."""

    unrestricted = False

    def request(self, method: str, url: str, *, headers: Mapping[str, str], content: bytes | None, timeout_s: float) -> Answer:
        raise ToolError("a check reaches no network")
