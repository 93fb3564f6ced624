"""Where released weights lie: in a checkout below checkpoints/released, in an installed package inside `longrun`."""

from pathlib import Path

import longrun

_PACKAGE = Path(longrun.__file__).resolve().parent


def released(project: str) -> Path:
    """The folder of a project's released weights; a wheel brings its own, whatever lies beside it."""
    inside = _PACKAGE / "released"
    return (inside if inside.is_dir() else _PACKAGE.parent / "checkpoints" / "released") / project
