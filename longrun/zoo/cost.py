"""What all guards together cost, on a training whose step is of a usual size, at the usual cadence."""

import statistics
import time
from dataclasses import dataclass

import longrun

STEPS, LINE, EVALUATION = 30, 50, 500
"""Steps beside which all is timed; steps between lines and evaluations, RunSettings' defaults."""
PAIRS = 200
"""Steps that are timed with and without the guards' part in them: what it takes is less than the noise of a few steps."""


@dataclass(frozen=True)
class Cost:
    """Milliseconds of processor time."""

    step: float
    """Of a step without guards."""
    inside: float
    """What the guards add inside the step."""
    each_step: float
    """What they take beside each step."""
    line: float
    """For a line of metrics."""
    evaluation: float
    """For an evaluation."""

    @property
    def share(self) -> float:
        """Of the step time, all together."""
        return (max(self.inside, 0.0) + self.each_step + self.line / LINE + self.evaluation / EVALUATION) / self.step

    def __str__(self) -> str:
        return (
            f"All guards together cost {self.share:.2%} of the step time: on a step of {self.step:.1f} ms they add {self.inside:+.3f} ms "
            f"inside the step and {self.each_step:.3f} ms beside it, {self.line:.2f} ms to a line (each {LINE} steps) and "
            f"{self.evaluation:.1f} ms to an evaluation (each {EVALUATION} steps)."
        )


def measure() -> Cost:
    """Time the same step with and without guards, in turns, and what guards do outside of it. Processor time, medians."""
    from longrun.zoo.training import parts_of

    parts = parts_of("grid", ("large",), "")  # 24 times as many grids as the zoo's.
    parts.begin(100)
    plain = longrun.StepFunction(parts.step_function(noting=""))
    steps: dict[bool, list[float]] = {True: [], False: []}
    sides: dict[str, list[float]] = {"each step": [], "line": [], "evaluation": []}
    for step in range(PAIRS + 2):
        batch, values = parts.specimen.rows(step), parts.scalars(step)
        if step < STEPS + 2:
            sides["each step"].append(_timed(lambda step=step, batch=batch: parts.evidence.see(step, batch)))
        for noted, function in ((True, parts.step), (False, plain)) if step % 2 else ((False, plain), (True, parts.step)):
            steps[noted].append(_timed(lambda function=function, batch=batch, values=values: float(function(batch, values)["loss"])))
        if step >= STEPS + 2:
            continue
        sides["line"].append(_timed(lambda batch=batch: parts.evidence.begin_line(batch)))
        line = {"loss": 1.0}
        spent = _timed(lambda batch=batch, line=line: line.update(parts.evidence.look(batch)))
        sides["evaluation"].append(spent)
        sides["line"][-1] += _timed(lambda step=step, line=line: parts.evidence.health.check(step, line))
    seen = sides["each step"][2:]
    medians = {name: 1000 * statistics.median(values[2:]) for name, values in sides.items()}
    alone = 1000 * statistics.median(steps[False][2:])
    # Each step against itself: what the machine does beside changes slowly, and falls out.
    inside = 1000 * statistics.median(noted - plain for noted, plain in zip(steps[True][2:], steps[False][2:], strict=True))
    # A mean: the labels' reader works in a few steps only, and is spread over the steps until it works again.
    return Cost(alone, inside, max(medians["each step"], 1000 * sum(seen) / EVALUATION), medians["line"], medians["evaluation"])


def _timed(call):
    start = time.process_time()
    call()
    return time.process_time() - start
