"""Damaged films: whatever bytes are wrong, there are frames or one line, and an end."""

import random
import time

import av
import pytest
from PIL import Image

from longrun import UserError
from stegastamp.films.opening import is_film, open_film
from stegastamp.films.planes import converted
from stegastamp.films.upright import shown
from tests.fixtures.films import moving, write_film

FILMS = {
    ".mp4": {"sound": "aac"},
    ".mkv": {},
    ".webm": {"codec": "libvpx-vp9"},
    ".avi": {"codec": "mpeg4"},
    ".ts": {"sound": "aac"},
    ".mov": {"codec": "qtrle", "pixels": "argb"},
    ".flv": {},
    ".nut": {"codec": "ffv1", "pixels": "yuv444p"},
    ".mpg": {"codec": "mpeg2video", "kind": "mpeg"},
    ".gif": {},
    ".png": {},
    ".webp": {},
    ".avif": {},
}
WORDS = (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff")
LONGEST = 10.0


def damaged(whole: bytes, draw: random.Random) -> bytes:
    data = bytearray(whole)
    for _ in range(draw.choice([1, 2, 5, 20])):
        place = draw.randrange(len(data))
        kind = draw.randrange(4)
        if kind == 0:
            data[place] = draw.randrange(256)
        elif kind == 1:
            data[place : place + 4] = draw.choice(WORDS)
        elif kind == 2:
            del data[max(20, place) :]
        else:
            data[place:place] = data[place : place + draw.randrange(60)]
    return bytes(data)


@pytest.mark.parametrize("suffix", FILMS)
def test_damage_is_a_line_and_never_a_bug(suffix, tmp_path):
    path, draw = tmp_path / f"film{suffix}", random.Random(suffix)
    if suffix in (".gif", ".png", ".webp", ".avif"):
        pictures = [Image.fromarray(frame) for frame in moving(4)]
        pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=80)
    else:
        write_film(path, moving(6), **FILMS[suffix])
    whole, frames, lines = path.read_bytes(), 0, set()
    for _ in range(150):
        path.write_bytes(damaged(whole, draw))
        began = time.monotonic()
        is_film(path)
        try:
            with open_film(path) as film:
                for item in film.read(film.copied):
                    if isinstance(item, av.VideoFrame):
                        frames += shown(converted(item)).size > 0
        except UserError as error:
            lines.add(str(error))
        assert time.monotonic() - began < LONGEST
    assert frames > 50 and lines
    assert all(str(path) in line and "\n" not in line and len(line) < 300 for line in lines)
