"""What the bits of a stamp say: texts and UUIDs with error correction, in formats of 100 and 256 bits.

`text7` is the format of Tancik et al. 2020 bit for bit: 56 bits of UTF-8 padded with spaces, 35 parity bits of a BCH code (polynomial
137, t = 5), and 9 zeros (5 that fill the last parity byte, 4 more). Bytes go most significant bit first. The others are new here: `text5`
(40 bits of text, t = 8) and `text4` (32 bits, t = 10) say less and bear more, `uuid` has 128 bits, 124 parity bits of
BCH(255, 131, t = 18) and 4 bits of version. Networks of other sizes carry raw bits.

A word is code word + offset: known bits (`text7`'s zeros, `uuid`'s version) carry nothing, and an image without a stamp is told by them.

With a key a part of the data is a tag (see `seal`), so `text7` says 4 bytes and `text5` 2; `text4` has no room for one. The code of
`uuid` then has 32 data bits more and corrects 12 errors instead of 18.
"""

import uuid
from dataclasses import dataclass, replace
from functools import cache
from math import comb

import numpy as np

from longrun.errors import UserError
from stegastamp.message import texts
from stegastamp.message.bch import BCH
from stegastamp.message.key import Key
from stegastamp.message.seal import Seal
from stegastamp.message.texts import DoesNotFit

UUID_BITS = 256
UUID_VERSION = 1

Message = str | uuid.UUID


class NoCode(UserError):
    """A network has a number of bits that no format takes: they carry no message."""


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
    seal: Seal | None = None
    """What a key does to the data and to the order of the bits."""

    @property
    def room(self) -> int:
        """Bytes of a message."""
        return (self.code.data_bits - (self.seal.tag_bits if self.seal else 0)) // 8

    @property
    def capacity(self) -> str:
        """What fits, in words."""
        return "a UUID" if self.bits == UUID_BITS else f"{self.room} bytes of UTF-8"

    @property
    def messages(self) -> int:
        """How many words may be taken for a message; fewer than the code has, since not all data are texts and each has one tag."""
        return 2 ** (8 * self.room) if self.bits == UUID_BITS else texts.count(self.room)

    def encode(self, message: Message) -> np.ndarray:
        """The bits that say a message, (bits,) uint8 of 0 and 1.

        Raises DoesNotFit for a text that is empty, too long in UTF-8, has a space at its end (the padding), characters that nobody
        sees, or cannot be encoded, and for what is no UUID.
        """
        data = _uuid_bytes(message) if self.bits == UUID_BITS else texts.padded(message, self.room, self.name)
        word = self.code.encode(self.seal.close(data) if self.seal else np.unpackbits(np.frombuffer(data, np.uint8)))
        return self._stamp(np.pad(word, (0, self.bits - len(word))))

    def message(self, word: np.ndarray) -> Message | None:
        """What a word without errors, (bits,) uint8, says; None where its data are no text, or their tag is not the key's."""
        bits = self._word(word)[: self.code.data_bits]
        data = self.seal.open(bits) if self.seal else np.packbits(bits).tobytes()
        if data is None:
            return None
        return uuid.UUID(bytes=data) if self.bits == UUID_BITS else texts.text_of(data)

    def decode_hard(self, bits: np.ndarray, known_errors: int = 0) -> Decoded | None:
        """The message in (bits,) 0 and 1 or booleans (`logits > 0`) by the code's algebra alone, or None where there is none.

        known_errors: how many of the known bits may be wrong. More of them reads weaker stamps and, by `false_accept_probability`,
        more that are none. `acceptance.read` uses the logits and reads more. Raises ValueError for another shape or other values.
        """
        bits = _binary(np.asarray(bits), self.bits)
        word, known = np.split(self._word(bits), [self.code.word_bits])
        found, wrong = self.code.decode(word), int(known.sum())
        if wrong > known_errors or found is None:
            return None
        message = self.message(self._stamp(np.pad(found[0], (0, len(known)))))
        return None if message is None else Decoded(message, found[1], wrong)

    def false_accept_probability(self, known_errors: int = 0) -> float:
        """Chance that coin flips pass `decode_hard`: 2.8e-6 for text7, and 1.4e-3 if its zeros go unchecked (9).

        An upper bound, since some of those are no UTF-8. For an image tried in r rotations it is about r times as much.
        """
        known = self.bits - self.code.word_bits
        unchecked = sum(comb(known, wrong) for wrong in range(known_errors + 1)) / 2**known
        return self.code.false_accept_probability * unchecked / 2 ** (self.seal.tag_bits if self.seal else 0)

    @property
    def generator(self) -> np.ndarray:
        """(data bits, bits) uint8: words are data @ generator + offset mod 2."""
        rows = _generator(self.code, self.bits)
        return rows[:, self.seal.order] if self.seal else rows

    def _stamp(self, word):
        """The bits of a stamp from the word of the code, and what is known behind it."""
        return (word[self.seal.order] if self.seal else word) ^ _bits(self.offset)

    def _word(self, bits):
        """The other way round."""
        word = bits ^ _bits(self.offset)
        if self.seal is None:
            return word
        straight = np.empty_like(word)
        straight[self.seal.order] = word
        return straight


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
TAGGED = {
    "text7": (BCH(polynomial=137, correctable=5, data_bits=64), 32),
    "text5": (BCH(polynomial=137, correctable=9, data_bits=44), 28),
    "uuid": (BCH(polynomial=285, correctable=12, data_bits=160), 32),
}
"""With a key: format -> its code, and how many bits of its data are the tag."""


def formats_with(key: Key) -> dict[str, Format]:
    """Those of `FORMATS` that have room for a tag, as they are with a key."""
    found = {}
    for name, (code, tag_bits) in TAGGED.items():
        seal = Seal(key, name, tag_bits, FORMATS[name].bits)
        found[name] = replace(FORMATS[name], code=code, offset=seal.flips, seal=seal)
    return found


def formats_for(bits: int, name: str = "", key: Key | None = None) -> tuple[Format, ...]:
    """The formats of a network with so many bits, the default first, or the one of that name. key: as they are with it.

    Raises NoCode where none fits, UserError for an unknown name, one of another size, or one without room for the tag of a key.
    """
    known = FORMATS if key is None else formats_with(key)
    if key is not None and name and name not in known:
        raise UserError(f"{named(name).name} has no room for the tag of a key; with a key there are {', '.join(known)}")
    fitting = tuple(one for one in known.values() if one.bits == bits)
    if not fitting:
        sizes = sorted({one.bits for one in FORMATS.values()})
        raise NoCode(
            f"{bits} bits carry raw bits only, no message: messages with error correction take {' or '.join(map(str, sizes))} bits"
        )
    if not name:
        return fitting
    chosen = tuple(one for one in fitting if one.name == named(name).name)
    if not chosen:
        raise UserError(f"{name} takes {named(name).bits} bits, the network carries {bits}: {', '.join(one.name for one in fitting)}")
    return chosen


def named(name: str) -> Format:
    """The format of that name. Raises UserError where there is none."""
    if name not in FORMATS:
        raise UserError(f"unknown format {name!r}; formats: {', '.join(FORMATS)}")
    return FORMATS[name]


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
