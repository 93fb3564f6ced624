"""What a key does to the bits of a stamp: a tag that nobody else can make, a text that nobody else can read.

Deterministic authenticated encryption after Rogaway and Shrimpton 2006 (SIV): the tag is a keyed hash of the message, and begins the
stream that hides it, so no number has to be used once only. Equal messages give equal bits under a key, and nothing else is said. The
word of the error correcting code is then put into an order of the key's and covered by flips of the key's, so that without the key it is
a word of no known code. All of it is BLAKE2b with a key, and SHAKE-256 where more bytes are needed; what is new is the order of the bits.
"""

import hashlib
import hmac

import numpy as np

from stegastamp.message.key import Key


class Seal:
    """Closes and opens the data of one format with one key.

    name: the format's; what the key makes for another tells nothing about this one. tag_bits: of the tag, 64 at most. bits: of the stamp.
    """

    def __init__(self, key: Key, name: str, tag_bits: int, bits: int):
        self.tag_bits = tag_bits
        self._tag_key, self._text_key = key.derived(f"tag {name}"), key.derived(f"text {name}")
        drawn = hashlib.shake_256(key.derived(f"word {name}")).digest(9 * bits)
        self.order = np.argsort(np.frombuffer(drawn[: 8 * bits], "<u8"), kind="stable")
        """(bits,): place i of the stamp has bit order[i] of the word."""
        self.flips = bytes(byte & 1 for byte in drawn[8 * bits :])
        """(bits,) bytes of 0 and 1, added to the word in that order."""

    def __repr__(self) -> str:
        return f"Seal({self.tag_bits} bits)"

    def close(self, payload: bytes) -> np.ndarray:
        """Tag and hidden payload, (tag_bits + 8 len(payload),) uint8 of 0 and 1."""
        tag = self._tag(payload)
        return np.concatenate([tag, self._hidden(tag, _bits(payload))])

    def open(self, data: np.ndarray) -> bytes | None:
        """The payload in what `close` has made, or None where its tag is not the key's."""
        tag, hidden = np.split(data, [self.tag_bits])
        payload = np.packbits(self._hidden(tag, hidden)).tobytes()
        return payload if hmac.compare_digest(self._tag(payload).tobytes(), tag.tobytes()) else None

    def _tag(self, payload):
        return _bits(hashlib.blake2b(payload, key=self._tag_key, digest_size=8).digest())[: self.tag_bits]

    def _hidden(self, tag, payload):
        """Payload bits covered by the stream that begins with the tag; uncovered where they are covered."""
        stream = hashlib.blake2b(tag.astype(np.uint8).tobytes(), key=self._text_key, digest_size=64).digest()
        return payload.astype(np.uint8) ^ _bits(stream)[: len(payload)]


def _bits(data):
    return np.unpackbits(np.frombuffer(data, np.uint8))
