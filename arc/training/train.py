"""One training on the skills, from top to bottom."""

from pathlib import Path

from arc.config import Config
from arc.measure import evaluate
from arc.measure.answers import canvas_images, save_answers
from arc.network.answerer import Answerer
from arc.training import health, schedules
from arc.training.data import batches, unseen
from arc.training.steps import build
from longrun import Health, Repeats, Report, Run, loop
from longrun.step import device

COLUMNS = (
    *("loss", "information", "cell_accuracy", "exact", "unseen_exact", "unseen_skills_solved", "query_information"),
    *("commonest_prediction", "gradient_norm", "learning_rate", "steps_per_second"),
)
SHOWN = ("loss", "cell_accuracy", "exact", "unseen_exact", "unseen_skills_solved")


def train(config: Config, folder: Path | str, preset: str = "custom") -> dict:
    """Train to `config.run.steps`, or go on with the run in `folder`; returns its result (see evaluate.outcome).

    Raises Unhealthy when a guard stops the run, Interrupted after a signal, and UserError or OSError for bad input.
    """
    folder = Path(folder)
    device.configure(seed=config.run.seed, precision=config.run.precision, deterministic=config.run.deterministic)
    parts = build(config)
    answerer = Answerer(parts.model, config, preset)
    cases = unseen(config, config.evaluation.cases)
    floor = evaluate.floor_of(cases)
    floors = {"exact": floor, "unseen_exact": floor, "information": 0.0, "query_information": 0.0}

    def introduce() -> str:
        size, devices = parts.model.count_params(), device.describe()["devices"]
        skills = f"{len(config.data.trained_skills)} skills, grids up to {config.network.side}"
        return f"{preset}: {config.network.model}, {size:,} parameters, {devices}\n{skills}; copying solves {floor:.3f}"

    def data(start: int, attempt: int):
        return batches(config, config.run.seed + 1000 * attempt, start)

    repeats = Repeats()
    guards = Health([repeats, *health.guards(config)], config.run.on_unhealthy)
    report = Report(COLUMNS, floors, pictures={"input, target, answer": "answers.png"})
    with Run(folder, config, preset=preset, report=report) as run:
        for tick in loop(run, parts.groups, guards, data=data, best=("unseen_exact", "max"), shown=SHOWN, introduce=introduce):
            repeats.see(tick.step, tick.batch)
            values = schedules.scalars(config, tick.step)
            tick.did(parts.step(tick.batch, values), values)
            if tick.evaluating:
                tick.log(evaluate.quick_scores(answerer, cases))
                tick.images("input_target_answer", canvas_images(answerer, cases))
        answerer.step = run.total
        found = evaluate.evaluate(answerer, unseen(config, config.evaluation.test_count))
        outcome = evaluate.outcome(preset, run.total, found, config.data.held_out_skills)
        table = evaluate.table(found, config.data.held_out_skills)
        print(f"\n{table}", flush=True)
        save_answers(found, folder / "answers.png")
        run.finish(outcome, table)
    return outcome
