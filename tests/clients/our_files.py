"""The files that lie beside our Postman collection: a small workflow, and rows for it."""

import io
import zipfile

from tests.clients.npm import ROOT

FOLDER = ROOT / "postman"
SALES = FOLDER / "sales.yxmd"


def a_package() -> bytes:
    """Pack the workflow."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.write(SALES, SALES.name)
    return made.getvalue()
