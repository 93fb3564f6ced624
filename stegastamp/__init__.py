"""StegaStamp in Keras 3: messages hidden in photos, and a training that says whether the message is carried.

After Tancik, Mildenhall and Ng, "StegaStamp: Invisible Hyperlinks in Physical Photographs", CVPR 2020.

    import stegastamp
    model = stegastamp.load()
    stamped = model.encode(image, "text")    # a NumPy array, a Pillow image, or the path of a file
    reading = model.decode(stamped)          # reading.message == "text", or None

`stegastamp.encode`, `decode` and `detect` do the same with released networks that are loaded once. None of it needs TensorFlow.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stegastamp.api import decode, detect, encode
    from stegastamp.message.acceptance import Reading
    from stegastamp.pictures.codec import Codec, load

__all__ = ["Codec", "Reading", "decode", "detect", "encode", "load"]
_HOMES = {
    **dict.fromkeys(("encode", "decode", "detect"), "api"),
    "Codec": "pictures.codec",
    "load": "pictures.codec",
    "Reading": "message.acceptance",
}


def __getattr__(name: str) -> object:
    # On first use: half of the commands need none of it.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
