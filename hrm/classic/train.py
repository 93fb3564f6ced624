"""The report's training, from top to bottom, with guards that watch what its own check did not see."""

from dataclasses import asdict
from pathlib import Path

from hrm.classic import steps
from hrm.classic.attempts import two_likeliest
from hrm.classic.config import ADDED, FREE, ClassicConfig
from hrm.classic.data import Pairs
from hrm.measure import evaluate
from hrm.puzzles.examples import fingerprint
from hrm.training import health
from longrun import (
    Checkpointer,
    Health,
    Interrupted,
    Metrics,
    NonFinite,
    OutOfRange,
    Run,
    Unhealthy,
    binomial_score,
    every,
    result,
    write_report,
)
from longrun.run.manifest import identity
from longrun.step import device

SHOWN = ("loss", "unique", "cycles", "held_out_exact", "input_sensitivity")
COLUMNS = (*SHOWN, "answer_loss", "diversity_loss", "distribution_loss", "halting_loss", "above_majority", "variation_ratio", "classes")
WATCHED = 100


def train(config: ClassicConfig, folder: Path | str, preset: str = "classic") -> dict:
    """Train to `config.steps`, or go on with the run in `folder`; returns its result. Raises as hrm.training.train.train does."""
    folder = Path(folder)
    device.configure(seed=config.seed)
    source = Pairs(config)
    parts = steps.build(config, len(source.identifiers))
    checks = Health(guards(config), config.on_unhealthy)
    watched = source.held_out(WATCHED)
    probes = source.probes(watched)
    must_agree = {"project": "hrm", **identity(config, ADDED), "identifiers": fingerprint(source.identifiers)}
    with Run(folder, project="hrm", preset=preset, config=asdict(config), total_steps=config.steps) as run:
        checkpointer = Checkpointer(folder / "checkpoints", parts.groups, must_agree, free=FREE)
        done, state = checkpointer.restore() or (0, {})
        if state:
            checks.load(state["health"])
        print(f"Parameters: {parts.model.count_params():,}; initial check: {check_line(config, parts.answers)}", flush=True)
        metrics = Metrics(folder, start=done, total=config.steps, shown=SHOWN)
        metrics.load(state.get("metrics", []))

        def save(*, provisional):
            metrics.sync()
            checkpointer.save(done, {"health": checks.state(), "metrics": metrics.state()}, provisional=provisional)

        try:
            with metrics:
                for step in run.steps(done):
                    examples = source.batch(config.seed + 1000 * checks.attempt, step, config.batch_size)
                    batch = {"tokens": examples.tokens, "labels": examples.labels, "identifier": examples.identifier}
                    metrics.add(step + 1, parts.step(batch, {"learning_rate": config.learning_rate}))
                    done = step + 1
                    if every(done, config.log_every, config.steps):
                        found = steps.judge(config, parts.answers, watched, probes).numbers
                        if checks.check(done, metrics.flush(done, found)):
                            checkpointer.drop_provisional()
                            if (saved := checkpointer.restore()) is None:
                                raise Unhealthy(checks.findings)
                            done = saved[0]
                            checks.rolled_back(saved[1]["health"])
                            run.go_back(done)
                            metrics.go_back(done)
                            continue
                        report(folder, preset, checks, draw=False)
                    if every(done, config.save_every, config.steps):
                        save(provisional=checks.counting)
                if run.interrupted:
                    save(provisional=True)
            run.raise_if_interrupted(done)
        except Interrupted as end:
            report(folder, preset, checks, end=end)
            raise
        except Unhealthy as end:
            if checks.sick:
                checkpointer.drop_provisional()
            note = f"The report's own check on this network: {check_line(config, parts.answers)}."
            print(note, flush=True)
            report(folder, preset, checks, [note], end)
            raise
        outcome = outcome_of(config, parts.answers, source, preset, done)
        run.finish(outcome)
        note = f"The report's own check on this network: {check_line(config, parts.answers)}."
        report(folder, preset, checks, [note])
    return outcome


def report(folder, preset, checks, notes=(), end=None, draw=True):
    """REPORT.md: on the way, and whatever the end was."""
    write_report(folder, title=f"hrm {preset}", columns=COLUMNS, findings=checks.findings, notes=notes, end=end, draw=draw)


def guards(config: ClassicConfig) -> list:
    """The same diagnoses as for every other reasoner."""
    after, cause = config.guard_after, "answers fit the labels of other inputs of the task just as well"
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


def outcome_of(config: ClassicConfig, answers, source: Pairs, preset: str, step: int) -> dict:
    """The result as every project gives it: what is right at the first of two attempts and at either, and whether it is understood.

    A network that has memorised its pairs is right on those of the training alone; one that reads the grid and not the task is no worse
    with another task's identifier.
    """
    examples = source.held_out(config.held_out)
    judged = steps.judge(config, answers, examples, source.probes(examples))
    attempts = two_likeliest(judged.logits)
    right = evaluate.exact(attempts, examples.labels)
    scores = evaluate.beside_floors(attempts[0], examples)
    del scores["exact_match"]  # It is pass_1, whose floor is copying alone.
    passes = {"pass_1": right[0], "pass_2": right.any(axis=0)}
    passes = {name: binomial_score(int(rows.sum()), len(rows), scores["exact_copy"]) for name, rows in passes.items()}

    def exact(asked):
        logits, _ = steps.answer(config, answers, asked.tokens, asked.identifier)
        return float(evaluate.exact(logits.argmax(axis=2), asked.labels).mean())

    controls = {"exact_training": exact(source.training(config.held_out))}
    if not config.no_task_identity and len(source.identifiers) > 1:
        controls["exact_wrong_identifier"] = exact(evaluate.misidentified(examples, len(source.identifiers)))
    return result("hrm", preset, step, {**passes, **scores, **controls, **judged.numbers})


def check_line(config: ClassicConfig, answers) -> str:
    """What the report printed, with what it did not measure."""
    passes, differing, variation = steps.old_check(config, answers)
    return f"{'PASSED' if passes else 'FAILED'} (answers of its five probes differ in {differing:.4f} of the cells, TV {variation:.6f})"
