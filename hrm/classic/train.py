"""The original run, from top to bottom, with guards that watch what its own check did not see."""

from pathlib import Path

from hrm.classic.answers import check_line, judge, outcome_of
from hrm.classic.config import ClassicConfig
from hrm.classic.data import Pairs
from hrm.classic.steps import build
from hrm.puzzles.examples import fingerprint
from hrm.training import health
from longrun import Health, NonFinite, OutOfRange, Repeats, Report, Run, loop
from longrun.step import device

SHOWN = ("loss", "unique", "cycles", "held_out_exact", "input_sensitivity")
COLUMNS = (*SHOWN, "answer_loss", "diversity_loss", "distribution_loss", "halting_loss", "above_majority", "variation_ratio", "classes")
FLOORS = {"held_out_exact": 0.0, "above_majority": 0.0, "input_sensitivity": 0.0, "variation_ratio": 0.0}
WATCHED = 100


def train(config: ClassicConfig, folder: Path | str, preset: str = "classic") -> dict:
    """Train to `config.run.steps`, or go on with the run in `folder`; returns its result. Raises as hrm.training.train.train does."""
    device.configure(seed=config.run.seed, precision=config.run.precision, deterministic=config.run.deterministic)
    source = Pairs(config)
    parts = build(config, len(source.identifiers))
    repeats = Repeats()
    checks = Health([repeats, *guards(config)], config.run.on_unhealthy)
    watched = source.held_out(WATCHED)
    probes = source.probes(watched)

    def data(start: int, attempt: int):
        for step in range(start, config.run.steps):
            examples = source.batch(config.run.seed + 1000 * attempt, step, config.data.batch_size)
            yield {"tokens": examples.tokens, "labels": examples.labels, "identifier": examples.identifier}

    def introduction() -> str:
        return f"Parameters: {parts.model.count_params():,}; initial check: {check_line(config, parts.answers)}"

    def verdict() -> str:
        return f"The original run's own check on this network: {check_line(config, parts.answers)}."

    identity = {"identifiers": fingerprint(source.identifiers)}
    with Run(folder, config, preset=preset, report=Report(COLUMNS, FLOORS, verdict=verdict)) as run:
        for tick in loop(run, parts.groups, checks, data=data, identity=identity, shown=SHOWN, introduce=introduction):
            repeats.see(tick.step, tick.batch)
            tick.did(parts.step(tick.batch, {"learning_rate": config.learning.learning_rate}))
            if tick.logging:
                tick.log(judge(config, parts.answers, watched, probes).numbers)
        outcome = outcome_of(config, parts.answers, source, preset, run.total)
        run.finish(outcome)
    return outcome


def guards(config: ClassicConfig) -> list:
    """The same diagnoses as for every other reasoner."""
    after, cause = config.run.guard_after, "answers fit the labels of other inputs of the task just as well"
    unused = OutOfRange("input_sensitivity", cause, low=health.LEAST_SENSITIVITY, after=after, patience=2, name="input unused")
    alike = OutOfRange(
        "variation_ratio",
        "the answers to different inputs hardly differ",
        low=health.LEAST_VARIATION,
        after=after,
        patience=2,
        name="alike",
    )
    return [NonFinite(), unused, alike]
