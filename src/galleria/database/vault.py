"""Secrets at rest: sealed before they reach a column, opened only by the verb that needs them."""

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from galleria.errors import InvalidError

_NO_KEY_FITS = "a stored secret does not open with any of the configured secret keys; was the key file replaced?"


@dataclass(frozen=True)
class Vault:
    fernet: MultiFernet

    def seal(self, text: str) -> str:
        return self.fernet.encrypt(text.encode()).decode("ascii")

    def open(self, sealed: str) -> str:
        """Raises InvalidError when none of the keys fits."""
        try:
            return self.fernet.decrypt(sealed.encode("ascii")).decode()
        except InvalidToken as error:
            raise InvalidError(_NO_KEY_FITS) from error

    def reseal(self, sealed: str) -> str:
        """Seal again with the first key, after a rotation."""
        try:
            return self.fernet.rotate(sealed.encode("ascii")).decode("ascii")
        except InvalidToken as error:
            raise InvalidError(_NO_KEY_FITS) from error


def vault_from(keys: Sequence[str]) -> Vault:
    """Make the vault of these keys (32 bytes, URL-safe base64): the first seals, all of them open."""
    try:
        return Vault(MultiFernet([Fernet(key) for key in keys]))
    except ValueError as error:
        raise InvalidError("a secret key is 32 bytes in URL-safe base64; `galleria` makes one on its first start") from error
