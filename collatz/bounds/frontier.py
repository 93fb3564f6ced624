"""How few violations a function of (ln n, window) can have: lower bounds by packing loops.

Model: n is random, odd and large. Its valuations are independent with P(k) = 2^-k, all residues mod 81 are equally likely, ln n is spread
evenly, and the three are independent of each other. For valuations and residues of an n that is drawn evenly from a long range this is
exact; for ln n, and for leaving out the 1 in 3n + 1, it is the limit of large n. A violation is a step on which V does not fall.

Loop. Valuations k_1 ... k_m repeated for ever bring the window back after m steps and ln n back up to delta = m ln 3 - b ln 2 with
b = k_1 + ... + k_m. If V cannot tell the end of the loop from its beginning, it cannot have fallen on all m steps, so every loop holds a
violating step. Give each loop a weight y >= 0 such that no step is used more than it occurs: at every step, which is a window of
lookahead + 1 valuations of sum s (and a residue), the weights of the loops through it add up to at most its probability 2^-s. Then at
least the sum of all loops' weights violates. Here y depends on (m, b) alone, which makes the best weights a linear programme with one
row for each s; any feasible weights give a valid bound, so nothing rests on the solver.

What V can tell decides which loops count:
- a function of the window alone (and residues) sees no ln n: every loop.
- a function that does not fall when ln n rises under the same window (such as the window maximum): every loop with delta >= 0.
- resolution r: a step is safe if V falls on it even when the two logarithms are off by up to r / 2 each. Shift the i-th number of a loop
  by delta (1/2 - i/m): the loop closes and no shift passes |delta| / 2. So every loop with |delta| <= r holds an unsafe step, whatever V.
The same packing bounds the mean hinge loss with margin one of any y: around a closed loop y returns to itself, so m steps lose at least m.
That is how far the window can help the clock.

For exact ln n no bound is possible: delta is never zero, and the clock (collatz.functions.clock) violates on any share w > 0 of the steps
that one likes, with no window at all. What limits it is the resolution alone.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.optimize import linprog
from scipy.special import gammaln

from collatz.functions.closed_forms import ValueFunction
from collatz.numbers.features import RESIDUE_MODULI, check_lookahead, feature_batch
from collatz.numbers.syracuse import LOG2_3

LONGEST_LOOP = 110
LONGEST_MONOTONE_LOOP = 40
"""Steps beyond the lookahead. Longer loops hardly raise the bound and take seconds."""
NEGLIGIBLE = 1e-9
"""Share of all steps that a loop's weight is not worth mentioning below."""
FINEST = 81
"""The modulus of the finest residue among the features."""
VIOLATIONS = "violations, if V never falls where ln n alone rises"
UNSAFE = {f"unsafe steps, ln n told to {resolution:g} nats": resolution for resolution in (0.1, 0.01)}
"""What `bounds` bounds -> resolution in nats."""
SHIFTS = 9
UNSAFE_ROWS = 4096
GRAIN = 40 * math.log(10) * 2**-24
"""Nats between two float32 values of log10(n) / 40 from n = 10^20 on: 5.5e-6."""


@dataclass(frozen=True)
class Loop:
    """Loops of `steps` steps and `halvings` factors two; `rate` is their part of the bound, `gap` = delta in nats."""

    steps: int
    halvings: int
    gap: float
    rate: float


@dataclass(frozen=True)
class PackingBound:
    """At least the share `rate` of all odd n violates (or is unsafe, or the loss, see above); `loops` prove it, the heaviest first."""

    rate: float
    loops: tuple[Loop, ...]


def resolution_bound(lookahead: int, resolution: float, modulus: int = 1, longest: int = LONGEST_LOOP) -> PackingBound:
    """Unsafe steps at `resolution` nats of ln n, for any V of ln n, the window, and n mod `modulus` (1, 3, 9, 27 or 81).

    Zero if no loop of at most `longest` steps closes that well.
    """
    if not resolution >= 0:
        raise ValueError(f"resolution is {resolution}, it must be at least 0")
    return packing_bound(lookahead, lambda gap: abs(gap) <= resolution, modulus, longest)


def monotone_bound(lookahead: int, modulus: int = 1, longest: int = LONGEST_LOOP) -> PackingBound:
    """Violations of any V that does not fall when ln n rises under the same window and residue."""
    return packing_bound(lookahead, lambda gap: gap >= 0, modulus, longest)


def window_bound(lookahead: int, modulus: int = 1, longest: int = LONGEST_LOOP) -> PackingBound:
    """Violations of any V of the window and n mod `modulus` alone."""
    return packing_bound(lookahead, lambda gap: True, modulus, longest)


def hinge_bound(lookahead: int, resolution: float, modulus: int = 1, longest: int = LONGEST_LOOP) -> PackingBound:
    """Mean of max(0, 1 - (y(n) - y(T n))) of any y of ln n, the window, and n mod `modulus`, under the worst shifts at `resolution`."""
    return packing_bound(lookahead, lambda gap: abs(gap) <= resolution, modulus, longest, loss_per_step=True)


def grain_bound(lookahead: int) -> float:
    """Unsafe share of all odd n at the grain of the features, by the shortest loop that closes within it: 15,601 steps.

    A V that sees n mod 81 knows no more than one that sees the four valuations before n, whose windows begin four steps earlier. A
    random n is not as likely to have a history as its valuations are, 2^-s, but lambda times that can be found for each.
    """
    check_lookahead(lookahead)
    before = round(math.log(FINEST, 3))
    window = lookahead + 1 + before
    loops = ((m, b) for m in range(window + 1, 10**6) for b in (math.floor(m * LOG2_3), math.ceil(m * LOG2_3)))
    steps, halvings = next((m, b) for m, b in loops if abs(loop_gap(m, b)) <= GRAIN)
    sums = np.arange(window, halvings - steps + window + 1)
    usage = math.log(steps) + _log_choose(halvings - 1 - sums, steps - 1 - window) - _log_choose(halvings - 1, steps - 1)
    share = math.exp(-float((usage + sums * math.log(2)).max()))
    history = residue_histories(before, 60) @ 2.0 ** -np.arange(61)
    return share / (FINEST * float(history.max()))


def _log_choose(total, chosen):
    return gammaln(total + 1.0) - gammaln(chosen + 1.0) - gammaln(total - chosen + 1.0)


@cache
def bounds(lookahead: int) -> dict[str, float]:
    """What is proved about any V of ln n, the window and n mod 81, as shares of all large odd n: what is bounded -> at least."""
    found = {VIOLATIONS: monotone_bound(lookahead, FINEST, lookahead + LONGEST_MONOTONE_LOOP).rate}
    found |= {name: resolution_bound(lookahead, resolution, FINEST).rate for name, resolution in UNSAFE.items()}
    found["unsafe steps, ln n told as float32 does, to 5.5e-6 nats"] = grain_bound(lookahead)
    return found


def measured(value: ValueFunction, lookahead: int, numbers: np.ndarray) -> dict[str, float]:
    """What `bounds` bounds, of a V as it is built, at odd `numbers` (2, B): VIOLATIONS and the UNSAFE shares of the steps from there.

    A step counts as unsafe if V does not fall for some of SHIFTS even shifts of either logarithm within the resolution: at least as
    many are.
    """
    here, following = feature_batch(numbers, lookahead, (0, 1)).features
    found = {VIOLATIONS: float((~(value(here) - value(following) > 0)).mean())}
    some = slice(UNSAFE_ROWS)
    for name, resolution in UNSAFE.items():
        shifts = np.linspace(-resolution / 2, resolution / 2, SHIFTS) / (40 * math.log(10))
        lowest = np.min([value(_shifted(here[some], shift)) for shift in shifts], axis=0)
        highest = np.max([value(_shifted(following[some], shift)) for shift in shifts], axis=0)
        found[name] = float((~(lowest > highest)).mean())
    return found


def _shifted(features, shift):
    shifted = features.copy()
    shifted[:, 0] += np.float32(shift)
    return shifted


def packing_bound(
    lookahead: int, closes: Callable[[float], bool], modulus: int = 1, longest: int = LONGEST_LOOP, loss_per_step: bool = False
) -> PackingBound:
    """The best packing of the loops of at most `longest` steps whose gap in nats `closes`.

    A loop counts for one violation, or with `loss_per_step` for a loss of one on each of its steps.
    """
    check_lookahead(lookahead)
    if modulus not in (1, *RESIDUE_MODULI):
        raise ValueError(f"modulus is {modulus}, it must be 1 or one of {RESIDUE_MODULI}")
    # n mod 3^j is settled by the j valuations before n, so a loop's step is given by j + lookahead + 1 of its valuations.
    before = round(math.log(modulus, 3))
    shortest = lookahead + 1 + before + 1
    loops = [(m, b) for m in range(shortest, longest + 1) for b in range(m, 3 * m) if closes(loop_gap(m, b))]
    if not loops:
        return PackingBound(0.0, ())
    histories = residue_histories(before, 3 * longest)
    usage = np.stack([_usage(m, b, lookahead + 1, histories, 3 * longest) for m, b in loops], axis=1)
    # A loop that fills some step a billion times over adds nothing, and the solver refuses such numbers.
    worthwhile = usage.max(axis=0) < 1 / NEGLIGIBLE
    loops, usage = [loop for loop, kept in zip(loops, worthwhile, strict=True) if kept], usage[:, worthwhile]
    if not loops:
        return PackingBound(0.0, ())
    worth = np.array([steps if loss_per_step else 1 for steps, _ in loops], float)
    solution = linprog(-worth, A_ub=usage, b_ub=np.ones(len(usage)), method="highs")
    if solution.x is None:
        raise RuntimeError(f"no packing found: {solution.message}")
    # Made feasible to the last digit, the weights prove the bound by themselves.
    rates = np.maximum(0, solution.x)
    rates /= max(1.0, float((usage @ rates).max()) * (1 + 1e-9))
    rates *= worth
    used = [Loop(m, b, loop_gap(m, b), float(rate)) for (m, b), rate in zip(loops, rates, strict=True) if rate > NEGLIGIBLE]
    return PackingBound(float(rates.sum()), tuple(sorted(used, key=lambda loop: -loop.rate)))


def loop_gap(steps: int, halvings: int) -> float:
    """delta = steps ln 3 - halvings ln 2: what a loop of large numbers adds to ln n."""
    return steps * math.log(3) - halvings * math.log(2)


def residue_histories(length: int, largest_sum: int) -> np.ndarray:
    """How many sequences of `length` valuations of each sum end at each n mod 3^length: (residues, largest_sum + 1) float64.

    Residues that no sequence reaches, multiples of three, are left out.
    """
    counts = {0: np.eye(1, largest_sum + 1)[0]}
    for position in range(1, length + 1):
        modulus, following = 3**position, {}
        for residue, sums in counts.items():
            for k in range(1, largest_sum + 1):
                target = (3 * residue + 1) * pow(2, -k, modulus) % modulus
                shifted = np.concatenate([np.zeros(k), sums[:-k]])
                following[target] = following.get(target, 0) + shifted
        counts = following
    return np.stack([counts[residue] for residue in sorted(counts)])


def _usage(steps: int, halvings: int, window: int, histories: np.ndarray, largest_sum: int) -> np.ndarray:
    """How far loops of total rate one fill each step's probability, flat over (residue, sum of the step's window).

    Rate z means weight y = z m / C(b - 1, m - 1), for C(b - 1, m - 1) sequences, each found at its m rotations.
    """
    before = round(math.log(len(histories) / 2, 3)) + 1 if len(histories) > 1 else 0
    rest = steps - window - before
    total = math.comb(halvings - 1, steps - 1)
    # sequences[t] of the other valuations, of sum t, as a share of all sequences.
    sequences = np.array([math.comb(t - 1, rest - 1) / total if t >= rest else 0.0 for t in range(largest_sum + 1)])
    around = np.array([np.convolve(history, sequences)[: largest_sum + 1] for history in histories])
    sums = np.arange(window, halvings - rest - before + 1)
    filled = np.zeros((len(histories), largest_sum + 1))
    filled[:, sums] = steps * 3.0**before * around[:, halvings - sums] * 2.0**sums
    return filled[:, window:].ravel()
