"""How many turned stamped photos are read: python -m tests.slow.stegastamp.turns FOLDER [PHOTOS [SKIP [STRENGTH]]], a table on stdout.

Photos as in crops.py are stamped with the released `base` at STRENGTH (0.03), turned about their middle on black and saved as
JPEG 60. A canvas of the photo's own size cuts corners off, a larger one shows all of it; straightened, the photo is enlarged until no
black is seen. The last row is of photos without a stamp, after all tries.
"""

import sys
import time

import cv2
import numpy as np

import stegastamp
from longrun.health.floors import wilson_interval
from stegastamp.pictures import codec
from tests.slow.stegastamp.crops import photos


def turned(picture: np.ndarray, degrees: float, expanded: bool, zoom: float = 1.0) -> np.ndarray:
    """Turned counterclockwise on black, in its own size or in one that shows all of it."""
    height, width = picture.shape[:2]
    how = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, zoom)
    size = width, height
    if expanded:
        cosine, sine = abs(np.cos(np.radians(degrees))), abs(np.sin(np.radians(degrees)))
        size = round(zoom * (width * cosine + height * sine)), round(zoom * (width * sine + height * cosine))
        how[:, 2] += (size[0] - width) / 2, (size[1] - height) / 2
    return cv2.warpAffine(picture, how, size, flags=cv2.INTER_AREA if zoom < 1 else cv2.INTER_CUBIC)


def straightened(picture: np.ndarray, degrees: float) -> np.ndarray:
    """Turned, in its own size, enlarged until nothing else is seen."""
    aspect = max(picture.shape[:2]) / min(picture.shape[:2])
    angle = np.radians(abs(degrees))
    return turned(picture, degrees, False, float(np.cos(angle) + aspect * np.sin(angle)))


def ways(picture: np.ndarray, generator: np.random.Generator):
    """(name, turned picture) of each row."""
    for name, angle in (("5 degrees", 5.0), ("15 degrees", 15.0), ("45 degrees", 45.0), ("any angle", generator.uniform(5, 175))):
        sign = generator.choice((-1, 1))
        yield f"{name}, corners cut off", turned(picture, sign * angle, False)
        yield f"{name}, all of it", turned(picture, sign * angle, True)
    yield "any angle, 0.6 to 1 times as large", turned(picture, generator.uniform(5, 175), False, generator.uniform(0.6, 1))
    yield "any angle, 1 to 1.6 times as large", turned(picture, generator.uniform(5, 175), False, generator.uniform(1, 1.6))
    yield "straightened by 3 to 10 degrees", straightened(picture, generator.choice((-1, 1)) * generator.uniform(3, 10))
    yield "straightened by 15 degrees", straightened(picture, generator.choice((-1, 1)) * 15)


def main(folder: str, count: str = "24", skip: str = "0", strength: str = "0.03") -> None:
    """Print the table."""
    model = stegastamp.load(codec.RELEASED / "base")
    generator = np.random.default_rng(0)
    rows: dict[str, list[bool]] = {}
    seconds = 0.0
    for photo in photos(folder, int(count), int(skip)):
        for name, picture in ways(model.encode(photo, "Hello", strength=float(strength)), generator):
            file = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 60])[1]
            found = model.decode(cv2.imdecode(file, cv2.IMREAD_COLOR))
            rows.setdefault(name, []).append(found is not None and found.message == "Hello")
            print(".", end="", file=sys.stderr, flush=True)
        megapixel = cv2.resize(photo, (1224, 816) if photo.shape[1] > photo.shape[0] else (816, 1224), interpolation=cv2.INTER_CUBIC)
        begin = time.process_time()
        rows.setdefault("not stamped, 1 MP", []).append(model.decode(megapixel) is not None)
        seconds += time.process_time() - begin
    print("\n| turned | read | of | 95 % interval |\n|---|---|---|---|")
    for name, read in rows.items():
        low, high = wilson_interval(sum(read), len(read))
        print(f"| {name} | {sum(read)} | {len(read)} | {low:.0%} to {high:.0%} |")
    print(f"\nprocessor seconds of a photo without a stamp: {seconds / len(rows['not stamped, 1 MP']):.2f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
