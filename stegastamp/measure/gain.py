"""What soft decision buys over hard decision, on simulated and on real logits, and whether anything is read where nothing is."""

from statistics import NormalDist

import numpy as np

from stegastamp.measure.evaluate import attacked
from stegastamp.message.acceptance import read
from stegastamp.message.formats import FORMATS, Format, Message, formats_for, formats_with
from stegastamp.message.key import Key
from stegastamp.pictures import codec
from stegastamp.pictures.codec import Codec
from stegastamp.pictures.crops import held_out_crops
from stegastamp.pictures.photos import Photos, photos_to_judge
from stegastamp.pictures.tries import SHARES

ACCURACIES = (0.86, 0.88, 0.9, 0.92, 0.94, 0.96, 0.98, 0.99)
REAL_ATTACKS = ("png", "jpeg50", "gaussian_blur", "motion_blur", "resize_half")
SUCCESS = 0.9


def noisy(words: np.ndarray, accuracy: float, generator: np.random.Generator) -> np.ndarray:
    """Logits of words (N, n) of 0 and 1 as a channel with white Gaussian noise gives them at that bit accuracy."""
    deviation = 1 / NormalDist().inv_cdf(accuracy)
    return 2.0 * words - 1 + deviation * generator.standard_normal(words.shape)


def success(form: Format, messages: list[Message], logits: np.ndarray, key: Key | None = None) -> tuple[float, float]:
    """Fractions of messages read right by (hard decision, soft decision) from logits (N, bits).

    Soft as `decode` does at its first try. Hard is the code's algebra alone, which is right exactly where at most t bits are wrong; the
    known bits go unchecked. So it reads the most it can, and accepts one in 700 pictures without a stamp as text7, where soft decision
    accepts one in 500,000. key: the one of `form`, where it has one.
    """
    words = np.stack([form.encode(message) for message in messages])
    wrong = ((logits > 0) != words)[:, : form.code.word_bits].sum(1)
    found = [read(row[None], formats_for(form.bits, key=key), SHARES[:1]) for row in logits]
    soft = [one is not None and one.message == message for one, message in zip(found, messages, strict=True)]
    return float((wrong <= form.code.correctable).mean()), float(np.mean(soft))


def messages_for(form: Format, count: int, generator: np.random.Generator) -> list[Message]:
    """Random messages that fill a format: letters and digits, or UUIDs."""
    data = generator.integers(0, 256, (count, form.room), dtype=np.uint8)
    if "uuid" in form.name:
        import uuid

        return [uuid.UUID(bytes=row.tobytes()) for row in data]
    letters = np.frombuffer(b"abcdefghijklmnopqrstuvwxyz0123456789", np.uint8)
    return [letters[row % len(letters)].tobytes().decode() for row in data]


def simulated(form: Format, trials: int, seed: int = 0, key: Key | None = None) -> list[tuple[float, float, float]]:
    """Rows (bit accuracy, hard success, soft success) for `ACCURACIES`, in white Gaussian noise."""
    generator = np.random.default_rng(seed)
    messages = messages_for(form, trials, generator)
    words = np.stack([form.encode(one) for one in messages])
    return [(accuracy, *success(form, messages, noisy(words, accuracy, generator), key)) for accuracy in ACCURACIES]


def decibels(rows: list[tuple[float, float, float]]) -> float | None:
    """By how many dB more noise soft decision reads `SUCCESS` of the messages; None where the rows do not reach it."""
    levels = [20 * np.log10(NormalDist().inv_cdf(accuracy)) for accuracy, *_ in rows]
    needed = []
    for column in (1, 2):
        scores = np.maximum.accumulate([row[column] for row in rows])
        if not scores[0] < SUCCESS <= scores[-1]:
            return None
        needed.append(float(np.interp(SUCCESS, scores, levels)))
    return needed[0] - needed[1]


def real(used: Codec, photos: Photos, form: Format, count: int) -> list[tuple[str, float, float, float]]:
    """Rows (attack, bit accuracy, hard success, soft success) of stamped held-out crops."""
    covers = held_out_crops(photos, used.stamper.size, count)
    messages = messages_for(form, count, np.random.default_rng(1))
    bits = np.stack([form.encode(one) for one in messages])
    stamped = used.stamper.stamp(covers, bits.astype(np.float32))
    rows = []
    for name in REAL_ATTACKS:
        logits = used.stamper.logits(attacked(name, stamped))
        rows.append((name, float(((logits > 0) == bits).mean()), *success(form, messages, logits, used.key)))
    return rows


def false_accepts(used: Codec, photos: Photos, count: int, seed: int = 3) -> int:
    """In how many of `count` crops without a stamp `decode` reads a message, all its rotations, parts and formats tried."""
    crops = (held_out_crops(photos, used.stamper.size, 1, seed + index)[0] for index in range(count))
    return sum(used.decode(crop) is not None for crop in crops)


def gain(checkpoint: str = "", /, *, images: str = "", trials: int = 300, count: int = 120, unmarked: int = 0, key: str = "") -> None:
    """Compare soft with hard decision: messages read after each attack, and false accepts in photos without a stamp.

    checkpoint: A run folder, a checkpoint in it, or a released folder; empty, the released weights.
    images: Folder of photos to use instead of those that the training held out.
    trials: Simulated messages at each bit accuracy.
    count: Stamped crops of photos after each attack.
    unmarked: Crops without a stamp that `decode` tries to read; 0, none.
    key: File with a key; the formats are then as they are with it.

    Example:
        python -m stegastamp gain --unmarked 500
    """
    used = codec.load(checkpoint, key=key)
    data = used.stamper.config.data
    report(used, photos_to_judge(images, data.images, data.held_out, used.stamper.size), trials, count, unmarked)


def report(used: Codec, photos: Photos, trials: int, count: int, unmarked: int) -> None:
    """Print the tables of `python -m stegastamp gain`."""
    print(f"Gaussian noise, {trials} messages each: read by hard decision / soft decision\n")
    print("| format | " + " | ".join(f"bit accuracy {accuracy:g}" for accuracy in ACCURACIES) + f" | gain at {SUCCESS:.0%} |")
    print("|---" * (len(ACCURACIES) + 2) + "|", flush=True)
    for form in (formats_with(used.key) if used.key else FORMATS).values():
        rows = simulated(form, trials, key=used.key)
        gained = decibels(rows)
        cells = " | ".join(f"{hard:.3f} / {soft:.3f}" for _, hard, soft in rows)
        print(f"| {form.name} | {cells} | {'-' if gained is None else f'{gained:.1f} dB'} |", flush=True)
    print(f"\n{count} stamped crops of held-out photos, {used.stamper.preset}: hard decision / soft decision\n")
    print("| format | attack | bit accuracy | hard | soft |\n|---|---|---|---|---|", flush=True)
    for form in used.formats():
        for name, accuracy, hard, soft in real(used, photos, form, count):
            print(f"| {form.name} | {name} | {accuracy:.4f} | {hard:.3f} | {soft:.3f} |", flush=True)
    if unmarked:
        print(f"\n{false_accepts(used, photos, unmarked)} of {unmarked} crops without a stamp accepted")
