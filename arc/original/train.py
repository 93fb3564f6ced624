"""The original run's training, from top to bottom: Adam with warm restarts on 14 tasks, validated on 4 that are never trained."""

from pathlib import Path

from arc.original import collected, health
from arc.original.config import OriginalConfig
from arc.original.epochs import BestModels, Epochs, learning_rate
from arc.original.steps import build
from arc.original.validation import floors, numbers, predictor, scores, validate
from longrun import Health, Repeats, Report, Run, loop, result
from longrun.step import device

COLUMNS = ("train_loss", "val_loss", "val_grid_accuracy", "val_cell_accuracy", "learning_rate", "gradient_norm", "steps_per_second")
SHOWN = ("train_loss", "val_loss", "val_grid_accuracy", "val_cell_accuracy")
NOTE = "Accuracies are teacher-forced, as the original run reported them; the floor repeats the previous cell and has no parameter."


def train(config: OriginalConfig, folder: Path | str, preset: str = "custom") -> dict:
    """Train until the loss has not fallen for `patience` cycles or to `max_epochs`, or go on with the run in `folder`.

    Raises Unhealthy when a guard stops the run, Interrupted after a signal, and UserError or OSError for bad input.
    """
    folder, experiment, trial = Path(folder), config.experiment, config.trial
    device.configure(seed=config.run.seed, precision=config.run.precision, deterministic=config.run.deterministic)
    parts, held_out, known_floors = build(config), collected.rows(experiment, True), floors(experiment)
    predict, per_epoch = predictor(parts.model), experiment.steps_per_epoch
    epochs = Epochs(BestModels(folder, experiment.model), trial.cycle, trial.patience)

    def introduce() -> str:
        epochs.load([])
        return f"{preset}: {experiment.variant} {experiment.model}, {parts.model.count_params():,} parameters"

    def data(start: int, attempt: int):
        return collected.batches(experiment, config.run.seed + 1000 * attempt, start)

    def judged() -> dict:
        return validate(predict, held_out, experiment.batch_size)

    answers, repeats = health.watched(predict, held_out), Repeats()
    guards = Health([repeats, *health.guards(config, answers, known_floors["val_cell_accuracy"])], config.run.on_unhealthy)
    options = {"hosts": {"losses": epochs}, "shown": SHOWN, "introduce": introduce, "save_every": per_epoch, "evaluate_every": per_epoch}
    with Run(folder, config, preset=preset, report=Report(COLUMNS, known_floors, (NOTE,)), total=config.total_steps) as run:
        for tick in loop(run, parts.groups, guards, data=data, **options):
            if tick.step % per_epoch == 0 and epochs.over:
                break
            repeats.see(tick.step, tick.batch)
            rate = learning_rate(tick.step // per_epoch, trial.cycle, trial.lr, trial.eta_min)
            tick.did(parts.step(tick.batch, {"learning_rate": rate}), {"learning_rate": rate})
            if tick.evaluating:
                found = numbers(judged())
                tick.log(found | answers.look())
                epochs.end(parts.model, found["val_loss"])
        done = min(run.total, len(epochs.losses) * per_epoch)
        outcome = result("arc", preset, done, scores(judged(), known_floors))
        run.finish(outcome)
    return outcome
