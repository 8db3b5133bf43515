"""The pages of the documentation, made by a child process: what they tell about tools and functions only the engine knows."""

import json
import os
import subprocess
import sys
from typing import Any

import structlog

from galleria.errors import TooBusyError

_LONGEST_S = 120

log = structlog.stdlib.get_logger()


def documentation() -> list[dict[str, Any]]:
    """Give every page as `documentation.site.data` does. Takes seconds; raises TooBusyError where it took too long or failed."""
    command = [sys.executable, "-m", "galleria.documentation", str(os.getpid())]
    # What the documentation says is the same everywhere, and no secret among the settings goes where it is not needed.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GALLERIA_")}
    try:
        done = subprocess.run(command, capture_output=True, timeout=_LONGEST_S, check=True, env=environment)  # noqa: S603 (our own program)
        made: list[dict[str, Any]] = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        log.exception("documentation_failed")
        raise TooBusyError("the documentation could not be put together; try again in a while") from error
    return made
