import subprocess
import sys

import numpy as np
import pytest

from longrun.config import changed
from stegastamp.network import model
from tests.fixtures.stegastamp import disturbed, inputs

TRANSFORMERS = ("none", "flatten", "compact", "localiser")
OPEN = """
import sys, keras, numpy as np
sys.modules["stegastamp"] = sys.modules["longrun"] = None  # An import of either fails, installed or not.
for folder in sys.argv[1:]:
    given = np.load(f"{folder}/inputs.npz")
    encoder, decoder = (keras.saving.load_model(f"{folder}/{name}.keras") for name in ("encoder", "decoder"))
    residual = encoder([given["image"], given["secret"], given["strength"]]).numpy()
    np.savez(f"{folder}/outputs.npz", residual=residual, logits=decoder(given["image"] + residual).numpy())
"""


def test_saved_models_open_where_there_is_no_stegastamp(small, tmp_path):
    """In safe mode, in a process that cannot import this package."""
    image, secret, strength = inputs(small, 1)
    expected = {}
    for transformer in TRANSFORMERS:
        config = changed(small, transformer=transformer, sync=0.3, warp=0.1, masking=0.7)
        encoder, decoder = disturbed(model.build_encoder(config)), model.build_decoder(config)
        folder = tmp_path / transformer
        folder.mkdir()
        encoder.save(folder / "encoder.keras")
        decoder.save(folder / "decoder.keras")
        np.savez(folder / "inputs.npz", image=image, secret=secret, strength=strength)
        residual = encoder([image, secret, strength]).numpy()
        expected[transformer] = residual, decoder(image + residual).numpy()
    folders = [str(tmp_path / transformer) for transformer in TRANSFORMERS]
    done = subprocess.run([sys.executable, "-I", "-c", OPEN, *folders], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for transformer, (residual, logits) in expected.items():
        outputs = np.load(tmp_path / transformer / "outputs.npz")
        assert outputs["residual"] == pytest.approx(residual, abs=1e-5), transformer
        assert outputs["logits"] == pytest.approx(logits, abs=1e-4), transformer
