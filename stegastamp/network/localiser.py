"""Where in a picture the mark lies: waves in every mark, a field of displacements, a homography through it, and the loss (new here).

A decoder that has to find the mark by its bits alone hardly learns to: far from the right place there is no slope. Neither do
convolutions learn to find a pattern they were not told. So every mark carries the same few waves, as the reference of a hologram.
Where the picture is displaced, the phases of the waves turn in proportion, and a small network that is shown the phases reads the
displacement off them. In training it is known, because it was made here.

Coordinates are normalised, (x, y) in [-1, 1] with the corners' centres at -1 and 1. A mark in tiles (see settings.py) has the waves in
each of them: the small network looks at every tile by itself, and one homography goes through what all of them say.
"""

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

from stegastamp.config import Config
from stegastamp.network.fixed import averaged, centres, fixed, gaussian_window, luma, rows_of_one
from stegastamp.network.sampler import projective
from stegastamp.network.waves import PHASE, WAVES

BEATS = ((0, 1), (1, 2), (3, 4), (4, 5))
"""Pairs of waves along one axis; 4 and 5 cycles apart, their beats turn once in a quarter of the side."""
MAP = 32
"""Phases are read at MAP x MAP places of a tile."""
WINDOW = 6 / 128
"""Standard deviation of the Gaussian window in which a phase is read, in sides of a tile."""
LOCAL = 9 / 128
"""Side of the square, in sides of a tile, whose mean is taken away first: what is slower than the waves would drown them."""
CELLS = 8
"""The field has CELLS x CELLS cells in each tile."""
PULL = 1e-2
"""Weight of the identity in the fit, whose cells weigh 128 together."""
TOLERANCE = 0.015
"""Mean displacement, in sides of a tile, up to which a decoder in training has to live with the localiser's error."""
SMALLEST_SPREAD = 0.003
"""Of a displacement, in half sides of a tile: below a fifth of a pixel at 128 there is nothing to be sure of."""


def waves(size: int) -> np.ndarray:
    """The sum of WAVES, (S, S) float32, each with amplitude 1."""
    return np.cos(_angles(size) + PHASE * np.arange(len(WAVES))).sum(-1).astype(np.float32)


def _angles(size):
    row, column = np.mgrid[:size, :size] / size
    return np.stack([2 * np.pi * (across * column + down * row) for across, down in WAVES], -1)


def demodulate(image, size: int):
    """What the WAVES look like in images (B, S, S, 3), a Keras tensor: (B, 32, 32, 3 per wave and 2 per beat) float32.

    For each wave cosine and sine of its phase against where it was made and the logarithm of its amplitude, in a Gaussian window
    around each place; for each beat cosine and sine of the difference of two phases.
    """
    pixels = centres(size)
    mean = rows_of_one(np.abs(pixels[:, None] - pixels) < LOCAL / 2)
    brightness = luma(image)
    brightness = ops.squeeze(brightness - averaged(brightness, mean, "local_mean"), -1)
    # The product with a wave of angle a(x) + d(y), in the window, one side after the other.
    window = gaussian_window(centres(MAP), size, WINDOW)
    across, down = (2 * np.pi * np.outer(np.arange(size) / size, numbers) for numbers in np.transpose(WAVES))
    down = down + PHASE * np.arange(len(WAVES))
    columns = window.T[:, :, None] * np.concatenate([np.cos(across), np.sin(across)], -1)[:, None]
    rows = [window.T[:, :, None] * np.concatenate(pair, -1)[:, None] for pair in _quadratures(np.cos(down), np.sin(down))]
    product = fixed(brightness, "bhw,wqj->bhqj", np.float32(columns), "wave_columns")
    parts = [fixed(product, "bhqj,hpj->bpqj", np.float32(kernel), f"wave_rows_{name}") for kernel, name in zip(rows, "ri", strict=True)]
    count = len(WAVES)
    real, imaginary = (part[..., :count] + part[..., count:] for part in parts)
    amplitude = ops.sqrt(ops.square(real) + ops.square(imaginary) + 1e-10)
    cosine, sine = real / amplitude, imaginary / amplitude
    first, second = np.transpose(BEATS)
    c, d, s, t = (ops.take(part, index, axis=-1) for part in (cosine, sine) for index in (first, second))
    features = (cosine, sine, ops.log(amplitude + 1e-4) + 3.0, c * d + s * t, c * t - s * d)
    return ops.concatenate(features, axis=-1)


def _quadratures(cosine, sine):
    """cos(a + d) and sin(a + d) as what cos(a) and sin(a) are to be multiplied by."""
    return (cosine, -sine), (sine, cosine)


def build_localiser(config: Config) -> keras.Model:
    """Input a tile (B, T, T, 3); output: its field (B, 8, 8, 3).

    For each cell: by how much (x, y) what is seen at its centre lies elsewhere in the mark, and the logarithm of the spread of
    that, which says how sure it is: a cell that shows none of the mark counts for little. Both in half sides of a tile.
    """
    side = config.model.size // config.model.tiles
    image = keras.Input((side, side, 3), name="image")
    x = demodulate(image, side)
    for index, (width, strides) in enumerate(zip(config.model.localiser_widths, (1, 2, 1, 2, 1, 1), strict=True), 1):
        x = layers.Conv2D(width, 3, strides, "same", activation="relu", kernel_initializer="he_normal", name=f"l{index}")(x)
    field = layers.Conv2D(3, 1, kernel_initializer="zeros", dtype="float32", name="field")(x)
    return keras.Model(image, field, name="localiser")


def in_tiles(image, count: int):
    """Images (B, S, S, C) cut into count x count tiles, (B count^2, S / count, S / count, C), row by row."""
    if count == 1:
        return image
    side, channels = image.shape[1] // count, image.shape[3]
    cut = ops.transpose(ops.reshape(image, (-1, count, side, count, side, channels)), (0, 1, 3, 2, 4, 5))
    return ops.reshape(cut, (-1, side, side, channels))


def of_tiles(field, count: int):
    """The field (B, 8 count, 8 count, 3) of pictures from those of their tiles, displacements in half sides of the picture."""
    if count == 1:
        return field
    joined = ops.transpose(ops.reshape(field, (-1, count, count, CELLS, CELLS, 3)), (0, 1, 3, 2, 4, 5))
    return ops.reshape(joined, (-1, CELLS * count, CELLS * count, 3)) * np.float32([1 / count, 1 / count, 1])


def fit_homography(field):
    """The homographies (B, 3, 3) from mark to picture that fit fields (B, N, N, 3) best: weighted linear least squares.

    Each cell says that the point centre + displacement of the mark is seen at its centre, and counts by 1 / spread^2. A weak pull
    towards the identity settles what the cells leave open.
    """
    cells = field.shape[1]
    seen = ops.zeros_like(field[..., :2]) + cell_centres(cells)
    mark, seen = (ops.reshape(points, (-1, cells * cells, 2)) for points in (seen + field[..., :2], seen))
    x, y, u, v = mark[..., 0], mark[..., 1], seen[..., 0], seen[..., 1]
    weight = ops.reshape(1.0 / spread(field), (-1, cells * cells, 1))
    # However many the cells are, they weigh as much against the pull as those of one tile.
    weight = weight * ((CELLS / cells) / ops.mean(weight, axis=1, keepdims=True))
    one, zero = ops.ones_like(x), ops.zeros_like(x)
    across = ops.stack([x, y, one, zero, zero, zero, -u * x, -u * y, u - x], axis=-1)
    down = ops.stack([zero, zero, zero, x, y, one, -v * x, -v * y, v - y], axis=-1)
    rows = ops.concatenate([across * weight, down * weight], axis=1)
    # Solved for the departure from the identity: where nothing is displaced it is exactly the identity.
    normal = ops.matmul(ops.transpose(rows, (0, 2, 1)), rows)
    departure = _solve(normal[:, :8] + np.float32(PULL * np.eye(8, 9)))
    departure = ops.pad(ops.reshape(departure, (-1, 8)), ((0, 0), (0, 1)))
    return ops.reshape(departure, (-1, 3, 3)) + np.eye(3, dtype=np.float32)


def _solve(system):
    """Solutions (B, 8) of positive definite systems (B, 8, 9), matrix and right-hand side, by Gauss and Jordan.

    Such matrices need no pivoting. Spelt out because ONNX, to which decoders are exported, knows no solver.
    """
    for index in range(8):
        row = system[:, index : index + 1] / system[:, index : index + 1, index : index + 1]
        unit = np.eye(8, dtype=np.float32)[index].reshape(1, 8, 1)
        # The row itself becomes `row`; every other loses its element of this column.
        system = system - (system[:, :, index : index + 1] - unit) * row
    return system[:, :, 8]


def rectify(image, config: Config):
    """The image, a Keras tensor (B, S, S, 3), brought back to where the mark was made, in `localiser_passes`.

    A second pass sees a picture that is nearly in place and finds the rest. Each pass resamples the first image, so that passes do
    not blur. What an encoder can do for the localiser it learns from the first pass; no gradient goes through the others.
    """
    localiser, matrix, current, tiles = build_localiser(config), None, image, config.model.tiles
    still = ops.stop_gradient(image)
    field, homography = keras.Input((CELLS * tiles, CELLS * tiles, 3), name="field"), keras.Input((3, 3), name="homography")
    fit = keras.Model(field, fit_homography(field), name="fit")
    picture = keras.Input(image.shape[1:], name="picture")
    resample = keras.Model([picture, homography], projective(picture, homography), name="resample")
    for number in range(1, config.model.localiser_passes + 1):
        found = keras.layers.Identity(dtype="float32", name=f"field_{number}")(of_tiles(localiser(in_tiles(current, tiles)), tiles))
        matrix = fit(found) if matrix is None else ops.matmul(matrix, fit(found))
        matrix = keras.layers.Identity(dtype="float32", name=f"homography_{number}")(matrix)
        current = resample([still, matrix])
    return current


def passes_of(decoder: keras.Model, count: int) -> keras.Model:
    """What the localiser in a decoder found: for each pass the field and the homography (B, 3, 3) after it."""
    names = [f"{part}_{number}" for number in range(1, count + 1) for part in ("field", "homography")]
    return keras.Model(decoder.input, [decoder.get_layer(name).output for name in names], name="passes")


def corrected(truth: tf.Tensor, found: tf.Tensor, tiles: int = 1) -> tf.Tensor:
    """The homographies (B, 3, 3) to decode by in training: those `found`, from mark to picture, or the truth where they are astray.

    truth: (B, 3, 3) from picture to mark. A decoder learns nothing from a picture that is out of place, and a localiser needs time,
    so until it is within TOLERANCE the decoder is told. From then on it sees what it will see in use, small errors and all.
    """
    astray = displacement(true_field(truth @ found)) > TOLERANCE / tiles
    return tf.where(astray[:, None, None], tf.linalg.inv(truth), found)


def cell_centres(count: int = CELLS) -> np.ndarray:
    """Centres (count, count, 2) float32 of a field's cells as (x, y)."""
    axis = (np.arange(count, dtype=np.float32) + 0.5) * (2 / count) - 1
    return np.stack(np.meshgrid(axis, axis), -1)


def normalised(homographies: tf.Tensor, size: int) -> tf.Tensor:
    """Homographies (B, 8) in pixels (see warp.py) as matrices (B, 3, 3) of normalised coordinates."""
    half = 0.5 * (size - 1)
    to_pixels = tf.constant([[half, 0, half], [0, half, half], [0, 0, 1]], tf.float32)
    full = tf.reshape(tf.concat([homographies, tf.ones_like(homographies[:, :1])], axis=1), (-1, 3, 3))
    matrix = tf.linalg.inv(to_pixels) @ full @ to_pixels
    return matrix / matrix[:, 2:, 2:]


def localisation(truth: tf.Tensor, passes: list[tf.Tensor]) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """(loss, displacement that is left, displacement that there was) of what `passes_of` found.

    truth: (B, 3, 3), takes a point of the picture to the point of the mark that is seen there. The loss is the negative logarithm
    of a Laplace density (Kendall and Gal 2017): an error costs the less the less sure the cell was, and doubt costs too. The
    displacements are mean distances in fractions of the side; the second is the floor, that of a localiser that finds nothing.
    """
    cells = passes[0].shape[1]
    wanted, loss = true_field(truth, cells), 0.0
    floor = tf.reduce_mean(displacement(wanted))
    for field, matrix in zip(passes[::2], passes[1::2], strict=True):
        distance = (cells // CELLS) * tf.norm(wanted - field[..., :2] + 1e-9, axis=-1)
        # Times the spread, or the surest cells, whose slopes are steepest, would drown the message (Seitzer et al. 2022).
        likelihood = distance / spread(field) + 2 * tf.math.log(spread(field))
        loss += tf.reduce_mean(tf.stop_gradient(spread(field)) * likelihood)
        # The next pass sees the picture after this one.
        wanted = true_field(truth @ tf.stop_gradient(matrix), cells)
    return loss, tf.reduce_mean(displacement(wanted)), floor


def true_field(matrix: tf.Tensor, cells: int = CELLS) -> tf.Tensor:
    """Displacements (B, cells, cells, 2) that a perfect localiser sees in pictures whose points lie at `matrix` (B, 3, 3) in the mark.

    At most one side, so that a fit gone astray early in a training stays one bad sample among others.
    """
    centres = tf.constant(cell_centres(cells))
    points = tf.concat([centres, tf.ones_like(centres[..., :1])], axis=-1)
    mapped = tf.einsum("bij,hwj->bhwi", matrix, points)
    return tf.clip_by_value(mapped[..., :2] / tf.maximum(mapped[..., 2:], 0.1) - centres, -2.0, 2.0)


def displacement(field: tf.Tensor) -> tf.Tensor:
    """Mean length (B,) of displacements (B, N, N, 2) in fractions of the side."""
    return 0.5 * tf.reduce_mean(tf.norm(field, axis=-1), axis=(1, 2))


def spread(field):
    """How far off each cell (B, 8, 8) believes its displacement to be, in half sides."""
    return SMALLEST_SPREAD + ops.exp(field[..., 2])
