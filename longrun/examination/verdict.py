"""What a check says: a verdict with its value, its floor, its limit, and what to do."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

OK, SICK, OPEN = "ok", "SICK", "not applicable"
HEADING = ("check", "verdict", "value", "floor", "limit", "seconds", "what was found")


@dataclass(frozen=True)
class Verdict:
    """What one check found.

    check: its name. status: "ok", "SICK", or "not applicable", which is never the same as "ok".
    value: what was measured, in the unit that `found` names; floor: what a predictor scores that learns nothing; limit: where the
        verdict changes. None where there is none.
    found: a sentence. advice: what to do about it; empty where nothing is to be done. seconds: how long the check took.
    """

    check: str
    status: str
    found: str
    value: float | None = None
    floor: float | None = None
    limit: float | None = None
    advice: str = ""
    seconds: float = 0.0

    def named(self, check: str, seconds: float) -> "Verdict":
        """The same with the name of its check and the time that it took."""
        return replace(self, check=check, seconds=round(seconds, 2))

    def numbers(self) -> dict:
        """JSON-able; what is not finite stands as a string."""
        values = asdict(self)
        for name in ("value", "floor", "limit"):
            if values[name] is not None and not math.isfinite(values[name]):
                values[name] = str(values[name])
        return values


def judged(
    healthy: bool,
    found: str,
    value: float | None = None,
    *,
    floor: float | None = None,
    limit: float | None = None,
    advice: str,
) -> Verdict:
    """ok, or SICK with its advice."""
    value, floor, limit = (None if number is None else float(number) for number in (value, floor, limit))
    return Verdict("", OK if healthy else SICK, found, value, floor, limit, "" if healthy else advice)


def fine(found: str, value: float | None = None, *, floor: float | None = None, limit: float | None = None) -> Verdict:
    """ok."""
    return judged(True, found, value, floor=floor, limit=limit, advice="")


def not_applicable(reason: str, **numbers: float) -> Verdict:
    """No verdict; reason: what follows "because"."""
    return Verdict("", OPEN, f"because {reason}", **numbers)


def table(verdicts: Sequence[Verdict]) -> str:
    """The verdicts as a Markdown table, what to do below it."""
    lines = ["| " + " | ".join(HEADING) + " |", "|" + "---|" * len(HEADING), *map(row, verdicts)]
    todo = [f"{v.check}: {v.advice}" for v in verdicts if v.advice]
    return "\n".join(lines + (["", "What to do:"] if todo else []) + [f"- {line}" for line in todo])


def row(verdict: Verdict) -> str:
    """One line of the table."""
    numbers = map(_number, (verdict.value, verdict.floor, verdict.limit))
    return "| " + " | ".join([verdict.check, verdict.status, *numbers, f"{verdict.seconds:.1f}", verdict.found]) + " |"


def _number(value):
    return "-" if value is None else f"{value:.4g}"
