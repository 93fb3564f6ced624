"""Make bch.json with bchlib, the library of the original StegaStamp (GPL, so it only makes vectors and is no dependency):

pip install bchlib==2.1.3
python make_bch_vectors.py
"""

import json
import random
from pathlib import Path

import bchlib

CODES = {"text": {"t": 5, "prim_poly": 137, "data_bytes": 7}, "uuid": {"t": 18, "prim_poly": 285, "data_bytes": 16}}
TEXTS = ("Stega!!", "hello", "", "a", "Grüße", "日本", "1234567", "~~~~~~~", " x")


def received(code, data: bytes, parity: bytes, wrong: list[int]) -> dict:
    """A word with the bits at `wrong` turned over, and what bchlib makes of it. Its parity bytes end in unused bits.

    Past t errors bchlib 2.1.3 also "corrects" to words that are no code words (158 times in 40,000 with six errors): those count
    as refused, which they should have been.
    """
    word_bits = 8 * len(data) + code.ecc_bits
    word = bytearray(data + parity)
    for position in wrong:
        word[position // 8] ^= 128 >> position % 8
    data, parity = word[: len(data)], word[len(data) :]
    before = format(int.from_bytes(word), f"0{8 * len(word)}b")[:word_bits]
    errors = code.decode(data, parity)
    if errors >= 0:
        code.correct(data, parity)
        if code.encode(bytes(data)) != parity:
            errors = -1
    after = format(int.from_bytes(data + parity), f"0{8 * len(word)}b")[:word_bits]
    return {"received": before, "errors": max(errors, -1), "corrected": after if errors >= 0 else None}


def main() -> None:
    draw = random.Random(0)
    vectors = {}
    for name, settings in CODES.items():
        code = bchlib.BCH(settings["t"], prim_poly=settings["prim_poly"])
        size = settings["data_bytes"]
        messages = [text.encode().ljust(size) for text in TEXTS] if name == "text" else []
        messages += [draw.randbytes(size) for _ in range(8)]
        pairs = [(data, bytes(code.encode(data))) for data in messages]
        word_bits = 8 * size + code.ecc_bits

        def damaged(errors, code=code, pairs=pairs, word_bits=word_bits):
            return received(code, *draw.choice(pairs), draw.sample(range(word_bits), errors))

        words = [damaged(errors) for errors in range(settings["t"] + 1) for _ in range(3)]
        words += [damaged(errors) for errors in range(settings["t"] + 1, settings["t"] + 8) for _ in range(4)]
        if name == "text":
            # Too many errors, and yet within five bits of another word: no decoder of this code can refuse them.
            mistaken = (word for word in iter(lambda: damaged(6), None) if word["errors"] >= 0)
            words += [next(mistaken) for _ in range(4)]
        encoded = [{"data": data.hex(), "parity": parity.hex()} for data, parity in pairs]
        vectors[name] = {"parity_bits": code.ecc_bits, "encoded": encoded, "words": words}
    (Path(__file__).parent / "bch.json").write_text(json.dumps(vectors, indent=1) + "\n")


if __name__ == "__main__":
    main()
