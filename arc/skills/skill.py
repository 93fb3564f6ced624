"""What a skill is: one rule with a verifier that applies it and a generator of fresh pairs."""

import random
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from longrun.errors import UserError


class DoesNotApply(UserError):
    """A skill's rule says nothing about this input."""


@dataclass(frozen=True)
class Skill:
    """One rule of the ARC-AGI-1 training set.

    id: the task that shows it. category: letter and number of the taxonomy of Ingram & Merritt 2025 (arXiv 2512.07109).
    solve(input) -> output applies the rule; DoesNotApply for an input that the rule says nothing about.
    generate(generator, cap, difficulty) -> (input, output), both int8 with sides <= cap; it builds the output from what it
    has drawn and does not call `solve`, so that each holds the other to account.
    """

    id: str
    category: str
    name: str
    rule: str
    solve: Callable[[np.ndarray], np.ndarray]
    generate: Callable[[random.Random, int, float], tuple[np.ndarray, np.ndarray]]


def only(values: np.ndarray, what: str) -> int:
    """The one value that all entries have; DoesNotApply if there is none or more than one."""
    found = np.unique(values)
    if len(found) != 1:
        raise DoesNotApply(f"expected one colour for {what}, found {found.tolist()}")
    return int(found[0])
