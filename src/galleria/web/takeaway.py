"""What programs are given to call the APIs: a Postman environment, and a signed request as a line for a shell."""

from collections.abc import Mapping
from typing import Any, cast

from oauthlib.oauth1 import SIGNATURE_TYPE_QUERY, Client

from galleria.gallery.keys.service import Pair


def postman_environment(gallery_url: str, user: Pair, studio: Pair | None) -> Mapping[str, Any]:
    """Make an environment with the variables of the collection, those that only a run knows left empty."""
    values = {"gallery-url": gallery_url, "user-key": user.key, "user-secret": user.secret}
    if studio is not None:
        values |= {"studio-key": studio.key, "studio-secret": studio.secret}
    values |= {"appId": "", "jobId": "", "outputId": ""}
    listed = [_variable(name, value) for name, value in values.items()]
    return {"name": "Galleria", "values": listed, "_postman_variable_scope": "environment"}


def _variable(name: str, value: str) -> Mapping[str, Any]:
    return {"key": name, "value": value, "type": "secret" if name.endswith("secret") else "default", "enabled": True}


def curl_line(gallery_url: str, studio: Pair) -> str:
    """Sign the request that lists a studio's workflows; good for one call within the server's window."""
    client = Client(studio.key, studio.secret, signature_type=SIGNATURE_TYPE_QUERY)
    url = cast("str", client.sign(f"{gallery_url}/api/v1/workflows/subscription/")[0])  # pyright: ignore[reportUnknownMemberType]
    return f"curl '{url}'"
