"""How often something passes for a message under a key: python -m tests.slow.stegastamp.keys FOLDER [CROPS [KEYS]], a table on stdout.

The released `base` sees each picture once, then every key reads its logits, as one try that has the whole risk of a call. Photos without
a stamp, random pictures, and photos stamped under no key and under another are to say nothing; those stamped under the key itself show
that it would be seen.
"""

import sys
from pathlib import Path

import numpy as np

from longrun.health.floors import wilson_interval
from stegastamp.message.acceptance import read
from stegastamp.message.formats import formats_for
from stegastamp.message.key import Key
from stegastamp.network import stamp
from stegastamp.pictures import codec
from stegastamp.pictures.crops import random_crop
from stegastamp.pictures.photos import SUFFIXES, read_image

MESSAGE = "Hi"


def main(folder: str, count: str = "60", keys: str = "40") -> None:
    """Print the table."""
    stamper = stamp.load(codec.RELEASED / "base")
    generator = np.random.default_rng(0)
    formats = [formats_for(stamper.bits, "", Key(generator.bytes(32))) for _ in range(int(keys))]
    paths = sorted(path for path in Path(folder).rglob("*") if path.suffix.lower() in SUFFIXES)
    words = generator.integers(-(2**31), 2**31, (int(count), 2)).astype(np.int32)
    chosen = generator.choice(len(paths), int(count))
    crops = np.stack([random_crop(read_image(str(paths[index])), stamper.size, key) for index, key in zip(chosen, words, strict=True)])
    noise = generator.integers(0, 256, crops.shape).astype(np.uint8)

    def stamped(form):
        return stamper.stamp(crops, np.tile(np.float32(form.encode(MESSAGE)), (len(crops), 1)))

    rows = {
        "photos without a stamp": (crops, formats),
        "random pixels": (noise, formats),
        "photos stamped without a key": (stamped(formats_for(stamper.bits)[0]), formats),
        "photos stamped under another key": (stamped(formats_for(stamper.bits, "", Key(generator.bytes(32)))[0]), formats),
        "photos stamped under the key": (stamped(formats[0][0]), formats[:1]),
    }
    print("| pictures | pictures x keys | accepted | 95 % interval |\n|---|---|---|---|", flush=True)
    for name, (pictures, each) in rows.items():
        logits = stamper.logits(pictures)
        found = [read(one[None], form) is not None for form in each for one in logits]
        low, high = wilson_interval(sum(found), len(found))
        print(f"| {name} | {len(found):,} | {sum(found)} | {low:.1e} to {high:.1e} |", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
