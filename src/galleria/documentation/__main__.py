"""`python -m galleria.documentation [PID]`: every page as JSON on standard output, for the gallery, which has no engine to ask.

It ends with the process of that id, whose child it must be.
"""

from __future__ import annotations

import json
import os
import sys

from galleria.documentation.site import data
from galleria.runner.processes import die_with_parent

if __name__ == "__main__":
    if len(sys.argv) > 1:
        die_with_parent(int(sys.argv[1]))
    # A server has it made while it begins to serve: requests and runs go first.
    os.nice(10)
    json.dump(data(), sys.stdout, ensure_ascii=True)
