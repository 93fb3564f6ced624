"""One training of StegaStamp, from top to bottom."""

from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import tensorflow as tf

from longrun import Checkpointer, Health, Interrupted, Metrics, Run, Unhealthy, every, has_checkpoint, write_report
from longrun.step import device, seeding
from stegastamp.config import FREE, Config
from stegastamp.distort.distortions import Distortions, distort
from stegastamp.measure import evaluate
from stegastamp.network import stamp
from stegastamp.network.stamp import Stamper
from stegastamp.pictures.photos import training_and_held_out
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


def train(config: Config, folder: Path | str, preset: str = "custom") -> dict:
    """Train to `config.steps`, or go on with the run in `folder`; returns its result (see longrun.run.report.result).

    Raises Unhealthy when a guard stops the run, Interrupted after a signal, and UserError or OSError for bad input.
    """
    folder = Path(folder)
    device.configure(seed=config.seed, precision=config.precision, deterministic=config.deterministic, logical_cpus=config.logical_cpus)
    strategy = device.strategy(config.devices)
    photos, held_out = training_and_held_out(config.images, config.held_out, config.size)

    if not device.is_chief(strategy):  # Every worker of a cluster keeps its own copy of the run.
        folder = folder / f"worker-{strategy.cluster_resolver.task_id}"
    # Where a run goes on, the weights it started from are long in its checkpoint, and their folder may be gone.
    starting = config if not has_checkpoint(folder / "checkpoints") else replace(config, start_from="")
    parts = build(starting, strategy)
    loop = regimes.ClosedLoop()
    if starting.start_from:
        print(f"weights of {config.start_from}; new: {', '.join(parts.fresh) or 'none'}", flush=True)
        # Where every weight is trained, the loop has nothing to lead down from.
        loop = loop if parts.fresh else regimes.ClosedLoop.closed(config)
    checks = Health(health.guards(config), config.on_unhealthy)
    identity = {"project": "stegastamp", **asdict(config)}
    with Run(folder, project="stegastamp", preset=preset, config=asdict(config), total_steps=config.steps) as run:
        checkpointer = Checkpointer(
            folder / "checkpoints", parts.groups, identity, free=FREE, keep_every=config.keep_every, best=(AT_TARGET, "max")
        )
        done, state = checkpointer.restore() or (0, {})
        if state:
            loop.load(state["loop"])
            checks.load(state["health"])
        metrics = Metrics(folder, start=done, total=config.steps, shown=("bit_accuracy", "information", "strength", "held_out_png"))
        metrics.load(state.get("metrics", []))
        if done:
            print(f"going on at step {done} of {config.steps} in {folder}", flush=True)
        cases = evaluate.HeldOut.draw(held_out, config, CASES)
        stamper = Stamper(parts.encoder, parts.decoder, config, preset)

        def save(step, values=None, *, provisional):
            metrics.sync()
            state = {"loop": loop.state(), "health": checks.state(), "metrics": metrics.state()}
            checkpointer.save(step, state, values, provisional=provisional)

        def data(start):
            seed = config.seed + 1000 * checks.attempt  # A rollback goes on with other data, or it would end where it did.
            return batches(photos, config.size, config.batch_size, seed, start, config.steps)

        try:
            with metrics:
                source = data(done)
                for step in run.steps(done):
                    values = regimes.scalars(config, step, loop)
                    function = parts.message_step if step < config.message_only_steps else parts.full_step
                    metrics.add(step + 1, function(next(source), values))
                    done = step + 1
                    if config.regime == "closed_loop" and done % regimes.OBSERVE_EVERY == 0:
                        loop.observe(done, metrics.latest("bit_accuracy"), config)
                    if every(done, config.log_every, config.steps):
                        evaluated = every(done, config.evaluate_every, config.steps)
                        if evaluated:
                            parts.average.swap()
                            values |= evaluate.quick_scores(stamper, cases, values["strength"])
                            if config.regime != "closed_loop" or values["strength"] <= config.strength:
                                values[AT_TARGET] = values["held_out_png"]
                            show(metrics, done, stamper, cases, values["strength"])
                            parts.average.swap()
                        logged = metrics.flush(done, values, health.diagnose)
                        if checks.check(done, logged):
                            done = roll_back(checkpointer, loop, checks)
                            run.go_back(done)
                            metrics.go_back(done)
                            source = data(done)
                            continue
                        if evaluated:
                            report(folder, preset, config, checks, draw=False)
                    if every(done, config.save_every, config.steps):
                        save(done, logged, provisional=checks.counting)
                if run.interrupted:
                    save(done, provisional=True)
            run.raise_if_interrupted(done)
        except (Unhealthy, Interrupted) as end:
            if checks.sick:
                checkpointer.drop_provisional()
            report(folder, preset, config, checks, end)
            raise
        parts.average.swap()
        stamper.step = done
        outcome = evaluate.evaluate(stamper, held_out, config.test_count)
        stamp.save(folder / "export", stamper, outcome)
        evaluate.picture(stamper, held_out, folder / "stamps.png")
        parts.average.swap()
        run.finish(outcome)
        report(folder, preset, config, checks)
    return outcome


def show(metrics: Metrics, step: int, stamper: Stamper, cases: evaluate.HeldOut, strength: float) -> None:
    """Covers, stamps and residuals for TensorBoard."""
    covers = cases.covers[:4]
    stamped = stamper.stamp(covers, cases.messages[:4], strength)
    metrics.images(step, "1_cover", covers / 255)
    metrics.images(step, "2_stamped", stamped / 255)
    metrics.images(step, "3_residual_x10", np.stack([evaluate.amplified(a, b) for a, b in zip(covers, stamped, strict=True)]) / 255)
    keys = seeding.sample_keys(11, 0, len(covers))
    levels = dict.fromkeys(regimes.DISTORTIONS, tf.constant(1.0))
    metrics.histogram(step, "logits", stamper.logits(stamped))
    metrics.images(step, "4_distorted", distort(tf.cast(stamped, tf.float32) / 255, keys, levels, Distortions()))


def roll_back(checkpointer: Checkpointer, loop: regimes.ClosedLoop, checks: Health) -> int:
    """Back to the last good checkpoint, whose step is returned; without one the run ends."""
    checkpointer.drop_provisional()
    saved = checkpointer.restore()
    if saved is None:
        raise Unhealthy(checks.findings)
    step, state = saved
    loop.load(state["loop"])
    checks.rolled_back(state["health"])
    print(f"rolled back to step {step}, attempt {checks.attempt}", flush=True)
    return step


def report(folder, preset, config, checks, end=None, draw=True):
    """REPORT.md: on the way, and whatever the end was."""
    write_report(
        folder,
        title=f"stegastamp {preset}",
        columns=COLUMNS + (LOCALISER_COLUMNS if config.transformer == "localiser" else ()),
        floors=FLOORS,
        findings=checks.findings,
        pictures={"cover, stamped, residual x10": "stamps.png"} if (folder / "stamps.png").exists() else {},
        end=end,
        draw=draw,
    )
