"""What a worker does beside its jobs, again and again and when rung; in threads of their own, so that a slow address delays no lease."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog
from sqlalchemy.exc import DBAPIError

AFTER_FAILURE_S = 1.0

log = structlog.stdlib.get_logger()


class Errand:
    def __init__(self, name: str, action: Callable[[], bool], every_s: float) -> None:
        """`action` looks for something to do, does some of it, and says whether there may be more."""
        self._name = name
        self._action = action
        self._every_s = every_s
        self._rang = threading.Event()
        self._is_closing = False
        self._thread = threading.Thread(target=self._go_on, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def ring(self) -> None:
        """There may be something to do."""
        self._rang.set()

    def close(self, within_s: float = 5.0) -> None:
        """Begin nothing any more; what is not over in time is left behind, to be done again by others."""
        self._is_closing = True
        self._rang.set()
        self._thread.join(within_s)

    def _go_on(self) -> None:
        while not self._is_closing:
            if not self._is_more():
                self._rang.wait(self._every_s)
                self._rang.clear()

    def _is_more(self) -> bool:
        try:
            return self._action()
        except DBAPIError as error:
            log.warning("errand_failed", errand=self._name, reason=type(error.orig).__name__)
        except Exception as error:
            # Whatever is wrong with one thing must not end all others for ever.
            log.error("errand_broke_off", errand=self._name, reason=type(error).__name__)  # noqa: TRY400 (its text may be data)
        self._rang.wait(AFTER_FAILURE_S)
        return False
