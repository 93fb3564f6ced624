"""Texts as a stamp carries them: UTF-8 padded with spaces, nothing in it that nobody sees."""

import unicodedata

from longrun.errors import UserError

UNSEEN = ("Cf", "Cn", "Co", "Zl", "Zp")
"""Categories of characters that a text to be stamped must not hold: what nobody sees, nobody could compare with what is read."""
BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u2800\u3164\uffa0")
"""Fillers and blanks, which Unicode counts among letters, marks and symbols."""


class DoesNotFit(UserError):
    """A message that a format cannot say."""


def padded(text: object, room: int, name: str) -> bytes:
    """The text in `room` bytes; `name` is the format's. Raises DoesNotFit."""
    if not isinstance(text, str):
        raise DoesNotFit(f"{name} takes a text, not {text!r}")
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


def text_of(data: bytes) -> str | None:
    """The text that was padded, or None where the bytes are none."""
    try:
        text = data.decode().rstrip(" ")
    except UnicodeDecodeError:
        return None
    # All zeros are a code word: without this a decoder that is stuck at zero would report a text of seven NULs.
    return None if _has_control_characters(text) else text


def count(room: int) -> int:
    """Padded texts of `room` bytes: UTF-8 without control characters, by the bytes of the last character."""
    # Code points of 1 to 4 bytes without C0, DEL and C1 controls and without surrogates.
    characters = {1: 95, 2: 2048 - 128 - 32, 3: 65536 - 2048 - 2048, 4: 0x110000 - 0x10000}
    counts = [1]
    for length in range(1, room + 1):
        counts.append(sum(ways * counts[length - size] for size, ways in characters.items() if size <= length))
    return counts[room]


def _has_control_characters(text):
    return any(unicodedata.category(character) == "Cc" for character in text)
