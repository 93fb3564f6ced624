"""onnxruntime answers what Keras does, segment by segment."""

import numpy as np
import pytest

from hrm.network import reasoner
from hrm.presets import PRESETS
from hrm.puzzles.sources import make_source
from longrun.release import shipped


@pytest.mark.parametrize(("name", "boards"), [("sudoku6", "sudoku6"), ("sudoku9", "sudoku9"), ("sudoku9-hard", "sudoku9")])
def test_answers_are_the_same(name, boards):
    """On boards that it solves: on the others rounding errors grow from segment to segment."""
    keras, onnx = (reasoner.load(shipped.released("hrm") / name, runtime) for runtime in ("keras", "onnx"))
    examples = make_source(PRESETS[boards]()).held_out(8)
    first, second = (one.consider(examples) for one in (keras, onnx))
    assert np.array_equal(first.answers, second.answers) and np.array_equal(first.used, second.used)
    assert second.logits == pytest.approx(first.logits, abs=0.02)
    assert onnx.rows == keras.rows
