"""hrm: recurrent reasoners that refine an answer segment by segment, and the safeguards that prove they read their input.

`python -m hrm train` trains one; `python -m hrm evaluate CHECKPOINT` judges it beside its floors.

    import hrm
    reasoner = hrm.load("checkpoints/released/hrm/sudoku9")    # reasoner.think(tokens, identifier).answer
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hrm.network.reasoner import Reasoner, load

__all__ = ["Reasoner", "load"]
_HOMES = {"Reasoner": "network.reasoner", "load": "network.reasoner"}


def __getattr__(name: str) -> object:
    # On first use: a network's library takes its time to import.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
