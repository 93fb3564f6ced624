"""What the bits of a stamp say: a text of 7 bytes in 100 bits, or a UUID in 256 bits, each with error correction.

100 bits, those of Tancik et al. 2020 bit for bit: 56 bits of UTF-8 padded with spaces, 35 parity bits of a BCH code (polynomial 137,
t = 5), and 9 zeros (5 that fill the last parity byte, 4 more). Bytes go most significant bit first. The zeros carry nothing, so
an image without a stamp is told by them. 256 bits, ours: 128 bits of UUID, 124 parity bits of BCH(255, 131, t = 18), 4 bits of version.
Other sizes have no room for text and its correction; they carry raw bits.
"""

import unicodedata
import uuid
from dataclasses import dataclass
from math import comb

import numpy as np

from stegastamp.bch import BCH

TEXT_BITS, TEXT_BYTES, ZERO_BITS = 100, 7, 9
TEXT_CODE = BCH(polynomial=137, correctable=5, data_bits=8 * TEXT_BYTES)
UUID_BITS, VERSION_BITS = 256, 4
UUID_CODE = BCH(polynomial=285, correctable=18, data_bits=128)
# Not zero, so that a decoder stuck at all zeros does not spell the nil UUID.
UUID_VERSION = 1


@dataclass(frozen=True)
class Decoded:
    """A text read from 100 bits; `corrected` wrong bits were put right, `zero_errors` of the nine zeros were read as ones."""

    text: str
    corrected: int
    zero_errors: int = 0


@dataclass(frozen=True)
class DecodedUuid:
    """A UUID read from 256 bits; `corrected` wrong bits were put right."""

    uuid: uuid.UUID
    corrected: int


def encode_text(text: str, bits: int = TEXT_BITS) -> np.ndarray:
    """The bits that say `text`, (100,) uint8 of 0 and 1.

    Raises ValueError, one line, for a text over 7 bytes of UTF-8, with control characters, with a space at its end (the padding),
    or not encodable, and for a number of bits other than 100.
    """
    _require_text_bits(bits)
    try:
        data = text.encode()
    except UnicodeEncodeError:
        raise ValueError(f"message {text!r} cannot be encoded as UTF-8") from None
    if len(data) > TEXT_BYTES:
        raise ValueError(f"message {text!r} is {len(data)} bytes in UTF-8; at most {TEXT_BYTES} fit")
    if _has_control_characters(text):
        raise ValueError(f"message {text!r} holds control characters")
    if text.endswith(" "):
        raise ValueError(f"message {text!r} ends in a space, which cannot be told from the padding")
    word = TEXT_CODE.encode(np.unpackbits(np.frombuffer(data.ljust(TEXT_BYTES), np.uint8)))
    return np.concatenate([word, np.zeros(ZERO_BITS, np.uint8)])


def decode_text(bits: np.ndarray, zero_errors: int = 0) -> Decoded | None:
    """The text in 100 bits, or None where they are no message.

    bits: (100,) of 0 and 1 or of booleans (`logits > 0`).
    zero_errors: how many of the nine zeros may be ones. More of them reads weaker stamps and, by `false_accept_probability`,
    more that are none.
    Raises ValueError for another shape or other values.
    """
    bits = np.asarray(bits)
    _require_text_bits(bits.size)
    bits = _binary(bits, TEXT_BITS)
    word, zeros = np.split(bits, [TEXT_CODE.word_bits])
    ones = int(zeros.sum())
    found = TEXT_CODE.decode(word)
    if ones > zero_errors or found is None:
        return None
    try:
        text = np.packbits(found[0][: TEXT_CODE.data_bits]).tobytes().decode().rstrip(" ")
    except UnicodeDecodeError:
        return None
    # All zeros are a code word: without this a decoder that is stuck at zero would report a text of seven NULs.
    return None if _has_control_characters(text) else Decoded(text, found[1], ones)


def encode_uuid(value: uuid.UUID) -> np.ndarray:
    """The bits that say a UUID, (256,) uint8 of 0 and 1."""
    word = UUID_CODE.encode(np.unpackbits(np.frombuffer(value.bytes, np.uint8)))
    version = np.unpackbits(np.uint8([UUID_VERSION]))[-VERSION_BITS:]
    return np.concatenate([word, version])


def decode_uuid(bits: np.ndarray) -> DecodedUuid | None:
    """The UUID in 256 bits ((256,) of 0 and 1 or booleans), or None where they are none. Raises ValueError for another shape."""
    word, version = np.split(_binary(np.asarray(bits), UUID_BITS), [UUID_CODE.word_bits])
    found = UUID_CODE.decode(word)
    if found is None or int(np.packbits(version)[0] >> (8 - VERSION_BITS)) != UUID_VERSION:
        return None
    return DecodedUuid(uuid.UUID(bytes=np.packbits(found[0][: UUID_CODE.data_bits]).tobytes()), found[1])


def false_accept_probability(zero_errors: int = 0) -> float:
    """Chance that 100 coin flips pass the code and the zeros of `decode_text`: 2.8e-6, and 1.4e-3 if the zeros go unchecked (9).

    An upper bound, since some of those are no UTF-8. For an image tried in r rotations it is about r times as much.
    """
    passing = sum(comb(ZERO_BITS, ones) for ones in range(zero_errors + 1))
    return TEXT_CODE.false_accept_probability * passing / 2**ZERO_BITS


def _require_text_bits(bits: int) -> None:
    if bits == UUID_BITS:
        raise ValueError(f"{bits} bits carry a UUID, not a text; text goes with {TEXT_BITS} bits")
    if bits != TEXT_BITS:
        raise ValueError(f"{bits} bits carry raw bits only, no text: text with error correction takes {TEXT_BITS} bits")


def _binary(bits: np.ndarray, count: int) -> np.ndarray:
    if bits.shape != (count,):
        raise ValueError(f"bits must have shape ({count},), not {bits.shape}")
    if not np.isin(bits, (0, 1)).all():
        raise ValueError("bits must be 0 or 1; cut logits at zero first (logits > 0)")
    return bits.astype(np.uint8)


def _has_control_characters(text: str) -> bool:
    return any(unicodedata.category(character) == "Cc" for character in text)
