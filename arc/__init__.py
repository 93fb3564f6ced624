"""ARC: a transformer ablation done right. Grid tasks, skills that generate them, models, floors and audits.

`arc.grids`, `arc.skills` and `arc.measure.floors` are plain NumPy and import no TensorFlow.

`arc.solve` answers a set of tasks by training on each one; `arc.load` opens a trained model.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from arc.network.answerer import load
    from arc.solving.solve import solve

__all__ = ["load", "solve"]
_HOMES = {"load": "network.answerer", "solve": "solving.solve"}


def __getattr__(name: str) -> object:
    # On first use: a network's library takes its time to import.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
