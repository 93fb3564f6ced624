import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import fft

from longrun.config import changed
from stegastamp.config import Config
from stegastamp.network import model
from stegastamp.presets import paper, quick
from tests.fixtures.stegastamp import disturbed, inputs

PAPER = paper()
TRANSFORMER = 41_054_150
"""Parameters of the paper's spatial transformer at 400 px."""
# The colour transform of tf.image (BT.601), from its other direction.
RGB_TO_YUV = np.linalg.inv(model.YUV_TO_RGB.astype(np.float64))


@pytest.mark.parametrize(
    ("bits", "encoder", "decoder"),
    [
        (50, 1_364_999, 52_479_832),
        (100, 1_739_999, 52_505_482),
        (150, 2_114_999, 52_531_132),
        (200, 2_489_999, 52_556_782),
        (256, 2_909_999, 52_585_510),
    ],
)
def test_the_paper_s_parameter_counts(bits, encoder, decoder):
    config = changed(PAPER, bits=bits)
    assert model.build_encoder(config).count_params() == encoder
    # Without the transformer, which has no part in the bits and is slow to build.
    assert model.build_decoder(changed(config, transformer="none")).count_params() == decoder - TRANSFORMER


def test_decoders_and_critic_of_the_paper_have_their_counts():
    assert model.build_decoder(PAPER).count_params() == 52_505_482
    assert model.build_decoder(changed(PAPER, transformer="none")).count_params() == 52_505_482 - TRANSFORMER == 11_451_332
    assert model.build_critic(PAPER).count_params() == 25_105


def test_compact_transformer_saves_forty_million():
    compact = model.build_decoder(changed(PAPER, transformer="compact")).count_params()
    assert 39_500_000 < 52_505_482 - compact < TRANSFORMER


def test_layer_counts_of_the_paper():
    encoder, decoder = model.build_encoder(PAPER), model.build_decoder(PAPER)
    counts = {layer.name: layer.count_params() for part in (encoder, decoder) for layer in part.layers}
    expected = {
        **{"secret_dense": 757_500, "c1": 1_760, "c2": 9_248, "c3": 18_496, "c4": 73_856, "c5": 295_168},
        **{"u6": 131_200, "c6": 295_040, "u7": 32_832, "c7": 73_792, "u8": 8_224, "c8": 18_464, "u9": 4_128, "c9": 20_192, "residual": 99},
        **{"d1": 896, "d2": 9_248, "d3": 18_496, "d4": 36_928, "d5": 36_928, "d6": 73_856, "d7": 147_584},
        **{"dense": 11_076_096, "logits": 51_300, "transformer_dense": 40_960_128, "transformer_theta": 774},
    }
    assert {name: counts[name] for name in expected} == expected
    assert sum(expected.values()) + sum(counts[name] for name in ("t1", "t2", "t3")) == 1_739_999 + 52_505_482


def test_normalised_head_has_few_layers_of_its_own(small):
    names = {layer.name for layer in model.build_encoder(small).layers}
    assert {"image_branch", "secret_branch", "cosine_rows", "cosine_columns", "sensitivity", "yuv_to_rgb"} <= names


def test_the_simple_network_is_that_of_the_logs():
    networks = {"network": "simple", "encoder_widths": (4, 4), "decoder_widths": (4, 8, 8), "secret_scale": 8}
    config = changed(Config(), size=32, bits=8, head="additive", regime="paper", **networks)
    encoder, decoder = model.build_encoder(config), model.build_decoder(config)
    assert [layer.name for layer in encoder.layers if isinstance(layer, keras.layers.Conv2D)] == ["c1", "c2", "residual"]
    assert [layer.name for layer in decoder.layers if isinstance(layer, keras.layers.Conv2D)] == ["d1", "d2", "d3"]
    assert encoder(inputs(config, 2)).shape == (2, 32, 32, 3)
    assert decoder(tf.zeros((2, 32, 32, 3))).shape == (2, 8)


@pytest.mark.parametrize("size", [16, 64])
def test_cosine_matrix_is_the_orthonormal_transform(size):
    matrix = model.cosine_matrix(size)
    assert matrix @ matrix.T == pytest.approx(np.eye(size), abs=1e-5)
    signal = np.random.default_rng(0).normal(size=size)
    assert matrix @ signal == pytest.approx(fft.dct(signal, norm="ortho"), abs=1e-5)


def test_sensitivity_by_hand():
    weights = model.sensitivity(changed(Config(), size=32, chroma_weight=4, low_frequency_weight=8, corner_frequency=0.25))
    assert weights[0, 0].tolist() == [9, 36, 36]
    assert weights[16, 0] == pytest.approx([5, 20, 20])  # 16 half waves over 32 pixels: the corner itself.
    finest = 1 + 8 / (1 + 4 * (31 / 16) ** 4)
    assert weights[31, 31] == pytest.approx(np.float32([finest, 4 * finest, 4 * finest]))
    assert np.all(weights >= 1)


def weighted_rms(residual, config):
    """Of (B, S, S, 3) RGB in the spectrum of YUV: the power of the three channels added, its mean over frequencies."""
    spectrum = fft.dctn(residual.astype(np.float64) @ RGB_TO_YUV, axes=(1, 2), norm="ortho")
    return np.sqrt(np.square(spectrum * model.sensitivity(config)).sum(-1).mean((1, 2)))


def test_weighted_rms_of_the_residual_is_the_strength(small):
    strengths = np.float32([[1.0], [0.3], [0.02], [0.016]])
    image, secret, _ = inputs(small, 4)
    residual = disturbed(model.build_encoder(small))([image, secret, strengths]).numpy()
    assert weighted_rms(residual, small) == pytest.approx(strengths[:, 0], rel=1e-4)


def test_strength_scales_the_residual(small):
    encoder = model.build_encoder(small)
    image, secret, strength = inputs(small, 3)
    whole = encoder([image, secret, strength]).numpy()
    assert encoder([image, secret, 0.25 * strength]).numpy() == pytest.approx(0.25 * whole, rel=1e-5, abs=1e-7)
    assert np.abs(encoder([image, secret, 0 * strength]).numpy()).max() == 0


@pytest.mark.parametrize("config", [quick(), changed(Config(), size=64, bits=32, chroma_weight=4.0)], ids=["quick", "64px"])
def test_the_unweighted_rms_hardly_exceeds_the_strength(config):
    """The weights make the mark cheaper than its strength; what mixing channels into RGB can add to that is a tenth of a dB."""
    finest = np.zeros((1, config.model.size, config.model.size, 3), np.float32)
    rows, columns = np.mgrid[: config.model.size, : config.model.size]
    # The worst case: the finest pattern, mostly luma, with the chroma that adds to it.
    finest[0] = ((-1.0) ** (rows + columns))[..., None] * np.float32([1.0, 0.5, 0.2])
    residual = keras.ops.convert_to_numpy(apply_normalisation(finest, config))
    rms = np.sqrt(np.square(residual).mean())
    assert 0.9 < rms < 10 ** (0.1 / 20)


def apply_normalisation(u, config):
    image = keras.Input(u.shape[1:])
    return keras.Model(image, model.perceptual_normalisation(image, config))(u)


def test_masking_by_hand(small):
    """Even surfaces get the least of the mark, a texture more, by the power that was asked for; a lone edge hardly more."""
    config = changed(small, size=128, masking=0.5)
    image = np.full((3, 128, 128, 3), 0.5, np.float32)
    # Stripes a pixel wide, of standard deviation .1, and one edge.
    image[1] += 0.1 * (-1.0) ** np.arange(128)[:, None]
    image[2, :, 64:] = 0.7
    symbol = keras.Input((128, 128, 3))
    mask = keras.Model(symbol, model.contrast_mask(symbol, config))(image).numpy()
    even, texture, edge = mask[:, 64, 56:72, 0]
    # Rounding leaves a little contrast where there is none.
    assert even == pytest.approx((0.005 / 0.05) ** 0.5, rel=0.05)
    assert texture == pytest.approx((0.105 / 0.05) ** 0.5, rel=0.05)
    assert (edge < 0.7 * texture).all() and edge.max() > even.max()
    plain, masked = (disturbed(model.build_encoder(changed(config, masking=power))) for power in (0.0, 0.5))
    for target, origin in zip(masked.trainable_weights, plain.trainable_weights, strict=True):
        target.assign(origin)
    given = [image, *inputs(config, 3)[1:]]
    assert masked(given).numpy() == pytest.approx(plain(given).numpy() * mask, rel=1e-4, abs=1e-6)


def test_at_step_0_the_mark_does_not_depend_on_the_image(small):
    encoder = model.build_encoder(small)
    image, secret, strength = inputs(small, 2)
    secret[1] = secret[0]
    first, second = encoder([image, secret, strength]).numpy()
    assert np.array_equal(first, second)
    # And it does on the secret.
    secret[1, 0] = 1 - secret[0, 0]
    first, second = encoder([image, secret, strength]).numpy()
    assert np.abs(first - second).max() > 0.01


def test_at_full_strength_the_image_has_no_part_and_then_comes_in(small):
    encoder = disturbed(model.build_encoder(small))
    image, secret, strength = inputs(small, 2)
    secret[1] = secret[0]
    first, second = encoder([image, secret, strength]).numpy()
    assert np.array_equal(first, second)
    first, second = encoder([image, secret, 0.5 * strength]).numpy()
    assert np.abs(first - second).max() > 0.01


def test_only_the_fixed_transforms_are_not_trained(small):
    fixed = {variable.path.split("/")[0] for variable in model.build_encoder(small).non_trainable_variables}
    assert fixed == {"cosine_rows", "cosine_columns", "sensitivity", "inverse_columns", "inverse_rows", "yuv_to_rgb"}


@pytest.mark.parametrize("transformer", ["flatten", "compact"])
def test_the_transformer_starts_as_the_identity(small, transformer):
    decoder = model.build_decoder(changed(small, transformer=transformer))
    image = inputs(small, 2)[0]
    sampled = keras.Model(decoder.input, decoder.get_layer("transformer_sample").output)(image).numpy()
    assert sampled == pytest.approx(image - 0.5, abs=1e-5)


def test_the_transformer_keeps_its_coordinates_in_mixed_precision(small):
    policy = keras.mixed_precision.global_policy()
    keras.mixed_precision.set_global_policy("mixed_bfloat16")
    try:
        decoder = model.build_decoder(changed(small, transformer="compact"))
    finally:
        keras.mixed_precision.set_global_policy(policy)
    decoder.get_layer("transformer_theta").bias.assign([1, 0, 0.01, 0, 1, 0])
    ramp = np.tile(np.linspace(0, 1, 32, dtype=np.float32)[:, None], (1, 32, 1, 3))
    sampled = keras.Model(decoder.input, decoder.get_layer("transformer_sample").output)(ramp).numpy()
    # In bfloat16 the shift of 0.01 would come out a fifth wrong, and each pixel of the ramp by up to a 256th.
    assert sampled[0, 0, :-1, 0] == pytest.approx(ramp[0, 0, :-1, 0] - 0.5 + 0.005, abs=1e-4)
    assert decoder(ramp).dtype == tf.float32
