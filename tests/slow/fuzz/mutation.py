"""Damage to the bytes of a file, at random and by what kind of file it is. Everything is decided by the random numbers that are given."""

import gzip
import io
import json
import random
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence

NUMBERS = (0, 1, 2, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**40, 2**63 - 1, 2**64 - 1)
VALUES = (
    *(None, True, False, 0, -1, 1, 7, 2**31, 2**63, 10**30, 0.5, -1e300, float("nan"), float("inf"), "", "a", "-1", "1e9", "\0", "\u202e"),
    *("x" * 5000, "../../etc/passwd", [], [[]], {}, [0], {"a": 1}, [None], ["a", "b"], [[0, 1], [2]], [1] * 500, {"": {}}),
)
"""What stands in the place of another value of a JSON file."""
PICTURES = (".jpg", ".gif", ".webp", ".bmp", ".ppm", ".pgm", ".pbm", ".pfm", ".jp2", ".j2k", ".tif", ".avif", ".heic", ".mpo")
SIDES = (1, 4096, 8192, 16383, 20000, 23170, 30000, 65535)
"""What a picture claims to have of pixels across and down."""
WORDS = ("", "0", "-1", "1e999", "nan", "99999999999999999999", "x", "\u2466", "a" * 5000, '"', "\0", "\ufeff", "1,2", "inf", ".", "0" * 81)
"""What stands in the place of a field of a text."""


def mutated(name: str, content: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """A file's content with one to three things changed. name: of the file. others: contents to splice it with."""
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        ways: list[Callable] = [_bytes]
        if name.endswith((".json", ".jsonl")):
            ways = [_json, _json, _json, _bytes]
        elif name.endswith((".csv", ".txt", ".tsv")):
            ways = [_text, _text, _text, _bytes]
        elif name.endswith(".npy"):
            ways = [_npy, _npy, _bytes]
        elif content.startswith(b"\x1f\x8b"):
            ways = [_packed, _packed, _bytes]
        elif content.startswith(b"PK\3\4"):
            ways = [_archive, _archive, _bytes]
        elif content.startswith(b"\x89PNG"):
            ways = [_png, _png, _bytes, _larger]
        elif name.endswith(PICTURES):
            ways = [_bytes, _bytes, _bytes, _larger]
        content = chance.choice(ways)(content, chance, others)
    return content


def _bytes(content, chance, others):
    data = bytearray(content)
    first = _place(data, chance)
    length = min(chance.choice((1, 2, 4, 8, 16, 64, 256, 1024)), len(data) - first)
    way = chance.randrange(10)
    if way == 0 and data:
        for _ in range(chance.choice((1, 1, 8))):
            place = _place(data, chance)
            data[place] ^= 1 << chance.randrange(8)
    elif way == 1:
        data[first : first + length] = chance.randbytes(length)
    elif way == 2 or way == 3:
        size, order = chance.choice((1, 2, 4, 8)), chance.choice(("little", "big"))
        data[first : first + size] = (chance.choice(NUMBERS) % 256**size).to_bytes(size, order)
    elif way == 4:
        del data[first:]
    elif way == 5:
        del data[first : first + length]
    elif way == 6:
        data[first:first] = chance.choice((data[first : first + length], bytes(length), chance.randbytes(length)))
    elif way == 7:
        data[first : first + length] = bytes([chance.choice((0, 255))]) * length
    elif way == 8 and others:
        other = chance.choice(others)
        data[first:] = other[_place(other, chance) :]
    else:
        other = _place(data, chance)
        data[first : first + length] = data[other : other + length]
    return bytes(data)


def _place(data, chance):
    """Any place, and that where headers are as often."""
    return chance.randrange(max(1, min(len(data), chance.choice((64, 512, len(data), len(data))))))


def _json(content, chance, others):
    try:
        lines = [json.loads(line) for line in content.splitlines()] if b"}\n{" in content else None
        value = lines if lines is not None else json.loads(content)
    except (ValueError, RecursionError):
        return _bytes(content, chance, others)
    value = _changed(value, chance)
    if chance.random() < 0.02:
        return b"[" * 100_000 + content
    if lines is not None and isinstance(value, list):
        return b"\n".join(json.dumps(line).encode() for line in value) + b"\n"
    return json.dumps(value).encode()


def _changed(value, chance):
    """A JSON value with one part of it changed: a place is walked to, deeper as long as chance has it."""
    if not isinstance(value, list | dict) or not value or chance.random() < 0.15:
        return chance.choice(VALUES)
    places = list(value) if isinstance(value, dict) else range(len(value))
    place = chance.choice(places)
    changed = value.copy()
    way = chance.randrange(8)
    if way == 0:
        del changed[place]
    elif way == 1 and isinstance(value, dict):
        changed[chance.choice(("", "x", "__class__", place + "s"))] = changed.pop(place)
    elif way == 1:
        changed.insert(place, changed[place])
    elif way == 2:
        changed[place] = chance.choice(VALUES)
    else:
        changed[place] = _changed(value[place], chance)
    return changed


def _text(content, chance, others):
    lines = content.decode("utf-8", "replace").split("\n")
    row = chance.randrange(len(lines))
    cells = lines[row].split(",")
    cell = chance.randrange(len(cells))
    way = chance.randrange(9)
    if way < 3:
        cells[cell] = chance.choice(WORDS)
    elif way == 3:
        cells[cell : cell + 1] = chance.choice(([], [cells[cell]] * 2))
    elif way == 4:
        text = cells[cell]
        place = chance.randrange(len(text) + 1)
        cells[cell] = text[:place] + chance.choice(("", "\0", "9", "x", "\u0663", '"', "  ", ";")) + text[place + chance.randrange(2) :]
    lines[row] = ",".join(cells)
    if way == 5:
        lines[row : row + 1] = chance.choice(([], [lines[row]] * 2, ["", lines[row]]))
    text = "\n".join(lines)
    if way == 6:
        text = text.replace(",", chance.choice((";", "\t", ",,", "|")))
    if way == 7:
        return text.encode(chance.choice(("utf-16", "utf-8-sig", "utf-32")), "replace")
    if way == 8:
        text = text.replace("\n", chance.choice(("\r", "\r\n", "\n\n", "\x85", "\0")))
    return text.encode("utf-8", "replace")


def _npy(content, chance, others):
    end = 10 + int.from_bytes(content[8:10], "little")
    head, body = content[10:end].decode("latin-1"), content[end:]
    way = chance.randrange(6)
    if way == 0:
        kind = chance.choice(("<i8", ">i4", "<f4", "<u2", "|O", "<U4", "|b1", "<c8", "<M8[s]", "x", "|V8"))
        head = head.replace(head[11 : head.find("'", 12)], kind) if "'" in head[12:] else head
    elif way == 1:
        shapes = ("()", "(0,)", "(-1,)", "(1,)", "(4, 81, 1)", "(99999999999999, 9)", "(2, 0)", "(" + "1, " * 40 + ")", "None")
        shape = chance.choice(shapes)
        begin, stop = head.find("("), head.find(")")
        head = head[:begin] + shape + head[stop + 1 :]
    elif way == 2:
        head = head.replace("False", chance.choice(("True", "0", "[]", "__import__('os')")))
    elif way == 3:
        head = "(" * chance.choice((1, 500)) + head
    elif body:
        numbers = bytearray(body)
        place = chance.randrange(len(numbers)) // 4 * 4
        numbers[place : place + 4] = struct.pack("<I", chance.choice(NUMBERS) % 2**32)
        body = bytes(numbers)
    encoded = head.encode("latin-1")
    return content[:8] + struct.pack("<H", min(len(encoded), 65535)) + encoded + body


def _png(content, chance, others):
    """A chunk changed, its sum put right: without that nothing behind the sums would ever be reached."""
    chunks, place = [], 8
    while place + 12 <= len(content):
        length = int.from_bytes(content[place : place + 4], "big")
        chunks.append((content[place + 4 : place + 8], content[place + 8 : place + 8 + length]))
        place += 12 + length
    if not chunks:
        return _bytes(content, chance, others)
    which = chance.randrange(len(chunks))
    name, inside = chunks[which]
    way = chance.randrange(5)
    if way == 0:
        chunks[which : which + 1] = chance.choice(([], [chunks[which]] * 2))
    elif way == 1:
        name = chance.choice((b"tRNS", b"PLTE", b"gAMA", b"iCCP", b"eXIf", b"acTL", b"fcTL", b"zTXt", b"iTXt", b"pHYs", b"IEND"))
        chunks.insert(which, (name, inside))
    else:
        chunks[which] = (name, _bytes(inside, chance, ()))
    parts = [struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks]
    return content[:8] + b"".join(parts)


def _larger(content, chance, others):
    """A picture that claims another size than it has, by what its format calls that: memory and time are to be bounded all the same."""
    data = bytearray(content)
    wide, high = chance.choice(SIDES), chance.choice(SIDES)
    box = data.find(b"ispe")
    if data.startswith(b"\x89PNG"):
        data[16:24] = struct.pack(">II", wide, high)
        data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    elif data.startswith(b"\xff\xd8"):
        frame = next((place for kind in (0xC0, 0xC1, 0xC2) if (place := data.find(bytes([0xFF, kind, 0]))) > 0), None)
        if frame is not None:
            data[frame + 5 : frame + 9] = struct.pack(">HH", high, wide)
    elif data.startswith(b"GIF"):
        data[6:10] = struct.pack("<HH", wide, high)
        frame = data.find(b"\x2c\0\0\0\0")
        if frame > 0 and chance.random() < 0.5:
            data[frame + 5 : frame + 9] = struct.pack("<HH", wide, high)
    elif data.startswith(b"BM"):
        data[18:26] = struct.pack("<ii", wide, high)
    elif data[12:16] == b"VP8X":
        data[24:30] = (wide - 1).to_bytes(3, "little") + (high - 1).to_bytes(3, "little")
    elif data[12:16] == b"VP8 ":
        data[26:30] = struct.pack("<HH", wide & 0x3FFF, high & 0x3FFF)
    elif data[12:16] == b"VP8L":
        data[21:25] = struct.pack("<I", ((wide - 1) & 0x3FFF) | ((high - 1) & 0x3FFF) << 14)
    elif box > 0:
        data[box + 8 : box + 16] = struct.pack(">II", wide, high)
    elif (size := data.find(b"\xff\x51")) > 0:
        data[size + 6 : size + 14] = struct.pack(">II", wide, high)
        if (header := data.find(b"ihdr")) > 0:
            data[header + 4 : header + 12] = struct.pack(">II", high, wide)
    elif data[:2] in (b"II", b"MM"):
        for tag, value in ((256, wide), (257, high), (278, high)):
            for order in "<>":
                place = data.find(struct.pack(f"{order}H", tag))
                if place > 0 and chance.random() < 0.8:
                    data[place + 8 : place + 12] = struct.pack(f"{order}I", value)
    elif data[:1] == b"P":
        data = bytearray(re.sub(rb"^(P.)\s+\d+\s+\d+", rb"\1 %d %d" % (wide, high), bytes(data), count=1))
    return bytes(data)


def _packed(content, chance, others):
    """What gzip holds changed, so that its sum is right; now and then very much of nothing."""
    try:
        inside = gzip.decompress(content)
    except (OSError, EOFError, zlib.error):
        return _bytes(content, chance, others)
    inside = bytes(2**28) if chance.random() < 0.1 else _bytes(inside, chance, ())
    return gzip.compress(inside, 1, mtime=0)


def _archive(content, chance, others):
    """A member changed, and the archive made anew, so that its sums are right."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = {member.filename: archive.read(member) for member in archive.infolist()}
    except Exception:  # It has been damaged before; whatever zipfile says of it, there is no member to be had.
        return _bytes(content, chance, others)
    if not members:
        return _bytes(content, chance, others)
    name = chance.choice(list(members))
    way = chance.randrange(8)
    if way == 0:
        del members[name]
    elif way == 1:
        members[chance.choice(("../x", "x" * 300, "/etc/passwd", name + "/", "\0"))] = members.pop(name)
    elif way == 2:
        members[name] = bytes(10**7)
    else:
        members[name] = (_json if name.endswith(".json") else _bytes)(members[name], chance, ())
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", chance.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as archive:
        for name, inside in members.items():
            archive.writestr(zipfile.ZipInfo(name), inside)
    return file.getvalue()
