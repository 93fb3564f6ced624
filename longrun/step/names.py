"""Names as numbers, the same in every process. Needs no TensorFlow."""

import zlib


def name_code(name: str) -> int:
    """Stable 31-bit number of a name (Python's own hash changes from process to process)."""
    return zlib.crc32(name.encode()) & 0x7FFFFFFF
