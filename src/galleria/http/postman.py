"""The form of a Postman environment."""

from collections.abc import Mapping
from typing import Any


def variables_for_postman(values: Mapping[str, str]) -> Mapping[str, Any]:
    """Make an environment of these variables; those whose names end in `secret` are shown as dots."""
    listed = [
        {"key": name, "value": value, "type": "secret" if name.endswith("secret") else "default", "enabled": True}
        for name, value in values.items()
    ]
    return {"name": "Galleria", "values": listed, "_postman_variable_scope": "environment"}
