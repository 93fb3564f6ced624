"""Encoder, decoder, spatial transformer and critic as Functional Keras models with named layers.

Images are (B, S, S, 3) float32 in [0, 1], secrets (B, bits) float32 in [0, 1]. Widths, side and bits are configuration; with the
paper's the parameter counts are those of the published graph (the 9,248 of a layer that it builds and never uses left out).
"""

import keras
import numpy as np
from keras import layers

from stegastamp.config import Config
from stegastamp.network.fixed import averaged, centres, fixed, gaussian_window, luma
from stegastamp.network.localiser import in_tiles, rectify, waves
from stegastamp.network.sampler import affine

IDENTITY = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
MASKING_WINDOW, MASKING_SMOOTHING = 1 / 128, 4 / 128
"""Standard deviations, in sides of a tile, of the window in which contrast is measured and of the one in which it is averaged."""
MASKING_CONTRAST = 0.05
"""Contrast of luma at which the mark has its nominal strength: that of an average photo."""
MASKING_FLOOR = 0.005
"""Added to it: below the grain of 8 bits there is no contrast to measure."""
MASKING_RANGE = (0.3, 2.0)
"""Smallest and largest factor."""


def build_encoder(config: Config) -> keras.Model:
    """Inputs image, secret and strength (B, 1); output: the residual (B, S, S, 3), linear and unbounded.

    Head "additive" (Tancik et al. 2020): the last convolution is the residual; strength multiplies it (1 in training).
    Head "normalised" (new here): the residual's perceptually weighted root mean square *is* strength, so that no image loss can shrink
    it to nothing and no message loss can blow it up. The secret goes through a linear layer straight to the output, and the image
    branch starts at zero: at step 0 the mark is a random spread-spectrum code, which a decoder learns at once.
    """
    size, widths, normalised = config.model.size, config.model.encoder_widths, config.mark.head == "normalised"
    image = keras.Input((size, size, 3), name="image")
    secret = keras.Input((config.model.bits,), name="secret")
    strength = keras.Input((1,), name="strength")
    grid = size // config.model.tiles // config.model.secret_scale
    options = {"kernel_initializer": "glorot_uniform"} if normalised else {"activation": "relu", "kernel_initializer": "he_normal"}
    mark = layers.Dense(grid * grid * 3, use_bias=not normalised, name="secret_dense", **options)(secret - 0.5)
    mark = layers.Reshape((grid, grid, 3), name="secret_grid")(mark)
    mark = layers.UpSampling2D(config.model.secret_scale, name="secret_up")(mark)
    if config.model.tiles > 1:
        for axis, name in ((1, "secret_down"), (2, "secret_across")):
            mark = layers.Concatenate(axis, name=name)([mark] * config.model.tiles)
    inputs = layers.Concatenate(name="inputs")([mark, image - 0.5])
    if config.model.network == "simple":
        x = inputs
        for index, width in enumerate(widths[:2], 1):
            x = _convolution(width, f"c{index}")(x)
    else:
        x = _u_net(inputs, widths)
    if not normalised:
        residual = layers.Conv2D(3, 1, kernel_initializer="he_normal", dtype="float32", name="residual")(x)
    else:
        branch = layers.Conv2D(3, 1, kernel_initializer="zeros", dtype="float32", name="image_branch")(x)
        direct = layers.Conv2D(3, 1, use_bias=False, dtype="float32", name="secret_branch")(mark)
        # At full strength the mark depends on the secret alone: anything else there takes power from it, and a constant in the
        # image branch, once begun, takes all of it. The image comes in as the strength falls.
        weight = keras.ops.reshape(keras.ops.maximum(1.0 - strength, 0.0), (-1, 1, 1, 1))
        residual = weight * branch + direct
        if config.mark.sync > 0:
            residual = (1 - config.mark.sync) ** 0.5 * unit_power(residual) + config.mark.sync**0.5 * _waves(strength, config)
        residual = perceptual_normalisation(residual, config)
        if config.mark.masking > 0:
            residual = residual * contrast_mask(image, config)
    return keras.Model([image, secret, strength], residual * keras.ops.reshape(strength, (-1, 1, 1, 1)), name="encoder")


def build_decoder(config: Config) -> keras.Model:
    """Input image; output: logits (B, bits). A bit is logit > 0.

    With a localiser, what reads the picture once it is in place is a model of its own inside, the layer "readout".
    """
    image = keras.Input((config.model.size, config.model.size, 3), name="image")
    if config.model.transformer == "localiser" or config.model.tiles > 1:
        picture = keras.Input(image.shape[1:], name="picture")
        readout = keras.Model(picture, _summed(_readout(in_tiles(picture, config.model.tiles) - 0.5, config), config), name="readout")
        placed = rectify(image, config) if config.model.transformer == "localiser" else image
        return keras.Model(image, readout(placed), name="decoder")
    x = image - 0.5
    if config.model.transformer != "none":
        x = layers.Identity(dtype="float32", name="transformer_sample")(affine(x, _transformer(x, config)))
    return keras.Model(image, _readout(x, config), name="decoder")


def _readout(x, config):
    if config.model.network == "simple":
        for index, width in enumerate(config.model.decoder_widths, 1):
            x = _convolution(width, f"d{index}", strides=2, initializer=config.model.decoder_initializer)(x)
        x = layers.GlobalAveragePooling2D(name="pool")(x)
    else:
        for index, (width, strides) in enumerate(zip(config.model.decoder_widths, config.model.decoder_strides, strict=True), 1):
            x = _convolution(width, f"d{index}", strides=strides, initializer=config.model.decoder_initializer)(x)
        x = layers.Flatten(name="flatten")(x)
        if config.model.decoder_dense:
            options = {"activation": "relu", "kernel_initializer": config.model.decoder_initializer, "name": "dense"}
            x = layers.Dense(config.model.decoder_dense, **options)(x)
    return layers.Dense(config.model.bits, dtype="float32", name="logits")(x)


def _summed(logits, config):
    """Logits (B, bits) of pictures from those of their tiles: each tells how probable a bit is, and such evidence adds up."""
    if config.model.tiles == 1:
        return logits
    return keras.ops.sum(keras.ops.reshape(logits, (-1, config.model.tiles**2, config.model.bits)), axis=1)


def build_critic(config: Config) -> keras.Model:
    """Input image; output: scores (B, S/16, S/16, 1), high where a patch looks stamped (Tancik et al. 2020)."""
    image = keras.Input((config.model.size, config.model.size, 3), name="image")
    x = image - 0.5
    for index, width in enumerate((8, 16, 32, 64), 1):
        x = _convolution(width, f"k{index}", strides=2, initializer="glorot_uniform")(x)
    return keras.Model(image, layers.Conv2D(1, 3, padding="same", dtype="float32", name="score")(x), name="critic")


def _u_net(inputs, widths):
    """Four halvings and four doublings with skips; each doubling is nearest-neighbour and a 2x2 convolution."""
    c1 = _convolution(widths[0], "c1")(inputs)
    down = [c1]
    for index, width in enumerate(widths[1:], 2):
        down.append(_convolution(width, f"c{index}", strides=2)(down[-1]))
    x = down.pop()
    for index in range(6, 10):
        skip = down.pop()
        # The last two levels are as wide as the first two on the way down.
        width = widths[9 - index]
        x = layers.UpSampling2D(2, name=f"u{index}_up")(x)
        x = _convolution(width, f"u{index}", kernel=2)(x)
        x = layers.Concatenate(name=f"c{index}_skip")([skip, x] if index < 9 else [skip, x, inputs])
        x = _convolution(width, f"c{index}")(x)
    return x


def _transformer(x, config):
    """Six numbers of an affine map per image; starts as the identity (Jaderberg et al. 2015).

    "flatten" is the paper's: 41 of its 52 million parameters are the dense layer behind it. "compact" (new here) goes on halving and
    pools instead.
    """
    for index, width in enumerate((32, 64, 128), 1):
        x = _convolution(width, f"t{index}", strides=2, initializer="glorot_uniform")(x)
    if config.model.transformer == "compact":
        for index in (4, 5):
            x = _convolution(128, f"t{index}", strides=2, initializer="glorot_uniform")(x)
        x = layers.AveragePooling2D(2, padding="same", name="transformer_pool")(x)
    x = layers.Flatten(name="transformer_flatten")(x)
    x = layers.Dense(128, activation="relu", name="transformer_dense")(x)
    start = keras.initializers.Constant(np.array(IDENTITY, np.float32))
    return layers.Dense(6, kernel_initializer="zeros", bias_initializer=start, dtype="float32", name="transformer_theta")(x)


def perceptual_normalisation(x, config: Config):
    """Scale and filter (B, S, S, 3) YUV so that the weighted root mean square of the RGB residual is 1 (new here).

    What the eye sees best costs most: with W the weight of a spatial frequency and channel, the residual's DCT is n / W for a
    normalised n, so that rms(W * DCT(residual in YUV)) = 1 exactly, the power of the three channels added up. Since W >= 1 the
    unweighted rms is below the strength, up to 0.1 dB for what chroma adds in RGB: PSNR >= -20 log10(strength) - 0.1 dB. Without the
    weights training hides the message in green and magenta blotches, which PSNR and SSIM forgive and nobody else does.
    """
    x = unit_power(x)
    dct = cosine_matrix(config.model.size)
    x = fixed(x, "bhwc,kh->bkwc", dct, "cosine_rows")
    x = fixed(x, "bkwc,lw->bklc", dct, "cosine_columns")
    x = fixed(x, "bklc,klc->bklc", 1.0 / sensitivity(config), "sensitivity")
    x = fixed(x, "bklc,lw->bkwc", dct, "inverse_columns")
    x = fixed(x, "bkwc,kh->bhwc", dct, "inverse_rows")
    return fixed(x, "bhwc,cd->bhwd", YUV_TO_RGB, "yuv_to_rgb")


def contrast_mask(image, config: Config):
    """Factor (B, S, S, 1) of the strength: more where the picture is busy, which hides and drowns it, less on even ones (new here).

    (d / MASKING_CONTRAST) ^ masking, within MASKING_RANGE, of the contrast d around each pixel. The exponent is that of contrast
    masking: a pattern's threshold of visibility rises with the contrast it lies on, to a power of about 0.7 (Legge and Foley 1980).
    d averages the local standard deviation of luma as the square of a mean root, in which a texture counts whole and a lone edge,
    which hides nothing beside it, hardly at all.
    """
    window = gaussian_window(centres(config.model.size), config.model.size, MASKING_WINDOW / config.model.tiles)
    brightness = luma(image)
    mean, square = averaged(brightness, window, "masking_mean"), averaged(keras.ops.square(brightness), window, "masking_square")
    deviation = keras.ops.sqrt(keras.ops.maximum(square - keras.ops.square(mean), 0.0))
    window = gaussian_window(centres(config.model.size), config.model.size, MASKING_SMOOTHING / config.model.tiles)
    contrast = keras.ops.square(averaged(keras.ops.sqrt(deviation + MASKING_FLOOR), window, "masking_contrast"))
    return keras.ops.clip(keras.ops.power(contrast / MASKING_CONTRAST, config.mark.masking), *MASKING_RANGE)


def unit_power(x):
    """Scale (B, S, S, 3) so that the mean square of a pixel, its three channels added up, is 1."""
    power = keras.ops.mean(keras.ops.square(x), axis=(1, 2, 3), keepdims=True)
    return x * keras.ops.rsqrt(3.0 * power + 1e-12)


def cosine_matrix(size: int) -> np.ndarray:
    """Orthonormal DCT-II matrix, (frequency, position) float32."""
    frequency, position = np.mgrid[:size, :size]
    matrix = np.sqrt(2 / size) * np.cos(np.pi * (2 * position + 1) * frequency / (2 * size))
    matrix[0] /= np.sqrt(2)
    return matrix.astype(np.float32)


def sensitivity(config: Config) -> np.ndarray:
    """Perceptual weight of each DCT frequency in Y, U and V, (S, S, 3) float32, >= 1.

    Rises below `corner_frequency` cycles per pixel to 1 + `low_frequency_weight`, and chroma costs `chroma_weight` times luma: a blunt form
    of the eye's contrast sensitivity (new here).
    """
    axis = np.arange(config.model.size) / (2 * config.model.size)
    frequency = np.hypot(axis[:, None], axis[None, :])
    luma = 1 + config.mark.low_frequency_weight / (1 + (frequency / config.mark.corner_frequency) ** 4)
    return np.stack([luma, config.mark.chroma_weight * luma, config.mark.chroma_weight * luma], -1).astype(np.float32)


# (channel in, channel out) of BT.601 YUV as in tf.image.
YUV_TO_RGB = np.array([[1, 1, 1], [0, -0.394642334, 2.03206185], [1.13988303, -0.58062185, 0]], np.float32)


def _convolution(width, name, strides=1, kernel=3, initializer="he_normal"):
    return layers.Conv2D(width, kernel, strides, "same", activation="relu", kernel_initializer=initializer, name=name)


def _waves(one, config):
    """The localiser's waves in luma with unit power, the same for every sample."""
    pattern = np.zeros((1, config.model.size, config.model.size, 3), np.float32)
    tile = waves(config.model.size // config.model.tiles)
    pattern[0, ..., 0] = np.tile(tile, (config.model.tiles, config.model.tiles)) / np.sqrt(np.mean(np.square(tile)))
    return fixed(keras.ops.ones_like(one), "bi,ihwc->bhwc", pattern, "sync")
