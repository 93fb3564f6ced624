"""One training of a reasoner, from top to bottom."""

import json
from itertools import zip_longest
from pathlib import Path

import tensorflow as tf

from hrm.config import Config
from hrm.measure import evaluate, pictures, sensitivity
from hrm.network.reasoner import IDENTIFIERS, Reasoner, read_identifiers
from hrm.puzzles.examples import Examples, Source, fingerprint
from hrm.puzzles.published import Published
from hrm.puzzles.sources import make_source
from hrm.training import health
from hrm.training.data import batches
from hrm.training.steps import Parts, build
from longrun import Health, Repeats, Report, Run, Tick, UserError, changed, has_checkpoint, loop, write_atomically
from longrun.run.manifest import read_manifest
from longrun.step import device, schedule

SHOWN = ("loss", "held_out_exact", "unseen_exact", "cell_accuracy", "input_sensitivity", "classes", "segments_used")
COLUMNS = (
    *("loss", "answer_loss", "exact", "held_out_exact", "unseen_exact", "cell_accuracy", "above_majority", "input_sensitivity"),
    *("variation_ratio", "total_variation", "classes", "segments_used", "held_out_segments", "at_ceiling", "halting_loss"),
    *("halting_accuracy", "diversity_loss", "gradient_norm", "learning_rate", "steps_per_second"),
)
DRAWS = "drawn equally often"
FLOORS = {"held_out_exact": 0.0, "unseen_exact": 0.0, "above_majority": 0.0, "input_sensitivity": 0.0, "variation_ratio": 0.0}


def train(config: Config, folder: Path | str, preset: str = "custom") -> dict:
    """Train to `config.run.steps`, or go on with the run in `folder`; returns its result (see longrun.run.report.result).

    Raises Unhealthy when a guard stops the run, Interrupted after a signal, and UserError or OSError for bad input.
    """
    folder = Path(folder)
    device.configure(seed=config.run.seed, precision=config.run.precision, deterministic=config.run.deterministic)
    source = make_source(config, drawn(folder))
    # Where a run goes on, the weights it started from are long in its checkpoint, and their folder may be gone.
    start_from = "" if has_checkpoint(folder / "checkpoints") else config.learning.start_from
    parts = build(changed(config, start_from=start_from), len(source.identifiers))
    repeats = Repeats()
    checks = Health([repeats, *health.guards(config)], config.run.on_unhealthy)
    reasoner = Reasoner(parts.model, config, None if parts.table is None else parts.table.table, preset)
    watched = source.held_out(evaluate.CHECKED * min(len(source.tasks), 8))
    probes = source.probes(watched)
    unseen = source.unseen(evaluate.CHECKED * min(len(config.data.unseen), 8)) if config.data.unseen else None

    def data(start: int, attempt: int):
        note_identifiers(folder, source.identifiers)
        return batches(config, source, config.run.seed + 1000 * attempt, start)

    def verdict() -> str:
        with parts.average.used():
            return certificate(reasoner, watched, probes)

    report = Report(COLUMNS, FLOORS, pictures={"question, answer after each segment, right answer": "answers.png"}, verdict=verdict)
    with Run(folder, config, preset=preset, report=report) as run:
        expect_identifiers(folder, source.identifiers)
        for tick in loop(
            run,
            parts.groups,
            checks,
            data=data,
            identity=identity(source),
            best=("held_out_exact", "max"),
            shown=SHOWN,
            derive=health.diagnose,
            introduce=lambda: introduction(config, parts, source, start_from),
        ):
            repeats.see(tick.step, tick.batch)
            values = scalars(config, tick.step)
            tick.did(parts.step(tick.batch, values), values)
            if tick.logging:
                with parts.average.used():
                    tick.log(evaluate.check(reasoner, watched, probes, unseen))
                    if tick.evaluating:
                        show(tick, reasoner, watched)
        with parts.average.used():
            reasoner.step = run.total
            evaluation = evaluate.evaluate(reasoner, source, config.evaluation.held_out)
            outcome = evaluate.outcome(reasoner, evaluation)
            reasoner.save(folder / "export", outcome)
        pictures.save(folder / "answers.png", pictures.strips(config.data, evaluation.examples, evaluation.thoughts))
        run.finish(outcome)
    return outcome


def scalars(config: Config, step: int) -> dict[str, object]:
    """What changes with the step, and what belongs with it."""
    learning, length = config.learning, config.run.steps
    peak = learning.learning_rate
    rate = schedule.warmup_cosine(step, min(learning.warmup, length), length, peak, peak * learning.final_rate)
    return {
        "learning_rate": rate,
        "puzzle_rate": learning.puzzle_rate * rate / peak if peak else 0.0,
        "segments": tf.constant(config.model.segments),
        "diversity_weight": float(learning.diversity_weight),
    }


def introduction(config: Config, parts: Parts, source: Source, start_from: str) -> str:
    """The first lines of a run."""
    model, data = config.model, config.data
    rows = f", {len(source.identifiers)} puzzle vectors of {model.puzzle_width}" if parts.table is not None else ""
    if model.conditioning == "demonstrations":
        rows = ", told the rule by {} to {} demonstrations".format(*model.demonstrations)
    parameters = sum(int(tf.size(variable)) for variable in parts.model.trainable_variables)
    origin = f"\nWeights of {start_from}; new: {', '.join(parts.fresh) or 'none'}" if start_from else ""
    return (
        f"Device: {device.describe()['devices']}   Network: {model.network}, {parameters:,} parameters{rows}\n"
        f"Puzzles: {data.puzzle} {data.side} x {data.side}, up to {model.segments} segments each{origin}"
    )


def identity(source: Source) -> dict[str, str]:
    """What else must be the same when a run goes on: which puzzles there are, and what was read from files, wherever they lie."""
    content = {"content of the files": source.content} if source.content else {}
    draws = {DRAWS: source.draws} if isinstance(source, Published) else {}
    return {"identifiers": fingerprint(source.identifiers), **content, **draws}


def drawn(folder: Path) -> str:
    """What of a published folder is drawn equally often: puzzles; in a run from before that, groups of them, as it has begun."""
    place = folder / "checkpoints"
    return read_manifest(place)["config"].get(DRAWS, "groups") if (place / "manifest.json").exists() else "puzzles"


def expect_identifiers(folder: Path, identifiers: tuple[str, ...]) -> None:
    """Refuse a folder whose table belongs to other puzzles, naming the first."""
    path = folder / IDENTIFIERS
    if not path.exists():
        return
    before = read_identifiers(folder)
    if before != list(identifiers):
        pairs = zip_longest(before, identifiers)
        index, (was, now) = next((index, pair) for index, pair in enumerate(pairs) if pair[0] != pair[1])
        raise UserError(f"{path} lists other puzzles ({len(before)}, here {len(identifiers)}): row {index} was {was!r}, is {now!r}")


def note_identifiers(folder: Path, identifiers: tuple[str, ...]) -> None:
    """Write down which puzzle each row of the table belongs to, once the folder is known to be this run's."""
    path = folder / IDENTIFIERS
    if not path.exists():
        write_atomically(path, json.dumps(list(identifiers)))


def show(tick: Tick, reasoner: Reasoner, examples: Examples) -> None:
    """Pictures of every segment's answer and a histogram of the segments used, for TensorBoard."""
    thoughts = reasoner.consider(examples)
    tick.images("question, answer by segment, target", pictures.strips(reasoner.config.data, examples, thoughts) / 255)
    tick.histogram("segments used", thoughts.used + 1)


def certificate(reasoner: Reasoner, examples: Examples, probes: Examples) -> str:
    """A table that says whether the input is used, with the check that used to say so beside it."""
    found = evaluate.check(reasoner, examples, probes)
    data, probed = reasoner.config.data, examples.rows([0] * 5)
    answered = lambda tokens: reasoner.consider(probed._replace(tokens=tokens)).logits  # noqa: E731
    passed = sensitivity.original_check(answered, data.cells, data.vocabulary)
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
    old = f"| the original run's own check (raw logits of five probes differ) | - | - | {'PASS' if passed else 'fail'} |"
    return "\n".join(["| is the input used? | value | at least | verdict |", "|---|---|---|---|", *rows, old])
