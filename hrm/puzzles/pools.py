"""Puzzles that take long to make, kept on disk: each file is named for the seed and the settings that it follows from."""

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from longrun.run.output import output


def folder() -> Path:
    """$HRM_CACHE, else hrm/ in the user's cache folder ($XDG_CACHE_HOME or ~/.cache)."""
    if named := os.environ.get("HRM_CACHE"):
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hrm"


def kept(settings: dict, make: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """The arrays that `make` gives, made once for these settings; all of them int8, int16 or float32. Raises OSError.

    settings: everything that the arrays follow from.
    """
    name = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:24]
    path = folder() / "pools" / f"{name}.npz"
    if not path.exists():
        arrays = make()
        path.parent.mkdir(parents=True, exist_ok=True)
        with output(path) as beside:
            np.savez_compressed(beside, **arrays)
    with np.load(path, allow_pickle=False) as stored:
        return {key: stored[key] for key in stored.files}
