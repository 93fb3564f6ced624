"""StegaStamp in Keras 3: messages hidden in photos, and a training that says whether the message is carried.

After Tancik, Mildenhall and Ng, "StegaStamp: Invisible Hyperlinks in Physical Photographs", CVPR 2020.

    import stegastamp
    model = stegastamp.load()
    stamped = model.encode(image, "text")    # a NumPy array, a Pillow image, or the path of a file
    reading = model.decode(stamped)          # reading.message == "text", or None

`stegastamp.encode`, `decode` and `detect` do the same with released networks that are loaded once; `encode_film`, `decode_film` and
`detect_film` take files of films. None of it needs TensorFlow.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stegastamp.api import decode, detect, encode
    from stegastamp.detector.detect import detect_film
    from stegastamp.films.reading import FilmReading, decode_film
    from stegastamp.films.stamping import StampedFilm, encode_film
    from stegastamp.message.acceptance import Reading
    from stegastamp.pictures.codec import Codec, load

__all__ = [
    "Codec",
    "FilmReading",
    "Reading",
    "StampedFilm",
    "decode",
    "decode_film",
    "detect",
    "detect_film",
    "encode",
    "encode_film",
    "load",
]
_HOMES = {
    **dict.fromkeys(("encode", "decode", "detect"), "api"),
    "Codec": "pictures.codec",
    "load": "pictures.codec",
    "Reading": "message.acceptance",
    **dict.fromkeys(("FilmReading", "decode_film"), "films.reading"),
    **dict.fromkeys(("StampedFilm", "encode_film"), "films.stamping"),
    "detect_film": "detector.detect",
}


def __getattr__(name: str) -> object:
    # On first use: half of the commands need none of it.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
