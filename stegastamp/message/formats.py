"""What the bits of a stamp say: texts and UUIDs with error correction, in formats of 100 and 256 bits.

`text7` is the format of Tancik et al. 2020 bit for bit: 56 bits of UTF-8 padded with spaces, 35 parity bits of a BCH code (polynomial
137, t = 5), and 9 zeros (5 that fill the last parity byte, 4 more). Bytes go most significant bit first. The others are new here: `text5`
(40 bits of text, t = 8) and `text4` (32 bits, t = 10) say less and bear more, `uuid` has 128 bits, 124 parity bits of
BCH(255, 131, t = 18) and 4 bits of version. Networks of other sizes carry raw bits.

A word is code word + offset: known bits (`text7`'s zeros, `uuid`'s version) carry nothing, and an image without a stamp is told by them.
"""

import unicodedata
import uuid
from dataclasses import dataclass
from functools import cache
from math import comb

import numpy as np

from longrun.errors import UserError
from stegastamp.message.bch import BCH

UUID_BITS = 256
UUID_VERSION = 1

UNSEEN = ("Cf", "Cn", "Co", "Zl", "Zp")
"""Categories of characters that a text to be stamped must not hold: what nobody sees, nobody could compare with what is read."""
BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u2800\u3164\uffa0")
"""Fillers and blanks, which Unicode counts among letters, marks and symbols."""

Message = str | uuid.UUID


class NoCode(UserError):
    """A network has a number of bits that no format takes: they carry no message."""


class DoesNotFit(UserError):
    """A message that a format cannot say."""


@dataclass(frozen=True)
class Decoded:
    """A message read by hard decision: `corrected` wrong bits were put right, `known_errors` of the known bits were wrong too."""

    message: Message
    corrected: int
    known_errors: int = 0


@dataclass(frozen=True)
class Format:
    """How a message becomes bits. `code` protects the data; the bits behind its word are known beforehand."""

    name: str
    bits: int
    code: BCH
    offset: bytes
    """Added (mod 2) to the code word and the zeros behind it, `bits` bytes of 0 and 1."""
    share: float = 0.5
    """Of the false accepts that reading may risk, what this format gets where several fit; all of a size sum to 1 at most."""

    @property
    def capacity(self) -> str:
        """What fits, in words."""
        return "a UUID" if self.bits == UUID_BITS else f"{self.code.data_bits // 8} bytes of UTF-8"

    @property
    def messages(self) -> int:
        """How many messages there are to be taken for; fewer than data words, since not all of those are texts."""
        return 2**self.code.data_bits if self.bits == UUID_BITS else _texts(self.code.data_bits // 8)

    def encode(self, message: Message) -> np.ndarray:
        """The bits that say a message, (bits,) uint8 of 0 and 1.

        Raises DoesNotFit for a text that is empty, too long in UTF-8, has a space at its end (the padding), characters that nobody
        sees, or cannot be encoded, and for what is no UUID.
        """
        data = _uuid_bytes(message) if self.bits == UUID_BITS else _text_bytes(message, self)
        word = self.code.encode(np.unpackbits(np.frombuffer(data, np.uint8)))
        return np.pad(word, (0, self.bits - len(word))) ^ _bits(self.offset)

    def message(self, word: np.ndarray) -> Message | None:
        """What a word without errors, (bits,) uint8, says; None where its data are no text."""
        data = np.packbits((word ^ _bits(self.offset))[: self.code.data_bits]).tobytes()
        if self.bits == UUID_BITS:
            return uuid.UUID(bytes=data)
        try:
            text = data.decode().rstrip(" ")
        except UnicodeDecodeError:
            return None
        # All zeros are a code word: without this a decoder that is stuck at zero would report a text of seven NULs.
        return None if _has_control_characters(text) else text

    def decode_hard(self, bits: np.ndarray, known_errors: int = 0) -> Decoded | None:
        """The message in (bits,) 0 and 1 or booleans (`logits > 0`) by the code's algebra alone, or None where there is none.

        known_errors: how many of the known bits may be wrong. More of them reads weaker stamps and, by `false_accept_probability`,
        more that are none. `acceptance.read` uses the logits and reads more. Raises ValueError for another shape or other values.
        """
        bits = _binary(np.asarray(bits), self.bits)
        word, known = np.split(bits ^ _bits(self.offset), [self.code.word_bits])
        found, wrong = self.code.decode(word), int(known.sum())
        if wrong > known_errors or found is None:
            return None
        message = self.message(np.pad(found[0], (0, len(known))) ^ _bits(self.offset))
        return None if message is None else Decoded(message, found[1], wrong)

    def false_accept_probability(self, known_errors: int = 0) -> float:
        """Chance that coin flips pass `decode_hard`: 2.8e-6 for text7, and 1.4e-3 if its zeros go unchecked (9).

        An upper bound, since some of those are no UTF-8. For an image tried in r rotations it is about r times as much.
        """
        known = self.bits - self.code.word_bits
        return self.code.false_accept_probability * sum(comb(known, wrong) for wrong in range(known_errors + 1)) / 2**known

    @property
    def generator(self) -> np.ndarray:
        """(data bits, bits) uint8: words are data @ generator + offset mod 2."""
        return _generator(self.code, self.bits)


def _scramble(seed: int, bits: int) -> bytes:
    """Fixed coin flips: x -> a x + c mod 2^31, the top bit each time (constants of ANSI C), so that no library can change them."""
    flips = []
    for _ in range(bits):
        seed = (1103515245 * seed + 12345) % 2**31
        flips.append(seed >> 30)
    return bytes(flips)


# BCH codes of one length lie in each other, and shifted words are words: without an offset of its own, one word of text5 in 32 would be
# one of text7 as well. The offsets also keep a decoder that is stuck at one value from spelling anything.
FORMATS = {
    one.name: one
    for one in (
        Format("text7", 100, BCH(polynomial=137, correctable=5, data_bits=56), bytes(100), share=0.5),
        Format("text5", 100, BCH(polynomial=137, correctable=8, data_bits=40), _scramble(5, 100), share=0.25),
        Format("text4", 100, BCH(polynomial=137, correctable=10, data_bits=32), _scramble(4, 100), share=0.25),
        Format(
            "uuid",
            UUID_BITS,
            BCH(polynomial=285, correctable=18, data_bits=128),
            _scramble(6, 252) + bytes([0, 0, 0, UUID_VERSION]),
            share=1.0,
        ),
    )
}
"""Format by name; the first of a size is the default for it."""


def formats_for(bits: int, name: str = "") -> tuple[Format, ...]:
    """The formats of a network with so many bits, the default first, or the one of that name.

    Raises NoCode where none fits, UserError for an unknown name or one of another size.
    """
    fitting = tuple(one for one in FORMATS.values() if one.bits == bits)
    if not fitting:
        sizes = sorted({one.bits for one in FORMATS.values()})
        raise NoCode(
            f"{bits} bits carry raw bits only, no message: messages with error correction take {' or '.join(map(str, sizes))} bits"
        )
    if not name:
        return fitting
    if named(name) not in fitting:
        raise UserError(f"{name} takes {named(name).bits} bits, the network carries {bits}: {', '.join(one.name for one in fitting)}")
    return (named(name),)


def named(name: str) -> Format:
    """The format of that name. Raises UserError where there is none."""
    if name not in FORMATS:
        raise UserError(f"unknown format {name!r}; formats: {', '.join(FORMATS)}")
    return FORMATS[name]


def _text_bytes(text, form):
    room = form.code.data_bits // 8
    if not isinstance(text, str):
        raise DoesNotFit(f"{form.name} takes a text, not {text!r}")
    try:
        data = text.encode()
    except UnicodeEncodeError as error:
        raise DoesNotFit(f"message {text!r} cannot be encoded as UTF-8") from error
    if len(data) > room:
        raise DoesNotFit(f"message {text!r} is {len(data)} bytes in UTF-8; at most {room} fit")
    if _has_control_characters(text):
        raise DoesNotFit(f"message {text!r} holds control characters")
    if not text:
        raise DoesNotFit("the message is empty")
    unseen = [character for character in text if unicodedata.category(character) in UNSEEN or character in BLANK]
    if unseen:
        raise DoesNotFit(f"message {text!r} holds the invisible character U+{ord(unseen[0]):04X}")
    if all(character.isspace() or "\ufe00" <= character <= "\ufe0f" for character in text):  # The latter vary what they follow.
        raise DoesNotFit(f"message {text!r} has nothing that can be seen")
    if text.endswith(" "):
        raise DoesNotFit(f"message {text!r} ends in a space, which cannot be told from the padding")
    return data.ljust(room)


def _uuid_bytes(message):
    if isinstance(message, uuid.UUID):
        return message.bytes
    refused = f"message {message!r} is no UUID, which is what {UUID_BITS} bits carry"
    if not isinstance(message, str):
        raise DoesNotFit(refused)
    try:
        return uuid.UUID(message).bytes
    except ValueError as error:
        raise DoesNotFit(refused) from error


def _texts(room: int) -> int:
    """Padded texts of `room` bytes: UTF-8 without control characters, by the bytes of the last character."""
    # Code points of 1 to 4 bytes without C0, DEL and C1 controls and without surrogates.
    characters = {1: 95, 2: 2048 - 128 - 32, 3: 65536 - 2048 - 2048, 4: 0x110000 - 0x10000}
    counts = [1]
    for length in range(1, room + 1):
        counts.append(sum(count * counts[length - size] for size, count in characters.items() if size <= length))
    return counts[room]


@cache
def _generator(code: BCH, bits: int) -> np.ndarray:
    words = np.stack([code.encode(row) for row in np.eye(code.data_bits, dtype=np.uint8)])
    return np.pad(words, ((0, 0), (0, bits - code.word_bits)))


def _bits(offset: bytes) -> np.ndarray:
    return np.frombuffer(offset, np.uint8)


def _binary(bits: np.ndarray, count: int) -> np.ndarray:
    if bits.shape != (count,):
        raise ValueError(f"bits must have shape ({count},), not {bits.shape}")
    if not np.isin(bits, (0, 1)).all():
        raise ValueError("bits must be 0 or 1; cut logits at zero first (logits > 0)")
    return bits.astype(np.uint8)


def _has_control_characters(text: str) -> bool:
    return any(unicodedata.category(character) == "Cc" for character in text)
