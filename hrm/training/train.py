"""One training of a reasoner, from top to bottom."""

import json
from dataclasses import asdict
from pathlib import Path

import tensorflow as tf

from hrm.config import ADDED, FREE, Config
from hrm.measure import evaluate, pictures, sensitivity
from hrm.network.reasoner import Reasoner
from hrm.puzzles.examples import Examples, fingerprint
from hrm.puzzles.sources import make_source
from hrm.training import health
from hrm.training.data import batches
from hrm.training.steps import build
from longrun import Checkpointer, Health, Interrupted, Metrics, Run, Unhealthy, every, write_atomically, write_report
from longrun.run.manifest import identity
from longrun.step import device, schedule

SHOWN = ("loss", "held_out_exact", "unseen_exact", "cell_accuracy", "input_sensitivity", "classes", "segments_used")
COLUMNS = (
    *("loss", "answer_loss", "exact", "held_out_exact", "unseen_exact", "cell_accuracy", "above_majority", "input_sensitivity"),
    *("variation_ratio", "total_variation", "classes", "segments_used", "held_out_segments", "at_ceiling", "halting_loss"),
    *("halting_accuracy", "diversity_loss", "gradient_norm", "learning_rate", "steps_per_second"),
)
FLOORS = {"held_out_exact": 0.0, "unseen_exact": 0.0, "above_majority": 0.0, "input_sensitivity": 0.0, "variation_ratio": 0.0}


def train(config: Config, folder: Path | str, preset: str = "custom") -> dict:
    """Train to `config.steps`, or go on with the run in `folder`; returns its result (see longrun.run.report.result).

    Raises Unhealthy when a guard stops the run, Interrupted after a signal, and ValueError or OSError for bad input.
    """
    folder = Path(folder)
    device.configure(seed=config.seed, precision=config.precision, deterministic=config.deterministic)
    source = make_source(config)
    parts = build(config, len(source.identifiers))
    checks = Health(health.guards(config), config.on_unhealthy)
    reasoner = Reasoner(parts.model, config, None if parts.table is None else parts.table.table, preset)
    watched = source.held_out(evaluate.CHECKED * min(len(source.tasks), 8))
    probes = source.probes(watched)
    unseen = source.unseen(evaluate.CHECKED * min(len(config.unseen), 8)) if config.unseen else None
    must_agree = {"project": "hrm", **identity(config, ADDED), "identifiers": fingerprint(source.identifiers)}
    with Run(folder, project="hrm", preset=preset, config=asdict(config), total_steps=config.steps) as run:
        expect_identifiers(folder, source.identifiers)
        checkpointer = Checkpointer(
            folder / "checkpoints", parts.groups, must_agree, free=FREE, keep_every=config.keep_every, best=("held_out_exact", "max")
        )
        done, state = checkpointer.restore() or (0, {})
        if state:
            checks.load(state["health"])
            print(f"going on at step {done} of {config.steps} in {folder}", flush=True)
        else:
            introduce(config, parts, source)
        metrics = Metrics(folder, start=done, total=config.steps, shown=SHOWN)
        metrics.load(state.get("metrics", []))

        def data(start: int):
            # A rollback goes on with other data, or it would end where it did.
            return batches(config, source, config.seed + 1000 * checks.attempt, start)

        def save(step: int, values=None, *, provisional: bool) -> None:
            metrics.sync()
            checkpointer.save(step, {"health": checks.state(), "metrics": metrics.state()}, values, provisional=provisional)

        try:
            with metrics:
                batch, logged = data(done), None
                for step in run.steps(done):
                    values = scalars(config, step)
                    metrics.add(step + 1, parts.step(next(batch), values))
                    done = step + 1
                    if every(done, config.log_every, config.steps):
                        parts.average.swap()
                        found = evaluate.check(reasoner, watched, probes, unseen)
                        if every(done, config.evaluate_every, config.steps):
                            show(metrics, done, reasoner, watched)
                        parts.average.swap()
                        logged = metrics.flush(done, {name: float(value) for name, value in values.items()} | found, health.diagnose)
                        if checks.check(done, logged):
                            checkpointer.drop_provisional()
                            if (saved := checkpointer.restore()) is None:
                                raise Unhealthy(checks.findings)
                            done = saved[0]
                            checks.rolled_back(saved[1]["health"])
                            print(f"rolled back to step {done}, attempt {checks.attempt}", flush=True)
                            run.go_back(done)
                            metrics.go_back(done)
                            batch = data(done)
                            continue
                        if every(done, config.evaluate_every, config.steps):
                            report(folder, preset, checks, draw=False)
                    if every(done, config.save_every, config.steps):
                        save(done, logged, provisional=checks.counting)
                if run.interrupted:
                    save(done, provisional=True)
            run.raise_if_interrupted(done)
        except Interrupted as end:
            report(folder, preset, checks, end=end)
            raise
        except Unhealthy as end:
            if checks.sick:
                checkpointer.drop_provisional()
            parts.average.swap()
            note = certificate(reasoner, watched, probes)
            print(note, flush=True)
            report(folder, preset, checks, [note], end)
            raise
        parts.average.swap()
        reasoner.step = done
        evaluation = evaluate.evaluate(reasoner, source, config.held_out)
        outcome = evaluate.outcome(reasoner, evaluation)
        reasoner.save(folder / "export", outcome)
        pictures.save(folder / "answers.png", pictures.strips(config, evaluation.examples, evaluation.thoughts))
        run.finish(outcome)
        report(folder, preset, checks, [certificate(reasoner, watched, probes)])
    return outcome


def scalars(config: Config, step: int) -> dict[str, object]:
    """What changes with the step, and what belongs with it."""
    peak, length = config.learning_rate, config.steps
    rate = schedule.warmup_cosine(step, min(config.warmup, length), length, peak, peak * config.final_rate)
    return {
        "learning_rate": rate,
        "puzzle_rate": config.puzzle_rate * rate / peak if peak else 0.0,
        "segments": tf.constant(config.segments),
        "diversity_weight": float(config.diversity_weight),
    }


def introduce(config: Config, parts, source) -> None:
    """The first lines of a run."""
    rows = f", {len(source.identifiers)} puzzle vectors of {config.puzzle_width}" if parts.table is not None else ""
    if config.conditioning == "demonstrations":
        rows = ", told the rule by {} to {} demonstrations".format(*config.demonstrations)
    parameters = sum(int(tf.size(variable)) for variable in parts.model.trainable_variables)
    print(f"Device: {device.describe()['devices']}   Network: {config.network}, {parameters:,} parameters{rows}")
    print(f"Puzzles: {config.puzzle} {config.side} x {config.side}, up to {config.segments} segments each", flush=True)


def expect_identifiers(folder: Path, identifiers: tuple[str, ...]) -> None:
    """Write down which puzzle each row of the table belongs to, or refuse a folder whose table belongs to other ones."""
    path = folder / "identifiers.json"
    if path.exists():
        before = json.loads(path.read_text())
        if before != list(identifiers):
            pairs = zip(before + [None] * len(identifiers), [*identifiers, *[None] * len(before)], strict=False)
            index, (was, now) = next((index, pair) for index, pair in enumerate(pairs) if pair[0] != pair[1])
            raise ValueError(f"{path} lists other puzzles ({len(before)}, here {len(identifiers)}): row {index} was {was!r}, is {now!r}")
    else:
        write_atomically(path, json.dumps(list(identifiers)))


def show(metrics: Metrics, step: int, reasoner: Reasoner, examples) -> None:
    """Pictures of every segment's answer and a histogram of the segments used, for TensorBoard."""
    thoughts = reasoner.consider(examples)
    metrics.images(step, "question, answer by segment, target", pictures.strips(reasoner.config, examples, thoughts) / 255)
    metrics.histogram(step, "segments used", thoughts.used + 1)


def certificate(reasoner: Reasoner, examples: Examples, probes: Examples) -> str:
    """A table that says whether the input is used, with the check that used to say so beside it."""
    found = evaluate.check(reasoner, examples, probes)
    config, probed = reasoner.config, examples.rows([0] * 5)
    answered = lambda tokens: reasoner.consider(probed._replace(tokens=tokens)).logits  # noqa: E731
    passed = sensitivity.original_check(answered, config.cells, config.vocabulary)
    limits = {
        "input_sensitivity": health.LEAST_SENSITIVITY,
        "variation_ratio": health.LEAST_VARIATION,
        "above_majority": health.LEAST_GAIN,
        "classes": 2,
    }
    rows = [f"| {name} | {found[name]:.4f} | {limit} | {'ok' if found[name] >= limit else 'FAIL'} |" for name, limit in limits.items()]
    rows += [
        f"| {name} | {found[name]:.4f} | - | - |" for name in ("answer_variation", "target_variation", "total_variation", "at_ceiling")
    ]
    old = f"| the report's own check (raw logits of five probes differ) | - | - | {'PASS' if passed else 'fail'} |"
    return "\n".join(["| is the input used? | value | at least | verdict |", "|---|---|---|---|", *rows, old])


def report(folder, preset, checks, notes=(), end=None, draw=True):
    """REPORT.md: on the way, and whatever the end was."""
    shown = {"question, answer after each segment, right answer": "answers.png"} if (folder / "answers.png").exists() else {}
    write_report(
        folder,
        title=f"hrm {preset}",
        columns=COLUMNS,
        floors=FLOORS,
        findings=checks.findings,
        notes=notes,
        pictures=shown,
        end=end,
        draw=draw,
    )
