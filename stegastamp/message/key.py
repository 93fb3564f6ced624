"""Keys: secret bytes, usually in a file, and what is made from them."""

import hashlib
from pathlib import Path

from longrun.errors import UserError

SHORTEST, LONGEST = 16, 2**20
"""Bytes that a key has at least and at most."""


class Key:
    """A secret that those share who stamp and those who read. Raises UserError for bytes that are no key; `name` is what it calls them.

    Line ends at the end of the secret do not count, since editors add and drop them; every other byte does.
    """

    def __init__(self, secret: bytes, name: str = "the key"):
        secret = secret.rstrip(b"\r\n")
        if not SHORTEST <= len(secret) <= LONGEST:
            raise UserError(
                f"{name} has {len(secret)} bytes; a key has {SHORTEST} to {LONGEST} (`python -m stegastamp key FILE` makes one)"
            )
        if len(set(secret)) == 1:
            raise UserError(f"{name} is one byte over and over; `python -m stegastamp key FILE` makes a key")
        self._root = hashlib.blake2b(secret, digest_size=64, person=b"stegastamp.key.1").digest()

    def __repr__(self) -> str:
        return "Key(...)"  # A traceback shows nothing of it.

    def derived(self, purpose: str) -> bytes:
        """64 bytes for one purpose; those of two say nothing of each other or of the secret."""
        return hashlib.blake2b(purpose.encode(), key=self._root, digest_size=64).digest()


def key_of(source: "Key | bytes | str | Path | None") -> Key | None:
    """A key from a file's path or from bytes; None and an empty path for none. Raises OSError or UserError."""
    if source is None or isinstance(source, Key) or source == "":
        return source or None
    if isinstance(source, bytes):
        return Key(source)
    path = Path(source)
    if not path.exists():
        raise FileNotFoundError(f"key {path} does not exist")
    with path.open("rb") as file:
        return Key(file.read(LONGEST + 3), f"key {path}")
