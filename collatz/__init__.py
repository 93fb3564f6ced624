"""Lyapunov functions of the Syracuse map: functions V of a few features of n that are to fall at every step n -> T(n).

numbers: exact arithmetic, the features that a network sees, and the sets that are scored. functions: closed forms, the clock, and the
networks. bounds: how far any function can go. training: batches, losses and the loop. measure: what a V is worth, and why.

`collatz.load` opens a trained V: V(features) -> values.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collatz.functions.lyapunov import load

__all__ = ["load"]
_HOMES = {"load": "functions.lyapunov"}


def __getattr__(name: str) -> object:
    # On first use: a network's library takes its time to import.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
