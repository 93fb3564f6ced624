"""One training on the skills, from top to bottom."""

from dataclasses import asdict
from pathlib import Path

from arc.config import ADDED, FREE, Config
from arc.measure import evaluate
from arc.measure.answers import canvas_images, save_answers
from arc.network.answerer import Answerer
from arc.training import health, schedules
from arc.training.data import batches, unseen
from arc.training.steps import build
from longrun import Checkpointer, Health, Interrupted, Metrics, Run, Unhealthy, every, write_report
from longrun.run.manifest import identity
from longrun.step import device

COLUMNS = (
    *("loss", "information", "cell_accuracy", "exact", "unseen_exact", "unseen_skills_solved", "query_information"),
    *("commonest_prediction", "gradient_norm", "learning_rate", "steps_per_second"),
)
SHOWN = ("loss", "cell_accuracy", "exact", "unseen_exact", "unseen_skills_solved")


def train(config: Config, folder: Path | str, preset: str = "custom") -> dict:
    """Train to `config.steps`, or go on with the run in `folder`; returns its result (see evaluate.outcome).

    Raises Unhealthy when a guard stops the run, Interrupted after a signal, and UserError or OSError for bad input.
    """
    folder = Path(folder)
    device.configure(seed=config.seed, precision=config.precision, deterministic=config.deterministic)
    parts = build(config)
    answerer = Answerer(parts.model, config, preset)
    cases = unseen(config, config.cases)
    floor = evaluate.floor_of(cases)
    checks = Health(health.guards(config), config.on_unhealthy)
    must_agree = {"project": "arc", **identity(config, ADDED)}
    with Run(folder, project="arc", preset=preset, config=asdict(config), total_steps=config.steps) as run:
        checkpointer = Checkpointer(
            folder / "checkpoints", parts.groups, must_agree, free=FREE, keep_every=config.keep_every, best=("unseen_exact", "max")
        )
        done, state = checkpointer.restore() or (0, {})
        if state:
            checks.load(state["health"])
            print(f"going on at step {done} of {config.steps} in {folder}", flush=True)
        else:
            print(f"{preset}: {config.model}, {parts.model.count_params():,} parameters, {device.describe()['devices']}", flush=True)
            print(f"{len(config.trained_skills)} skills, grids up to {config.side}; copying solves {floor:.3f}", flush=True)
        metrics = Metrics(folder, start=done, total=config.steps, shown=SHOWN)
        metrics.load(state.get("metrics", []))

        def save(step: int, values: dict | None = None, *, provisional: bool) -> None:
            metrics.sync()
            checkpointer.save(step, {"health": checks.state(), "metrics": metrics.state()}, values, provisional=provisional)

        def data(start: int):
            # A rollback goes on with other data, or it would end where it did.
            return batches(config, config.seed + 1000 * checks.attempt, start)

        try:
            with metrics:
                source = data(done)
                for step in run.steps(done):
                    values = schedules.scalars(config, step)
                    metrics.add(step + 1, parts.step(next(source), values))
                    done = step + 1
                    if every(done, config.log_every, config.steps):
                        evaluated = every(done, config.evaluate_every, config.steps)
                        if evaluated:
                            values |= evaluate.quick_scores(answerer, cases)
                            metrics.images(done, "input_target_answer", canvas_images(answerer, cases))
                        logged = metrics.flush(done, values)
                        if checks.check(done, logged):
                            done = roll_back(checkpointer, checks)
                            run.go_back(done)
                            metrics.go_back(done)
                            source = data(done)
                            continue
                        if evaluated:
                            report(folder, preset, checks, floor, draw=False)
                    if every(done, config.save_every, config.steps):
                        save(done, logged, provisional=checks.counting)
                if run.interrupted:
                    save(done, provisional=True)
            run.raise_if_interrupted(done)
        except (Unhealthy, Interrupted) as end:
            if checks.sick:
                checkpointer.drop_provisional()
            report(folder, preset, checks, floor, end=end)
            raise
        answerer.step = done
        found = evaluate.evaluate(answerer, unseen(config, config.test_count))
        outcome = evaluate.outcome(preset, done, found, config.held_out_skills)
        print(f"\n{evaluate.table(found, config.held_out_skills)}", flush=True)
        save_answers(found, folder / "answers.png")
        run.finish(outcome)
        report(folder, preset, checks, floor, (evaluate.table(found, config.held_out_skills),))
    return outcome


def roll_back(checkpointer: Checkpointer, checks: Health) -> int:
    """Back to the last good checkpoint, whose step is returned; without one the run ends."""
    checkpointer.drop_provisional()
    saved = checkpointer.restore()
    if saved is None:
        raise Unhealthy(checks.findings)
    step, state = saved
    checks.rolled_back(state["health"])
    print(f"rolled back to step {step}, attempt {checks.attempt}", flush=True)
    return step


def report(
    folder: Path,
    preset: str,
    checks: Health,
    floor: float,
    notes: tuple[str, ...] = (),
    end: Exception | None = None,
    draw: bool = True,
) -> None:
    """REPORT.md: on the way, and whatever the end was."""
    write_report(
        folder,
        title=f"arc {preset}",
        columns=COLUMNS,
        floors={"exact": floor, "unseen_exact": floor, "information": 0.0, "query_information": 0.0},
        findings=checks.findings,
        notes=notes,
        pictures={"input, target, answer": "answers.png"} if (folder / "answers.png").exists() else {},
        end=end,
        draw=draw,
    )
