"""onnxruntime reads and writes what Keras does."""

import numpy as np
import pytest

from longrun.release import shipped
from stegastamp.detector.finding import search
from tests.fixtures.runtimes import compare


def test_stamps_are_the_same():
    found = compare("base", 64)
    assert (found["bits"], found["decisions"]) == (0, 0)
    assert found["logits"] < 1e-3 and found["levels"] <= 1 and found["read"] > 0.99


def test_a_detector_sees_the_same():
    keras, onnx = (search.load(shipped.released("stegastamp") / "detector", runtime) for runtime in ("keras", "onnx"))
    frames = np.random.default_rng(0).integers(0, 256, (2, 96, 64, 3), dtype=np.uint8)
    assert onnx.maps(frames) == pytest.approx(keras.maps(frames), abs=1e-4)
