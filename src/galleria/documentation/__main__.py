"""`python -m galleria.documentation`: every page as JSON on standard output, for the gallery, which has no engine to ask."""

from __future__ import annotations

import json
import os
import sys

from galleria.documentation.site import data

if __name__ == "__main__":
    # A server has it made while it begins to serve: requests and runs go first.
    os.nice(10)
    json.dump(data(), sys.stdout, ensure_ascii=True)
