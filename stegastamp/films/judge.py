"""The command `evaluate-films`: films made from photos, stamped, compressed again, and read: quality, flicker, and what is read."""

import json as json_format
import math
import sys
import tempfile
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from longrun import wilson_interval
from longrun.errors import UserError
from stegastamp.films import upright
from stegastamp.films.opening import open_film
from stegastamp.films.planes import converted
from stegastamp.films.reading import EVERY, FIRST
from stegastamp.films.stamping import encode_film
from stegastamp.films.writing import FilmWriter
from stegastamp.message.acceptance import read
from stegastamp.network.stamp import network_view
from stegastamp.pictures import codec
from stegastamp.pictures.codec import Codec
from stegastamp.pictures.photos import EMBEDDED_HELD_OUT, EMBEDDED_TRAIN, embedded, folder_photos

RATE = 25
AGAIN = {"as written": None, "CRF 23": (23, 1), "CRF 28": (28, 1), "CRF 23, then half size at CRF 28": (28, 2), "not stamped": None}
"""What happens to a stamped film before it is read: rate factor, by how much smaller."""
MESSAGE = "Hello"


def judge(
    checkpoint: str = "",
    /,
    *,
    images: str = "",
    count: int = 8,
    seconds: float = 2.0,
    strength: float | None = None,
    json: bool = False,
) -> dict[str, Any]:
    """Measure stamped films: PSNR, flicker, and what is read of them after another H.264 compression.

    Each film pans and zooms over a photo, 640 x 360 at 25 frames a second, and is stamped as `encode` does.

    checkpoint: The networks; empty: the released ones.
    images: Folder of photos; empty: those inside the scikit-image wheel.
    count: Films, of one photo each.
    seconds: Length of a film.
    strength: Of the mark; empty: the network's own.
    json: Print one object on stdout.
    """
    used = codec.load(checkpoint)
    photos = folder_photos(images, 360) if images else embedded((*EMBEDDED_HELD_OUT, *EMBEDDED_TRAIN))
    if not 1 <= count <= len(photos):
        raise UserError(f"--count is 1 to {len(photos)}, of which there are photos, not {count}")
    if not 0.2 <= seconds <= 600:
        raise UserError(f"--seconds is 0.2 to 600, not {seconds:g}")
    bits = used.formats()[0].encode(MESSAGE)
    logits: dict[str, list[np.ndarray]] = {name: [] for name in AGAIN}
    made, anew = [], []
    chosen = np.linspace(0, len(photos) - 1, count).round().astype(int)
    with tempfile.TemporaryDirectory() as folder:
        cover, stamped, again, last = (Path(folder) / f"{name}.mp4" for name in ("cover", "stamped", "again", "last"))
        for number, index in enumerate(chosen):
            frames = list(panned(photos.images[index], round(seconds * RATE), seed=number))
            write(cover, frames)
            made.append(encode_film(cover, stamped, MESSAGE, model=used, strength=strength, overwrite=True))
            anew.append(_trembling(used, frames[:RATE], bits, made[-1].strength))
            recode(stamped, again, 23, 1)
            for name, setting in AGAIN.items():
                source = cover if name == "not stamped" else again if name == "CRF 23, then half size at CRF 28" else stamped
                if name == "CRF 23":
                    source = again
                elif setting:
                    recode(source, last, *setting)
                    source = last
                logits[name].append(read_frames(used, source))
            print(f"{number + 1}/{count} films", file=sys.stderr, flush=True)
    values = {
        "films": count,
        "frames": sum(each.frames for each in made),
        "strength": made[0].strength,
        "psnr": float(np.mean([each.psnr for each in made])),
        "lowest_psnr": min(each.psnr for each in made),
        "flicker": float(np.mean([each.flicker for each in made])),
        "flicker_frame_by_frame": float(np.mean(anew)),
        "rate": float(np.mean([each.rate for each in made])),
        "read": {name: _rates(used, films, bits) for name, films in logits.items()},
    }
    print(json_format.dumps(values) if json else _page(values))
    return values


def panned(photo: np.ndarray, count: int, height: int = 360, width: int = 640, seed: int = 0) -> Iterator[np.ndarray]:
    """A view of a photo (H, W, 3) uint8 that pans and zooms, (height, width, 3) uint8 each; at most a fifth of the photo a second."""
    generator = np.random.default_rng(seed)
    tall, wide = photo.shape[:2]
    side = min(wide / width, tall / height)
    length = min(1.0, 0.2 * count / RATE)
    zoom = 0.8 + 0.15 * length * generator.uniform(-1, 1) * np.linspace(-1, 1, count)
    begin, step = generator.uniform(0.3, 0.7, 2), generator.uniform(-0.5, 0.5, 2) * length
    for number in range(count):
        across, down = width * side * zoom[number], height * side * zoom[number]
        x, y = np.clip(begin + step * number / count, 0, 1) * (wide - across, tall - down)
        matrix = np.float32([[width / across, 0, -x * width / across], [0, height / down, -y * height / down]])
        yield cv2.warpAffine(photo, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)


def write(path: Path, frames: Iterable[np.ndarray]) -> None:
    """Frames (H, W, 3) uint8 as a film that loses next to nothing."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"crf": "8", "preset": "veryfast"})
        stream.pix_fmt = "yuv420p"
        for number, frame in enumerate(frames):
            if number == 0:
                stream.height, stream.width = frame.shape[:2]
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")
            picture.pts, picture.time_base = number, Fraction(1, RATE)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))


def recode(source: Path, target: Path, crf: int, smaller: int) -> None:
    """A film compressed once more, `smaller` times smaller, as a site does that takes films."""
    with open_film(source) as film, FilmWriter(target, target, film, crf=crf) as writer:
        for frame in film.read():
            whole = converted(frame)
            width, height = (side // smaller // 2 * 2 for side in (frame.width, frame.height))
            writer.write(whole.reformat(width=width, height=height) if smaller > 1 else whole, like=frame)
        writer.close()


def read_frames(used: Codec, path: Path) -> np.ndarray:
    """Logits (frames, bits) of one in EVERY frames of a film."""
    with open_film(path) as film:
        seen = islice(film.read(), 0, None, EVERY)
        return used.stamper.logits(np.stack([network_view(upright.shown(frame, film.matrix), used.stamper.size) for frame in seen]))


def _trembling(used, frames, bits, strength):
    """What would change of the mark from a frame to the next if the network were asked for each frame by itself."""
    views = np.stack([network_view(frame, used.stamper.size) for frame in frames])
    messages = np.repeat(np.float32(bits)[None], len(views), axis=0)
    residuals = used.stamper.residuals(views, messages, strength)
    return math.sqrt(np.mean(np.square(np.diff(residuals, axis=0))) / np.mean(np.square(residuals)))


def _rates(used, films, bits):
    """How much is read: of bits, of frames alone, of seconds alone and of films, with counts."""
    per_second = math.ceil(RATE / EVERY)
    pieces = [film[first : first + per_second].sum(0) for film in films for first in range(0, len(film), per_second)]
    parts = {"frames": np.concatenate(films), "seconds": np.stack(pieces), "films": np.stack([film.sum(0) for film in films])}
    counted = {name: (sum(_says(used, row, bits) for row in rows), len(rows)) for name, rows in parts.items()}
    return {"bit_accuracy": float(((parts["frames"] > 0) == bits).mean())} | counted


def _says(used, logits, bits):
    found = read(logits[None], used.formats(), [FIRST])
    return found is not None and found.message == MESSAGE and found.format == used.formats()[0].name


def _page(values):
    steady, anew = values["flicker"], values["flicker_frame_by_frame"]
    lines = [
        f"{values['films']} films, {values['frames']} frames of 640 x 360, strength {values['strength']:g}",
        f"luma PSNR of the mark {values['psnr']:.1f} dB on average, {values['lowest_psnr']:.1f} dB at least",
        f"flicker {steady:.3f} of the mark from a frame to the next; {anew:.3f} if it were made for each frame",
        f"{values['rate']:.1f} frames/s stamped and encoded\n",
        "| after | bit accuracy (floor 0.5) | frames read alone | seconds read alone | films read | 95 % interval |",
        "|---|---|---|---|---|---|",
    ]
    for name, rates in values["read"].items():
        parts = [f"{done} of {count}" for done, count in (rates["frames"], rates["seconds"], rates["films"])]
        low, high = wilson_interval(*rates["films"])
        lines.append(f"| {name} | {rates['bit_accuracy']:.4f} | {' | '.join(parts)} | {low:.2f} to {high:.2f} |")
    return "\n".join(lines)
