"""A guard from a condition over the numbers of a line, for causes that one number alone does not show."""

import math
from collections.abc import Callable, Mapping, Sequence

from longrun.health.guards import Finding


class Watch:
    """A finding where `sick(values)` holds for `patience` lines running, from step `after` on.

    quantity: the number that the finding shows, beside `limit`. needs: further quantities that `sick` reads. A line that lacks one of
    them says nothing and changes nothing. cause: the sentence of the finding.
    """

    def __init__(
        self,
        name: str,
        quantity: str,
        cause: str,
        sick: Callable[[Mapping[str, float]], bool],
        *,
        limit: float,
        needs: Sequence[str] = (),
        after: int = 0,
        patience: int = 1,
    ):
        self.name = name
        self._quantity, self._cause, self._sick, self._limit = quantity, cause, sick, limit
        self._needs, self._after, self._patience = {quantity, *needs}, after, patience
        self._strikes = 0

    def check(self, step: int, values: Mapping[str, float]) -> Finding | None:
        """Look at the values of one logging interval."""
        if step < self._after or not self._needs <= set(values):
            return None
        self._strikes = self._strikes + 1 if self._sick(values) else 0
        if self._strikes < self._patience:
            return None
        return Finding(self.name, step, self._quantity, values[self._quantity], self._limit, self._cause)

    def state(self) -> dict:
        """The strikes."""
        return {"strikes": self._strikes}

    def load(self, state: dict) -> None:
        """Take over a saved state."""
        self._strikes = state["strikes"]


class Schedules:
    """A scheduled number that changes on the host and not in the step: a trace has frozen it.

    names: for each, a line has "NAME" (the schedule's value) and "used_NAME" (what the step returns as the value that it used).
    What it sees: a number of the schedule that never reaches the compiled step. What it cannot see: a number that the step does not
    return. Cost: two comparisons a line.
    """

    name = "schedule frozen"

    def __init__(self, names: Sequence[str], patience: int = 3):
        self._names, self._patience = tuple(names), patience
        self._first: dict[str, list[float]] = {}
        self._strikes = 0

    def check(self, step: int, values: Mapping[str, float]) -> Finding | None:
        """Look at the values of one logging interval."""
        for name in self._names:
            used = f"used_{name}"
            if not {name, used} <= set(values):
                continue
            scheduled, seen = self._first.setdefault(name, [values[name], values[used]])
            moved = abs(values[name] - scheduled) > 0.1 * max(abs(values[name]), abs(scheduled))
            self._strikes = self._strikes + 1 if moved and values[used] == seen else 0
            if self._strikes >= self._patience:
                cause = f"{name} went from {scheduled:.4g} to {values[name]:.4g}, and the step still uses {seen:.4g}: its trace froze it"
                return Finding(self.name, step, used, values[used], values[name], cause)
        return None

    def state(self) -> dict:
        """The first values and the strikes."""
        return {"strikes": self._strikes, "first": self._first}

    def load(self, state: dict) -> None:
        """Take over a saved state."""
        self._strikes, self._first = state["strikes"], {name: list(pair) for name, pair in state["first"].items()}


class CutByNoise:
    """A learning rate that a plateau rule cuts because of noise: the best value that the rule has kept came about by chance.

    Call `observe(metric, best, rate)` where the plateau rule observes. A cut counts where the best value of the rule lies more than
    `deviations` standard deviations of the metric below its mean over the last `window` observations: no plateau has been seen, but
    the rare low end of the noise. What it sees: plateau rules fed with single noisy batches. What it cannot see: a rule that cuts too
    early on a smooth metric. Cost: one addition an observation.
    """

    name = "rate cut by noise"

    def __init__(self, cuts: int = 3, deviations: float = 1.5, window: int = 50):
        self._limit, self._deviations, self._window = cuts, deviations, window
        self._recent: list[float] = []
        self._cuts, self._rate, self._lowest = 0, math.inf, 0.0

    def observe(self, metric: float, best: float, rate: float) -> None:
        """One observation of the rule, the best metric that it holds, and its rate after the observation."""
        self._recent = [*self._recent[1 - self._window :], float(metric)]
        if rate < self._rate < math.inf and len(self._recent) > 3:
            mean = sum(self._recent) / len(self._recent)
            deviation = math.sqrt(sum((one - mean) ** 2 for one in self._recent) / (len(self._recent) - 1))
            self._cuts += best < mean - self._deviations * deviation
            self._lowest = (best - mean) / max(deviation, 1e-12)
        self._rate = rate

    def check(self, step: int, values: Mapping[str, float]) -> Finding | None:
        """A finding once `cuts` cuts were made by noise."""
        if self._cuts < self._limit:
            return None
        cause = (
            f"the learning rate was cut {self._cuts} times, down to {self._rate:.3g}, because single losses were compared with a lucky "
            f"one, {-self._lowest:.1f} deviations under their mean"
        )
        return Finding(self.name, step, "cuts", self._cuts, self._limit, cause)

    def state(self) -> dict:
        """All that it has counted."""
        rate = self._rate if math.isfinite(self._rate) else None
        return {"strikes": self._cuts, "recent": self._recent, "rate": rate, "lowest": self._lowest}

    def load(self, state: dict) -> None:
        """Take over a saved state."""
        self._cuts, self._recent, self._lowest = state["strikes"], list(state["recent"]), state["lowest"]
        self._rate = math.inf if state["rate"] is None else state["rate"]
