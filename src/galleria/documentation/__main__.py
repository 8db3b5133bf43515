"""`python -m galleria.documentation`: every page as JSON on standard output, for the gallery, which has no engine to ask."""

from __future__ import annotations

import json
import sys

from galleria.documentation.site import data

if __name__ == "__main__":
    json.dump(data(), sys.stdout, ensure_ascii=True)
