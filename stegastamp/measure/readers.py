"""The ways a message is read from logits, in one form, so that a report counts them side by side."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from stegastamp.message import acceptance
from stegastamp.message.formats import UUID_BITS, Format, Message, NoCode, formats_for

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-./_"


@dataclass(frozen=True)
class Reader:
    """A message format with a way to read it.

    name: format and decision, as "text7_soft". read(logits): the message in logits (bits,), or None where there is none.
    false_accept: the printed probability that `read` finds a message in coin flips; of soft decision the limit that it keeps.
    """

    name: str
    form: Format
    read: Callable[[np.ndarray], Message | None]
    false_accept: float

    @property
    def title(self) -> str:
        """For the head of a column."""
        return self.name.replace("_", ", ")


def readers(bits: int) -> tuple[Reader, ...]:
    """The default format of `bits` bits by hard and by soft decision, then the others by soft; none where bits carry no message."""
    try:
        forms = formats_for(bits)
    except NoCode:
        return ()
    return (_hard(forms[0]), *map(_soft, forms))


def draw_message(form: Format, generator: np.random.Generator) -> Message:
    """A random message that fills the format."""
    if form.bits == UUID_BITS:
        return uuid.UUID(bytes=generator.bytes(16))
    return "".join(generator.choice(list(LETTERS), form.room))


def signs(word: np.ndarray, sent: np.ndarray) -> np.ndarray:
    """Factors 1 and -1, (bits,), that make logits of a stamp that carries `sent` those of one that carries `word`.

    So one set of stamps, coin flips that nobody can guess (floor .5), is judged under every format. The decoders cannot tell: codes are
    linear up to an offset, so every word has the same neighbours.
    """
    return np.where(word == (sent > 0.5), 1.0, -1.0)


def reads(reader: Reader, logits: np.ndarray, sent: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Whether `reader` would have read each of N stamps had it carried a message, (N,) bool.

    logits: (N, bits). sent: (N, bits) of 0 and 1, what they carry. A message is drawn for each; see `signs`.
    """
    found = np.empty(len(logits), bool)
    for row, (values, bits) in enumerate(zip(logits, sent, strict=True)):
        message = draw_message(reader.form, generator)
        found[row] = reader.read(values * signs(reader.form.encode(message), bits)) == message
    return found


def _hard(form):
    def read(logits):
        found = form.decode_hard(logits > 0)
        return found and found.message

    return Reader(f"{form.name}_hard", form, read, form.false_accept_probability())


def _soft(form):
    def read(logits):
        found = acceptance.read(logits[None], (form,))
        return found and found.message

    return Reader(f"{form.name}_soft", form, read, acceptance.FALSE_ACCEPT)
