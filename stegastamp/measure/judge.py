"""Judging a checkpoint: what `evaluate` and test_inference.py print."""

import json

from longrun import UserError, result_table
from stegastamp.measure.evaluate import evaluate
from stegastamp.network import stamp
from stegastamp.pictures.photos import folder_photos, training_and_held_out


def judge_natively(checkpoint: str, images: str, target: str, messages: int = 8, as_json: bool = False) -> dict:
    """Evaluate a checkpoint on whole photos at their own resolution; write the report, print and return the result. See report.py."""
    from stegastamp.measure.report import report

    outcome = report(stamp.load(checkpoint), images, target, messages)
    print(json.dumps(outcome) if as_json else result_table(outcome))
    return outcome


def judge(checkpoint: str, images: str = "", count: int = 120, as_json: bool = False) -> dict:
    """Evaluate a run folder, a checkpoint in it or a released folder; print and return the result.

    images: folder of photos to use instead of the held-out part of the training's own, whether they were trained on or not.
    count: crops, 20 at least.
    """
    if count < 20:
        raise UserError(f"an evaluation needs at least 20 cases, not {count}")
    stamper = stamp.load(checkpoint)
    config = stamper.config
    kind = "held-out photos" if images in ("", config.held_out) else f"photos of {images}"
    if images:
        photos = folder_photos(images, config.size)
    else:
        _, photos = training_and_held_out(config.images, config.held_out, config.size)
    outcome = evaluate(stamper, photos, count)
    if as_json:
        print(json.dumps(outcome))
    else:
        names = ", ".join(photos.names[:3]) + (", ..." if len(photos) > 3 else "")
        print(f"stegastamp {stamper.preset}, step {stamper.step}: {count} crops of {len(photos)} {kind} ({names})\n")
        print(result_table(outcome))
        score = outcome["metrics"]["bit_accuracy_png"]
        low, high = outcome["intervals"]["bit_accuracy_png"]
        verdict = "the message is carried" if low > 0.5 else "no message is carried: this is guessing"
        print(f"\nbit accuracy after 8-bit PNG {score:.4f} (floor 0.5000, 95 % interval {low:.4f}..{high:.4f}): {verdict}")
    return outcome
