"""LPIPS, the perceptual distance of Zhang et al. 2018, as Functional Keras models over AlexNet, VGG-16 and SqueezeNet 1.1.

Layers are named after torchvision's modules ("features.3", "features.3.squeeze") and the reference's heads ("lin0.model.1"), so
the weights go where their names say; a convolution's ReLU is in the layer. Held by vectors of the reference package, version 0.1.4.
"""

from pathlib import Path

import keras
import tensorflow as tf

from longrun.errors import UserError
from stegastamp.network.backbones import load_backbone, load_heads

SMALLEST = 32
"""Pixels a side below which a backbone has nothing left in its last layer."""
# The reference's ScalingLayer, for images in [-1, 1].
_SHIFT, _SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)


class Lpips:
    """A distance with its weights: `distance(reference, image)`."""

    def __init__(self, model: keras.Model):
        self.model = model

    def __call__(self, reference: tf.Tensor, image: tf.Tensor) -> tf.Tensor:
        """Distance of each pair, (B,) float32: 0 for equal images, below 1 for most others.

        reference, image: (B, H, W, 3) floats in [0, 1], not whole numbers; at least 32x32. Differentiable in both.
        """
        return self.model([_checked("reference", reference), _checked("image", image)])


def load(net: str, folder: Path | str | None = None) -> Lpips:
    """The official LPIPS v0.1 with the backbone `net`: "alex" (the reference's default), "vgg" or "squeeze".

    Raises NoWeights with the command that makes the weights where they are missing, UserError for damaged ones.
    """
    backbone, heads = load_backbone(net, folder), load_heads(net)
    model = lpips_model(net)
    expected = {f"{layer.name}.{name}" for layer in _convolutions(model) for name in ("kernel", "bias")}
    if expected != set(backbone):
        raise UserError(f"the weights in the LPIPS folder are not those of {net!r}: {sorted(expected ^ set(backbone))} differ")
    for layer in _convolutions(model):
        layer.set_weights([backbone[f"{layer.name}.kernel"], backbone[f"{layer.name}.bias"]])
    for index, head in enumerate(heads):
        model.get_layer(f"lin{index}.model.1").set_weights([head])
    return Lpips(model)


def lpips_model(net: str) -> keras.Model:
    """The frozen model [reference, image] -> (B,), images (B, H, W, 3) float32 in [0, 1], weights not yet those of LPIPS.

    Its layer "contributions" has the share of each tapped layer, (B, layers), whose sum is the distance. Always float32: the
    differences of unit vectors drown in the rounding of half precision.
    """
    backbone = _backbone(net)
    reference = keras.Input((None, None, 3), name="reference", dtype="float32")
    image = keras.Input((None, None, 3), name="image", dtype="float32")
    contributions = []
    for index, (first, second) in enumerate(zip(backbone(reference), backbone(image), strict=True)):
        difference = keras.ops.square(_unit(first) - _unit(second))
        head = keras.layers.Conv2D(1, 1, use_bias=False, dtype="float32", name=f"lin{index}.model.1")
        contributions.append(keras.layers.GlobalAveragePooling2D(dtype="float32", name=f"lin{index}.mean")(head(difference)))
    shares = keras.layers.Concatenate(dtype="float32", name="contributions")(contributions)
    model = keras.Model([reference, image], keras.ops.sum(shares, axis=-1), name=f"lpips_{net}")
    model.trainable = False
    return model


def _backbone(net: str) -> keras.Model:
    image = keras.Input((None, None, 3), dtype="float32")
    # (2 image - 1 - shift) / scale
    factors, offsets = [2 / scale for scale in _SCALE], [(-1 - shift) / scale for shift, scale in zip(_SHIFT, _SCALE, strict=True)]
    scaled = keras.layers.Rescaling(factors, offsets, dtype="float32", name="scaling_layer")(image)
    taps = {"alex": _alexnet, "vgg": _vgg16, "squeeze": _squeezenet}[net](scaled)
    return keras.Model(image, taps, name=f"{net}_backbone")


def _alexnet(x):
    """Convolutions of torchvision's `alexnet`; taps after the ReLUs features.1, 4, 7, 9 and 11."""
    # torch pads both sides alike, where "same" with a stride pads by what is left over.
    x = keras.layers.ZeroPadding2D(2, dtype="float32")(x)
    first = _convolution("features.0", 64, 11, strides=4, padding="valid")(x)
    second = _convolution("features.3", 192, 5)(_pool("features.2")(first))
    third = _convolution("features.6", 384)(_pool("features.5")(second))
    fourth = _convolution("features.8", 256)(third)
    return [first, second, third, fourth, _convolution("features.10", 256)(fourth)]


def _vgg16(x):
    """Convolutions of torchvision's `vgg16`; taps after the last ReLU before each pooling: features.3, 8, 15, 22 and 29."""
    taps, index = [], 0
    for filters, count in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        if taps:
            x = _pool(f"features.{index}", 2)(x)
            index += 1
        for _ in range(count):
            x = _convolution(f"features.{index}", filters)(x)
            index += 2
        taps.append(x)
    return taps


def _squeezenet(x):
    """Convolutions of torchvision's `squeezenet1_1`; taps after features.1, 4, 7, 9, 10, 11 and 12."""
    x = _convolution("features.0", 64, strides=2, padding="valid")(x)
    taps = [x]
    for index, (squeezed, expanded) in {3: (16, 64), 4: (16, 64), 6: (32, 128), 7: (32, 128)}.items():
        if index in (3, 6):
            x = _ceiling_pool(f"features.{index - 1}", x)
        x = _fire(f"features.{index}", squeezed, expanded, x)
        if index in (4, 7):
            taps.append(x)
    x = _ceiling_pool("features.8", x)
    for index, (squeezed, expanded) in {9: (48, 192), 10: (48, 192), 11: (64, 256), 12: (64, 256)}.items():
        x = _fire(f"features.{index}", squeezed, expanded, x)
        taps.append(x)
    return taps


def _fire(name, squeezed, expanded, x):
    x = _convolution(f"{name}.squeeze", squeezed, 1)(x)
    sides = [_convolution(f"{name}.expand1x1", expanded, 1)(x), _convolution(f"{name}.expand3x3", expanded)(x)]
    return keras.layers.Concatenate(dtype="float32", name=name)(sides)


def _ceiling_pool(name, x):
    # torch's ceil_mode lets the last window reach one pixel over the edge; after a ReLU a zero there changes no maximum.
    return _pool(name)(keras.layers.ZeroPadding2D(((0, 1), (0, 1)), dtype="float32")(x))


def _pool(name, size=3):
    return keras.layers.MaxPooling2D(size, 2, dtype="float32", name=name)


def _convolution(name, filters, size=3, strides=1, padding="same"):
    return keras.layers.Conv2D(filters, size, strides, padding, activation="relu", dtype="float32", name=name)


def _convolutions(model):
    backbone = next(layer for layer in model.layers if isinstance(layer, keras.Model))
    return [layer for layer in backbone.layers if isinstance(layer, keras.layers.Conv2D)]


def _unit(features):
    # The reference divides by the norm + 1e-10. The floor under the root, far below any norm, keeps the gradient finite where all
    # channels are zero: XLA would make it 0/0.
    squared = keras.ops.sum(keras.ops.square(features), axis=-1, keepdims=True)
    return features / (keras.ops.sqrt(keras.ops.maximum(squared, 1e-20)) + 1e-10)


def _checked(name, images):
    images = tf.convert_to_tensor(images)
    if not images.dtype.is_floating:
        raise ValueError(f"the {name} images of LPIPS must be floats in [0, 1], not {images.dtype.name}")
    if images.shape.rank != 4 or images.shape[-1] != 3:
        raise ValueError(f"the {name} images of LPIPS must have shape (B, H, W, 3), not {tuple(images.shape)}")
    if any(side is not None and side < SMALLEST for side in images.shape[1:3]):
        raise ValueError(f"the {name} images of LPIPS must be at least {SMALLEST}x{SMALLEST}, not {images.shape[2]}x{images.shape[1]}")
    return tf.cast(images, tf.float32)
