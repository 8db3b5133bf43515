"""What programs are given to call the APIs: a Postman environment, and a signed request as a line for a shell."""

from collections.abc import Mapping
from typing import Any, cast

from oauthlib.oauth1 import SIGNATURE_TYPE_QUERY, Client

from galleria.gallery.keys.service import Pair
from galleria.http.postman import variables_for_postman


def postman_environment(gallery_url: str, user: Pair, studio: Pair | None) -> Mapping[str, Any]:
    """Make an environment for the collection; ids are variables of the collection itself."""
    values = {"gallery-url": gallery_url, "user-key": user.key, "user-secret": user.secret}
    return variables_for_postman(values | ({"studio-key": studio.key, "studio-secret": studio.secret} if studio is not None else {}))


def curl_line(gallery_url: str, studio: Pair) -> str:
    """Sign the request that lists a studio's workflows; good for one call within the server's window."""
    client = Client(studio.key, studio.secret, signature_type=SIGNATURE_TYPE_QUERY)
    url = cast("str", client.sign(f"{gallery_url}/api/v1/workflows/subscription/")[0])  # pyright: ignore[reportUnknownMemberType] - untyped there
    return f"curl '{url}'"
