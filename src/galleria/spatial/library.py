"""The libraries of the `spatial` extra, loaded at their first use: `from galleria.spatial.library import np, shapely`."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from galleria.fields.objects import import_shapely

if TYPE_CHECKING:
    import numpy as np

    # Its own types are partly unknown.
    shapely: Any
else:

    class _Late:
        """A module that is imported when something of it is wanted; raises UnsupportedError where the extra is missing."""

        def __init__(self, name):
            self._name = name

        def __getattr__(self, attribute):
            import_shapely()
            value = getattr(importlib.import_module(self._name), attribute)
            setattr(self, attribute, value)
            return value

    np = _Late("numpy")
    shapely = _Late("shapely")

__all__ = ["np", "shapely"]
