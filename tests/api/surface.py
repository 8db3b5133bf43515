"""The published surface of the classic APIs, as `surface.tsv` lists it."""

import csv
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True)
class Endpoint:
    api: str
    name: str
    """What the published collection calls it; unlike others within its API."""
    method: str
    classic: str
    """Below `/gallery/api`, as published."""
    web: str
    """Below `/webapi`."""

    def __str__(self) -> str:
        return f"{self.method} {self.classic}"


def surface() -> list[Endpoint]:
    text = files("galleria.api.classic").joinpath("surface.tsv").read_text()
    return [Endpoint(**row) for row in csv.DictReader(text.splitlines(), delimiter="\t")]
