"""One segment of a reasoner as an ONNX file, carry in and out, with the proof that it answers as Keras does."""

from pathlib import Path

import numpy as np
import tensorflow as tf

from hrm.network import reasoner, with_keras
from hrm.network.halting import wants_to_halt
from hrm.network.reasoner import Reasoner
from hrm.puzzles.sources import make_source
from longrun.release import convert
from longrun.release.portable import Network
from longrun.run.output import check_folder


def export(checkpoint: str, folder: str = "", /, *, count: int = 100) -> int:
    """Write a reasoner's segment for onnxruntime and compare it with Keras; exit code 1 where an answer differs that Keras is sure of.

    Where its confidence is low, its answer depends on the last bits of the numbers, so answers of low confidence are not compared.

    In go tokens (B, N) int32, reset (B,) bool, the states high and low (B, S, d) float32, and where it has them identifier (B,) or
    demonstrations (B, K, 2, N) int32; out come next_high, next_low, logits (B, N, V) and halting (B, 2).

    checkpoint: A run folder, a checkpoint in it, or a released folder.
    folder: Where reasoner.onnx goes; empty: beside the released model, packed as reasoner.onnx.gz.
    count: Held-out puzzles to compare on.

    Raises UserError where tf2onnx is missing.

    Example:
        python -m hrm export checkpoints/released/hrm/sudoku9
    """
    check_folder(folder or checkpoint)
    found = reasoner.load(checkpoint, "keras")
    target = Path(folder, "reasoner.onnx") if folder else Path(checkpoint, "reasoner.onnx.gz")
    target.parent.mkdir(parents=True, exist_ok=True)
    write(found, target)
    examples = make_source(found.config).held_out(count)
    first, second = (one.consider(examples) for one in (found, Reasoner(Network(target), found.config, None, found.preset, found.step)))
    learning, evaluation = found.config.learning, found.config.evaluation
    sure = wants_to_halt(first.halting[first.used, np.arange(count)], learning.halting, evaluation.halting_confidence)
    apart = int((first.answer != second.answer)[sure].any(axis=1).sum())
    largest = float(np.abs(first.logits - second.logits)[sure].max(initial=0))
    words = f"{apart} answers unlike Keras, logits by {largest:.1e} at most"
    print(f"{target}: {found.preset}, step {found.step}; of {count} puzzles Keras is sure of {sure.sum()}: {words}")
    return int(apart > 0)


def write(found: Reasoner, target: Path) -> None:
    """Write the segment as an ONNX file."""
    model = found.for_keras()
    signature = tuple(tf.TensorSpec((None, *one.shape[1:]), one.dtype, name=one.name) for one in model.inputs)
    names = [spec.name for spec in signature]
    run = with_keras.segment(model, None)

    def answer(*tensors):
        outputs = run({"identifier": None, **dict(zip(names, tensors, strict=True))})
        # In ONNX an output has another name than every input.
        return {reasoner.NEXT.get(name, name): value for name, value in outputs.items()}

    convert.write(target, answer, signature, {reasoner.ROWS: str(found.rows)})
