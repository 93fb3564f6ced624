"""Lyapunov functions of the Syracuse map: functions V of a few features of n that are to fall at every step n -> T(n).

numbers: exact arithmetic, the features that a network sees, and the sets that are scored. functions: closed forms, the clock, and the
networks. bounds: how far any function can go. training: batches, losses and the loop. measure: what a V is worth, and why.

`collatz.load` opens a trained V: V(features) -> values.
"""

import lazy_loader

# On first use: a network's library takes its time to import, and many commands need none.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
