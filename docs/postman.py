"""Writes the Postman collection and environment into `postman/`: `make postman`."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from galleria.api.documentation.postman import COLLECTION_FILE, ENVIRONMENT_FILE, LOCAL_URL, collection, environment

FOLDER = Path(__file__).parents[1] / "postman"


def texts() -> Mapping[str, str]:
    """Give what each file is to hold, by its name."""
    made: dict[str, Mapping[str, Any]] = {COLLECTION_FILE: collection(LOCAL_URL), ENVIRONMENT_FILE: environment(LOCAL_URL)}
    return {name: json.dumps(content, indent=1, ensure_ascii=False) + "\n" for name, content in made.items()}


if __name__ == "__main__":
    for name, text in texts().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
        print(FOLDER / name)
