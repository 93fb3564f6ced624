"""Health guards: they watch the logged numbers of a run and say, by name and step, why it is sick.

A guard sees the values of each logging interval and keeps a small JSON-able memory, which travels in the checkpoint.
"""

import math
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Protocol

ACTIONS = ("warn", "stop", "rollback")


@dataclass(frozen=True)
class Finding:
    """One diagnosis: which guard, at which step (None: not known), the quantity, its value and limit, and the cause in a sentence."""

    guard: str
    step: int | None
    quantity: str
    value: float
    limit: float
    cause: str

    def __str__(self) -> str:
        where = "" if self.step is None else f"step {self.step}: "
        return f"{where}{self.quantity} = {self.value:.4g} (limit {self.limit:.4g}): {self.cause}"


class Unhealthy(Exception):
    """A guard stopped the run. Exit code 3; the last good checkpoint stands."""

    exit_code = 3

    def __init__(self, findings: Sequence[Finding]):
        super().__init__("; ".join(str(finding) for finding in findings))
        self.findings = list(findings)

    def __reduce__(self):
        return type(self), (self.findings,)


class Guard(Protocol):
    """What `Health` asks of a guard."""

    name: str

    def check(self, step: int, values: Mapping[str, float]) -> Finding | None:
        """Look at the values of one logging interval; a missing quantity is no finding."""

    def state(self) -> dict:
        """JSON-able. "strikes", where it has them: bad intervals counted that are not a finding yet."""

    def load(self, state: dict) -> None: ...


class NonFinite:
    """Any logged quantity that is not finite. "nonfinite_step", where `Metrics.flush` gives it, is the exact step."""

    name = "non-finite"

    def check(self, step, values):
        sick = [quantity for quantity, value in values.items() if not math.isfinite(value)]
        if not sick:
            return None
        first = int(values.get("nonfinite_step", step))
        return Finding(self.name, first, sick[0], values[sick[0]], math.inf, f"not finite: {', '.join(sick)}")

    def state(self):
        return {}

    def load(self, state):
        pass


class OutOfRange:
    """A quantity outside [low, high] for `patience` intervals running, from step `after` on.

    Dead output (residual rms, share of the commonest class), explosion, input insensitivity (spread of the outputs over a batch, or
    what shuffling the inputs costs): the project measures it, this guard watches it. `cause` is the sentence of the finding.
    """

    def __init__(self, quantity, cause, *, low=-math.inf, high=math.inf, after=0, patience=1, name=None):
        self.name = name or f"{quantity} out of range"
        self._quantity, self._cause = quantity, cause
        self._low, self._high, self._after, self._patience = low, high, after, patience
        self._strikes = 0

    def check(self, step, values):
        value = values.get(self._quantity)
        if value is None or step < self._after:
            return None
        outside = not self._low <= value <= self._high
        self._strikes = self._strikes + 1 if outside else 0
        if self._strikes < self._patience:
            return None
        limit = self._low if value < self._low else self._high
        return Finding(self.name, step, self._quantity, value, limit, self._cause)

    def state(self):
        return {"strikes": self._strikes}

    def load(self, state):
        self._strikes = state["strikes"]


class AtFloor(OutOfRange):
    """What a model knows beyond its floor, still below `tolerance` after the warm-up: nothing is learnt.

    quantity: positive when something is learnt, e.g. score minus floor, or loss of the best constant answer minus loss.
    """

    def __init__(self, quantity, cause, *, tolerance, after, patience=3):
        super().__init__(quantity, cause, low=tolerance, after=after, patience=patience, name=f"{quantity} at its floor")


class Spike:
    """A quantity above `factor` times the median of its last `window` intervals."""

    def __init__(self, quantity, *, factor=10.0, window=20):
        self.name = f"{quantity} spike"
        self._quantity, self._factor = quantity, factor
        self._recent: deque[float] = deque(maxlen=window)

    def check(self, step, values):
        value = values.get(self._quantity)
        if value is None:
            return None
        full = len(self._recent) == self._recent.maxlen
        limit = self._factor * sorted(self._recent)[len(self._recent) // 2] if full else math.inf
        if math.isfinite(value):
            self._recent.append(value)
        if value > limit > 0:
            return Finding(self.name, step, self._quantity, value, limit, f"{self._quantity} jumped")
        return None

    def state(self):
        return {"recent": list(self._recent)}

    def load(self, state):
        self._recent.clear()
        self._recent.extend(state["recent"])


class Health:
    """All guards of a run and what to do when one finds something.

    action: "warn" prints each guard's first finding and goes on, "stop" raises Unhealthy, "rollback" asks the run to go back to its
    last checkpoint and take other data, `rollbacks` times at most, then stops. A retrace stops the run whatever the action: a
    StepFunction's RetraceError is Unhealthy too.
    """

    def __init__(self, guards: Sequence[Guard], action: str = "warn", rollbacks: int = 2):
        if action not in ACTIONS:
            raise ValueError(f"on-unhealthy is one of {', '.join(ACTIONS)}, not {action!r}")
        names = [guard.name for guard in guards]
        if len(set(names)) < len(names):
            twice = sorted({name for name in names if names.count(name) > 1})
            raise ValueError(f"two guards are named {', '.join(twice)}; their states would be mixed up")
        self._guards = list(guards)
        self._action = action
        self._rollbacks = rollbacks
        self.attempt = 0
        self.findings: list[Finding] = []
        self.sick = False
        """Whether a guard has ended the run, or asks for a rollback: what was saved while it counted is not to be kept."""

    @property
    def counting(self) -> bool:
        """Whether a guard that may stop the run is counting strikes: a checkpoint of now would be none of the good ones."""
        return self._action != "warn" and any(guard.state().get("strikes") for guard in self._guards)

    def check(self, step: int, values: Mapping[str, float]) -> bool:
        """Look at the values of an interval. True asks for a rollback: restore, then call `rolled_back`. May raise Unhealthy."""
        found = [finding for guard in self._guards if (finding := guard.check(step, values))]
        if not found:
            return False
        known = {finding.guard for finding in self.findings}
        self.findings += [finding for finding in found if finding.guard not in known]
        self.sick = self._action != "warn"
        if self._action == "stop" or (self._action == "rollback" and self.attempt >= self._rollbacks):
            raise Unhealthy(found)
        for finding in found:
            if finding.guard not in known or self._action == "rollback":
                print(f"unhealthy: {finding}", flush=True)
        return self._action == "rollback"

    def rolled_back(self, state: dict) -> None:
        """Take over the restored state but remember this attempt; `attempt` changes the data, or the run would fall ill again."""
        attempt, findings = self.attempt + 1, self.findings
        self.load(state)
        self.attempt, self.findings, self.sick = attempt, findings, False

    def state(self) -> dict:
        """What a checkpoint must hold."""
        guards = {guard.name: guard.state() for guard in self._guards}
        return {"attempt": self.attempt, "guards": guards, "findings": [asdict(finding) for finding in self.findings]}

    def load(self, state: dict) -> None:
        """Take over a saved state."""
        self.attempt = state["attempt"]
        self.findings = [Finding(**finding) for finding in state["findings"]]
        for guard in self._guards:
            if guard.name in state["guards"]:
                guard.load(state["guards"][guard.name])


def table(findings: Sequence[Finding]) -> str:
    """The findings as a Markdown table."""
    steps = ["-" if finding.step is None else finding.step for finding in findings]
    rows = [
        f"| {f.guard} | {step} | {f.quantity} | {f.value:.4g} | {f.limit:.4g} | {f.cause} |"
        for f, step in zip(findings, steps, strict=True)
    ]
    return "\n".join(["| guard | step | quantity | value | limit | cause |", "|---|---|---|---|---|---|", *rows])
