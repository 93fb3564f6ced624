"""All three models for a few steps: is the loss finite, does a gradient reach every variable, does the loss fall? And their memory."""

import gc
import resource
from typing import Literal

import numpy as np
import tensorflow as tf

from arc.original import collected
from arc.original.config import OriginalConfig
from arc.original.legacy import PARAMETERS
from arc.original.steps import build, token_loss
from longrun.config import changed
from longrun.step import device


def smoke(
    *,
    variant: Literal["fixed", "legacy", "legacy_shifted"] = "fixed",
    steps: int = 0,
    side: int = 10,
    pairs: int = 66,
    batch_size: int = 16,
) -> int:
    """Train all three models for one epoch: losses, gradients, memory, as a table. Exit code 1 where something is wrong.

    The loss is compared on one batch.

    variant: The new models, or those of the original run.
    steps: Training steps; 0: one epoch, 20 at least.
    side: Side of the canvas in cells.
    pairs: Pairs of each of the 18 tasks.
    batch_size: Pairs in a batch.
    """
    print("| model | parameters | finite | variables with a gradient | loss before | after | falls | weights and Adam, MB | process, MB |")
    print("|---|---|---|---|---|---|---|---|---|")
    healthy = True
    for model in PARAMETERS:
        config = changed(OriginalConfig(), model=model, variant=variant, side=side, pairs=pairs, batch_size=batch_size)
        device.configure(seed=config.run.seed)
        parts, data = build(config), collected.rows(config.experiment, False)
        count = steps or max(20, config.experiment.steps_per_epoch)
        probe = {name: tf.constant(value) for name, value in collected.batch(data, batch_size, config.run.seed, 0).items()}
        before, losses = _loss(parts.model, probe), []
        for step in range(count):
            batch = collected.batch(data, batch_size, config.run.seed, step)
            losses.append(float(parts.step(batch, {"learning_rate": 1e-3})["train_loss"]))
        with tf.GradientTape() as tape:
            loss = token_loss(parts.model(probe, training=False), probe["answer"])
        gradients = tape.gradient(loss, parts.model.trainable_variables)
        reached = sum(gradient is not None and bool(tf.reduce_any(tf.convert_to_tensor(gradient) != 0)) for gradient in gradients)
        after, finite = float(loss), bool(np.isfinite(losses).all())
        megabytes = sum(np.prod(v.shape) * 4 for group in parts.groups.values() for v in group) / 1e6
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
        good = finite and reached == len(gradients) and after < before
        healthy &= good
        print(
            f"| {variant} {model} | {parts.model.count_params():,} | {'yes' if finite else 'NO'} | {reached} of {len(gradients)} | "
            f"{before:.3f} | {after:.3f} | {'yes' if after < before else 'NO'} | {megabytes:.1f} | {peak:.0f} |",
            flush=True,
        )
        del parts, gradients
        gc.collect()
    return 0 if healthy else 1


def _loss(model, batch):
    return float(token_loss(model(batch, training=False), batch["answer"]))
