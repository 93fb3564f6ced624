"""PyAV, imported when a film is first opened: photos need neither its time nor its hundred megabytes.

from stegastamp.films import pyav as av
"""

import importlib.util
from typing import Any

from longrun.extras import required


def is_installed() -> bool:
    """Whether films can be opened."""
    return importlib.util.find_spec("av") is not None


def __getattr__(name: str) -> Any:
    """What PyAV has of that name. Raises MissingPackage where it is not installed."""
    if name.startswith("__"):  # What Python asks of a module is answered by this one.
        raise AttributeError(name)
    return getattr(required("av"), name)
