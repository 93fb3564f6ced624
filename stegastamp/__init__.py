"""StegaStamp in Keras 3: messages hidden in photos, and a training that says whether the message is carried.

After Tancik, Mildenhall and Ng, "StegaStamp: Invisible Hyperlinks in Physical Photographs", CVPR 2020.

    import stegastamp
    model = stegastamp.load()
    stamped = model.encode(image, "text")
    reading = model.decode(stamped)      # reading.message == "text", or None
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stegastamp.message.acceptance import Reading
    from stegastamp.pictures.codec import Codec, load

__all__ = ["Codec", "Reading", "load"]
_HOMES = {"Codec": "pictures.codec", "load": "pictures.codec", "Reading": "message.acceptance"}


def __getattr__(name: str) -> object:
    # On first use: TensorFlow takes seconds to import, and half of the commands never need it.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
