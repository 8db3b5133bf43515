"""What the code of a Python tool imports as `ayx`: its input tables come in, its output tables go out.

Lies on the path of the child process that runs the code, and in nobody else's. The tables are Arrow files in the folder
that the environment names; `inputs.json` says which file holds which connection.
"""

import json
import os
from pathlib import Path
from typing import Any

import polars as pl


class Alteryx:
    """The functions that the original offers under this name."""

    @staticmethod
    def read(connection: str, *_: object, **__: object) -> Any:
        """The records of an incoming connection (`#1`, or its own name) as a DataFrame of pandas."""
        files = _told()["inputs"]
        if connection not in files:
            raise KeyError(f"there is no incoming connection {connection!r}; there are {', '.join(files) or 'none'}")
        return pl.read_ipc(_folder() / files[connection]).to_pandas()

    @staticmethod
    def write(data: Any, output: int, *_: object, **__: object) -> None:
        """Give a DataFrame of pandas (or of Polars) to the outgoing anchor 1 to 5."""
        if not 1 <= int(output) <= 5:
            raise ValueError(f"there are outputs 1 to 5, not {output}")
        frame = pl.DataFrame(data)
        frame.rename(str).write_ipc(_folder() / f"output{int(output)}.arrow")

    @staticmethod
    def getIncomingConnectionNames() -> list[str]:  # noqa: N802 (the original's name)
        return list(_told()["inputs"])

    @staticmethod
    def getWorkflowConstant(name: str) -> Any:  # noqa: N802 (the original's name)
        return _told()["constants"][name]

    @staticmethod
    def getWorkflowConstants() -> dict[str, Any]:  # noqa: N802 (the original's name)
        return dict(_told()["constants"])

    @staticmethod
    def getWorkflowConstantNames() -> list[str]:  # noqa: N802 (the original's name)
        return list(_told()["constants"])

    @staticmethod
    def installPackages(*_: object, **__: object) -> None:  # noqa: N802 (the original's name)
        """Refused: what may be imported is the administrator's choice."""
        raise RuntimeError("packages are not installed by workflows here; install them beside Galleria")

    installPackage = installPackages  # noqa: N815 (the original's name)


def _folder() -> Path:
    return Path(os.environ["GALLERIA_PYTHON_TOOL"])


def _told() -> dict[str, Any]:
    return json.loads((_folder() / "inputs.json").read_text(encoding="utf-8"))
