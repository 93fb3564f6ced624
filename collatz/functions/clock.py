"""The clock (new here): a function of the features that falls on all but about one step in a thousand, without training.

A step multiplies n by 3 (1 + 1/(3n)) and divides it by a power of two, so the fractional part of log2 n turns by log2 3 whatever the
valuation is. That phase is a clock: it tells how many steps from now it will next stand in an arc of width w, a number that falls by one
at every step and rises only when the arc is reached, on a share w of all steps. No valuation need be known for that; w is limited only by
how exactly the features tell ln n.

The window does the rest. Let y be any estimate of the time left, in steps, and V the first moment from y on at which the phase
stands in the arc. Then V falls unless y' > V - 1 after the step, so a step on which y rises against its own count by e = y' + 1 - y > 0
violates with probability w e, and all others never do. The expected number of violations is w times the hinge loss of y with margin one.
Here y = max_j (S_j / pace + j), which e is zero for unless the new value of the window is a record.

Near one the 1 in 3n + 1 turns the phase too, and the clock is of no use. There V is the number of steps left, which is known once the
window reaches a number of the endgame.
"""

from functools import cache

import numpy as np

from collatz.functions.closed_forms import ValueFunction, log_orbit, raise_multiples_of_three
from collatz.numbers.syracuse import LOG2_3, trajectory

ARC = 0.0032
"""Width w of the arc in bits. Below it the return times grow from 306 steps, and float32's grain of 4e-6 bits begins to matter."""
PACE_TIMES_LOOKAHEAD = 1.2
"""`pace` x lookahead in nats: the pace that makes records of y rare and small, measured on fresh random numbers."""
HEIGHT = 1e5
"""Above any time the clock shows: at most 115 nats / pace of 0.019 nats a step, and two returns to the arc."""
ENDGAME = 64
"""The endgame are the 21 odd numbers whose trajectories stay below this; on fresh random numbers larger ones gain little."""


def clock(lookahead: int, arc: float = ARC, pace: float | None = None, endgame: bool = True) -> ValueFunction:
    """V in steps, (B,) float64 integers, for features of `lookahead` valuations; 0 < arc < 1, pace in nats per step > 0.

    Once the window reaches the endgame, the steps left are known and V is them, below everything else; without `endgame` the clock
    alone answers there too. Multiples of three stand above.
    """
    if not 0 < arc < 1:
        raise ValueError(f"the clock's arc is {arc}, it must be in (0, 1)")
    pace = PACE_TIMES_LOOKAHEAD / lookahead if pace is None else pace
    if pace <= 0:
        raise ValueError(f"the clock's pace is {pace}, it must be positive")

    def value(features: np.ndarray) -> np.ndarray:
        orbit = log_orbit(features)
        count = np.arange(orbit.shape[1])
        estimate = np.ceil((orbit / pace + count).max(axis=1))
        arrival = next_arrival(orbit, estimate, arc)
        if not endgame:
            return arrival
        last, after = _last_number(orbit)
        # Both count the step from the last number on, unless that is one.
        steps_left = (orbit > 0.5).sum(axis=1) + after - (last > 1)
        below = steps_left - orbit.shape[1] - endgame_steps().max()
        return np.where(after >= 0, below, arrival)

    return raise_multiples_of_three(value, HEIGHT)


def in_endgame(features: np.ndarray) -> np.ndarray:
    """Whether the window reaches the endgame, so that V is looked up, (B,) bool. Then the step from there cannot violate."""
    return _last_number(log_orbit(features))[1] >= 0


def _last_number(orbit: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The window's last number, ENDGAME where it is larger, and the steps from there to one, -1 outside the endgame; (B,) each."""
    last = np.rint(np.exp(np.minimum(orbit[:, -1], np.log(ENDGAME)))).astype(int)
    return last, endgame_steps()[last]


def next_arrival(orbit: np.ndarray, earliest: np.ndarray, arc: float) -> np.ndarray:
    """The first number of steps from `earliest` (B,) on, both counted from now, at which the phase stands in the arc, (B,) float64.

    `orbit` (B, L + 1) are the known logarithms in nats. The phase is read at their maximum: the larger the number, the less the 1 in
    3n + 1 turns it, and the same number is read as long as it stays the maximum.
    """
    peak = np.argmax(orbit, axis=1)
    bits = orbit[np.arange(len(orbit)), peak] / np.log(2)
    phase = (bits + (earliest - peak) * LOG2_3) % 1
    borders, waits = arc_waits(arc)
    return earliest + waits[np.searchsorted(borders, phase, side="right") - 1]


@cache
def endgame_steps() -> np.ndarray:
    """Steps from m to one for each m of the endgame, else -1: (ENDGAME + 1,) int64. With m the endgame holds T(m)."""
    steps = np.full(ENDGAME + 1, -1)
    for number in range(1, ENDGAME, 2):
        path = trajectory(number)
        if max(path) < ENDGAME:
            steps[number] = len(path) - 1
    return steps


@cache
def arc_waits(arc: float) -> tuple[np.ndarray, np.ndarray]:
    """Steps until a phase first stands in [0, arc) when it turns by log2 3 a step: (borders (P,) ascending in [0, 1), waits (P,)).

    The wait is waits[i] from borders[i] to the next border, the last one going on through zero.
    """
    turn, turns = LOG2_3 % 1, 0
    # The wait of a phase is the first t with phase + t turn in the arc; as many t as cover the circle give all borders.
    while True:
        turns = max(16, 2 * turns)
        starts = (-turn * np.arange(turns)) % 1
        borders = np.unique(np.concatenate([starts, (starts + arc) % 1]))
        middles = (borders + np.diff(borders, append=borders[0] + 1) / 2) % 1
        waits = np.full(len(borders), -1)
        for step in range(turns - 1, -1, -1):
            waits[(middles + step * turn) % 1 < arc] = step
        if (waits >= 0).all():
            return borders, waits
