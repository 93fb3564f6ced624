"""One training of StegaStamp, from top to bottom."""

from pathlib import Path

import numpy as np
import tensorflow as tf

from longrun import Health, Repeats, Report, Run, Tick, changed, has_checkpoint, loop
from longrun.errors import UserError
from longrun.step import device, seeding
from stegastamp.config import Config
from stegastamp.distort.distortions import Distortions, distort
from stegastamp.measure import evaluate
from stegastamp.measure.evaluate import HeldOut, amplified
from stegastamp.network import stamp
from stegastamp.network.stamp import Stamper
from stegastamp.pictures.photos import Photos, fingerprint, training_and_held_out
from stegastamp.training import health, regimes
from stegastamp.training.data import batches
from stegastamp.training.steps import build

CASES = 48
"""Held-out crops in the evaluations during training."""
COLUMNS = (
    *("bit_accuracy", "held_out_png", "held_out_jpeg75", "held_out_psnr", "message_loss", "message_loss_above_entropy"),
    *("information", "strength", "residual_rms", "image_loss", "gradient_norm", "learning_rate", "steps_per_second"),
)
AT_TARGET = "held_out_png_at_target"
"""held_out_png of an evaluation at the strength in use: a glaring mark is read better, and would be the best one for ever."""
LOCALISER_COLUMNS = ("told_accuracy", "displaced", "displaced_floor")
FLOORS = {"bit_accuracy": 0.5, "held_out_png": 0.5, "held_out_jpeg75": 0.5, "information": 0.0, "message_loss_above_entropy": 0.0}
SHOWN = ("bit_accuracy", "information", "strength", "held_out_png")


def train(config: Config, folder: Path | str, preset: str = "custom") -> dict:
    """Train to the last step, or go on with the run in `folder`; returns its result (see longrun.run.report.result).

    Raises Unhealthy when a guard stops the run, Interrupted after a signal, and UserError or OSError for bad input.
    """
    folder, settings = Path(folder), config.run
    device.configure(
        seed=settings.seed, precision=settings.precision, deterministic=settings.deterministic, logical_cpus=settings.logical_cpus
    )
    strategy = device.strategy(settings.devices)
    if config.optimizer.trained == "decoder" and not config.optimizer.start_from:
        raise UserError("where the decoder alone is trained, the encoder comes from another training: give --start-from")
    photos, held_out = training_and_held_out(config.data.images, config.data.held_out, config.model.size)
    if not device.is_chief(strategy):  # Every worker of a cluster keeps its own copy of the run.
        folder = folder / f"worker-{strategy.cluster_resolver.task_id}"
    # Where a run goes on, the weights it started from are long in its checkpoint, and their folder may be gone.
    start_from = "" if has_checkpoint(folder / "checkpoints") else config.optimizer.start_from
    parts = build(changed(config, start_from=start_from), strategy)
    stays = {weight.path for weight in parts.encoder.trainable_weights} if config.optimizer.trained == "decoder" else set()
    if stays & set(parts.fresh):
        raise UserError(f"{start_from} does not give the whole encoder, and with --trained decoder the rest would stay as it came up")
    # Where every weight is trained, the closed loop has nothing to lead down from.
    closed_loop = regimes.ClosedLoop() if parts.fresh or not start_from else regimes.ClosedLoop.closed(config)
    stamper = Stamper(parts.encoder, parts.decoder, config, preset)
    cases = HeldOut.draw(held_out, stamper, CASES)
    repeats = Repeats()
    checks = Health([repeats, *health.guards(config)], settings.on_unhealthy)

    def data(start, attempt):
        seed = settings.seed + 1000 * attempt  # A rollback goes on with other data, or it would end where it did.
        return batches(photos, config.model.size, config.data.batch_size, seed, start, settings.steps)

    def introduce():
        return f"weights of {start_from}; new: {', '.join(parts.fresh) or 'none'}"

    with Run(folder, config, preset=preset, report=report(config)) as run:
        for tick in loop(
            run, parts.groups, checks, data=data, hosts={"loop": closed_loop},
            identity={"photos": fingerprint(photos)}, best=(AT_TARGET, "max"), shown=SHOWN, derive=health.diagnose,
            introduce=introduce if start_from else None,
        ):  # fmt: skip
            repeats.see(tick.step, tick.batch)
            values = regimes.scalars(config, tick.step, closed_loop)
            step_function = parts.message_step if tick.step < config.schedule.message_only_steps else parts.full_step
            tick.did(step_function(tick.batch, values), values)
            if config.schedule.regime == "closed_loop" and tick.done % regimes.OBSERVE_EVERY == 0:
                closed_loop.observe(tick.done, tick.latest("bit_accuracy"), config)
            if tick.evaluating:
                with parts.average.used():
                    tick.log(scores(stamper, cases, values["strength"]))
                    show(tick, stamper, cases, values["strength"])
        stamper.step = settings.steps
        with parts.average.used():
            return conclude(run, stamper, held_out)


def conclude(run: Run, stamper: Stamper, held_out: Photos) -> dict:
    """Judge what was trained, and leave it in the run's folder."""
    outcome = evaluate.evaluate(stamper, held_out, run.config.run.test_count)
    stamp.save(run.folder / "export", stamper, outcome)
    evaluate.picture(stamper, held_out, run.folder / "stamps.png")
    run.finish(outcome)
    return outcome


def scores(stamper: Stamper, cases: HeldOut, strength: float) -> dict[str, float]:
    """The scores of an evaluation during training; those at the strength in use are candidates for the best checkpoint."""
    found = evaluate.quick_scores(stamper, cases, strength)
    config = stamper.config
    if config.schedule.regime != "closed_loop" or strength <= config.mark.strength:
        found[AT_TARGET] = found["held_out_png"]
    return found


def show(tick: Tick, stamper: Stamper, cases: HeldOut, strength: float) -> None:
    """Covers, stamps and residuals for TensorBoard."""
    covers = cases.covers[:4]
    stamped = stamper.stamp(covers, cases.messages[:4], strength)
    tick.images("1_cover", covers / 255)
    tick.images("2_stamped", stamped / 255)
    tick.images("3_residual_x10", np.stack([amplified(a, b) for a, b in zip(covers, stamped, strict=True)]) / 255)
    keys = seeding.sample_keys(11, 0, len(covers))
    levels = dict.fromkeys(regimes.DISTORTIONS, tf.constant(1.0))
    tick.histogram("logits", stamper.logits(stamped))
    tick.images("4_distorted", distort(tf.cast(stamped, tf.float32) / 255, keys, levels, Distortions()))


def report(config: Config) -> Report:
    """What REPORT.md shows."""
    columns = COLUMNS + (LOCALISER_COLUMNS if config.model.transformer == "localiser" else ())
    return Report(columns, FLOORS, pictures={"cover, stamped, residual x10": "stamps.png"})
