"""The static documentation: `python docs/build.py FOLDER`. The gallery shows the same pages at `/gallery/help/`."""

import sys
from pathlib import Path

from galleria.documentation.site import write

if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "site")
    print(f"{write(target, (Path(__file__).parent / 'style.css').read_text(encoding='utf-8'))} pages in {target}")
