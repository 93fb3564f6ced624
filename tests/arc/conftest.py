"""What the tests of arc's models share: tiny configurations, and inputs for them."""

import numpy as np
import pytest

from arc.config import Config

TINY = {"width": 32, "heads": 2, "encoder_layers": 1, "decoder_layers": 1, "feed_forward": 32, "batch_size": 18}


@pytest.fixture
def random_inputs():
    """Inputs of a model (count, ...) with colours and canvas drawn at random."""

    def draw(model, count: int = 3, seed: int = 0) -> dict[str, np.ndarray]:
        generator = np.random.default_rng(seed)
        return {name: generator.integers(0, 11, (count, *tensor.shape[1:])).astype(np.int32) for name, tensor in model.input.items()}

    return draw


@pytest.fixture(params=["encoder_decoder", "decoder_only", "champion"])
def tiny(request) -> Config:
    """A tiny configuration of each model."""
    special = {
        "decoder_only": {"positions": "diagonal3d", "learnt_positions": False},
        "champion": {"context_pairs": 1, "equivariant": True, "context_width": 32},
    }
    return Config(model=request.param, **TINY, **special.get(request.param, {}))
