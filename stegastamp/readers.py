"""The ways a message is read from logits, in one form, so that a report counts them side by side."""

import uuid
from collections.abc import Callable, Hashable
from dataclasses import dataclass

import numpy as np

from stegastamp import message

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-./_"


@dataclass(frozen=True)
class Reader:
    """A message format with a way to read it.

    draw(generator): a random message and its bits, (bits,) uint8 of 0 and 1, words of a linear code up to constant bits.
    read(logits): the message in logits (bits,), or None where there is none.
    false_accept: the printed probability that `read` finds a message in coin flips.
    """

    name: str
    format: str
    draw: Callable[[np.random.Generator], tuple[Hashable, np.ndarray]]
    read: Callable[[np.ndarray], Hashable | None]
    false_accept: float


def readers(bits: int) -> tuple[Reader, ...]:
    """The readers for stamps of `bits` bits; none where a stamp has no room for a code."""
    if bits == message.TEXT_BITS:
        return (Reader("hard", "text7", _draw_text, _read_text, message.false_accept_probability()),)
    if bits == message.UUID_BITS:
        chance = message.UUID_CODE.false_accept_probability / 2**message.VERSION_BITS
        return (Reader("hard", "uuid", _draw_uuid, _read_uuid, chance),)
    return ()


def reads(reader: Reader, logits: np.ndarray, sent: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Whether each of N stamps that carries `sent` would have been read by `reader` had it carried a message, (N,) bool.

    logits: (N, bits). sent: (N, bits) of 0 and 1, coin flips. A code word is drawn for each; where it differs from what was sent, the
    logit's sign is turned. So one set of stamps, whose bits nobody can guess (floor .5), is judged under every format.
    """
    found = np.empty(len(logits), bool)
    for row, (values, bits) in enumerate(zip(logits, sent, strict=True)):
        content, word = reader.draw(generator)
        found[row] = reader.read(np.where(word == (bits > 0.5), values, -values)) == content
    return found


def _draw_text(generator):
    text = "".join(generator.choice(list(LETTERS), message.TEXT_BYTES))
    return text, message.encode_text(text)


def _read_text(logits):
    found = message.decode_text(logits > 0)
    return found and found.text


def _draw_uuid(generator):
    value = uuid.UUID(bytes=generator.bytes(16))
    return value, message.encode_uuid(value)


def _read_uuid(logits):
    found = message.decode_uuid(logits > 0)
    return found and found.uuid
