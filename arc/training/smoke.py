"""All three models for a few steps: is the loss finite, does a gradient reach every variable, does the loss fall? And their memory."""

import gc
import resource
from dataclasses import replace

import numpy as np
import tensorflow as tf

from arc.original import collected
from arc.original import train as original
from arc.original.config import OriginalConfig
from arc.original.legacy import PARAMETERS
from longrun.step import device


def smoke(variant: str = "fixed", steps: int = 0, side: int = 10, pairs: int = 66, batch_size: int = 16) -> int:
    """Print a table; 0 where all is well, else 1. steps: 0 is one epoch, 20 at least. The loss is compared on one batch."""
    print("| model | parameters | finite | variables with a gradient | loss before | after | falls | weights and Adam, MB | process, MB |")
    print("|---|---|---|---|---|---|---|---|---|")
    healthy = True
    for model in PARAMETERS:
        config = OriginalConfig(model=model, variant=variant, side=side, pairs=pairs, batch_size=batch_size)
        device.configure(seed=config.seed)
        parts, data = original.build(replace(config)), original.rows(config, False)
        count = steps or max(20, config.steps_per_epoch)
        probe = {name: tf.constant(value) for name, value in collected.batch(data, batch_size, config.seed, 0).items()}
        before, losses = _loss(parts.model, probe), []
        for step in range(count):
            batch = collected.batch(data, batch_size, config.seed, step)
            losses.append(float(parts.step(batch, {"learning_rate": 1e-3})["train_loss"]))
        with tf.GradientTape() as tape:
            loss = original.token_loss(parts.model(probe, training=False), probe["answer"])
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
    return float(original.token_loss(model(batch, training=False), batch["answer"]))
