"""The original runs' faults as the four projects have them: small presets with a switch on, and the same with it off."""

import contextlib
import importlib
import io
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from longrun.cli.signature import load
from longrun.config import changed
from longrun.health.guards import Unhealthy
from longrun.run.journal import read_metrics
from longrun.zoo.kinds import Kind


@dataclass(frozen=True)
class Original:
    """The preset behind a kind.

    shared: settings of both runs, which make it small. sick, healthy: the switch. loss: name of the logged loss.
    """

    preset: str
    loss: str
    sick: dict[str, Any]
    healthy: dict[str, Any]
    shared: dict[str, Any]


_REASONER = {
    "tasks": "mini-arc", "side": 6, "width": 64, "heads": 4, "high_layers": 1, "low_layers": 1, "cycles": 4, "batch_size": 32,
    "learning_rate": 2e-3, "dropout": 0.0, "log_every": 20, "save_every": 600, "evaluate_every": 600, "guard_after": 280,
    "held_out": 40, "no_task_identity": False, "ignored_background": False, "diluted_loss": False, "unlearnt_halting": False,
    "constant_penalties": False, "faint_tokens": False, "tenth_colour": False, "shared_padding": False, "input_once": False,
}  # fmt: skip
_STAMPS = {"size": 32, "bits": 8, "batch_size": 8, "log_every": 8, "save_every": 160, "evaluate_every": 160, "guard_after": 40}
_GRIDS = {"pairs": 4, "batch_size": 14, "steps": 24, "cycle": 6}
_NUMBERS = {
    "layers": "32,32", "lookahead": 6, "batch_size": 64, "quick_eval_interval": 0, "decay_start": 0, "decay_len": 0, "log_every": 200,
    "save_every": 24_000, "evaluate_every": 24_000,
}  # fmt: skip
ORIGINALS = {
    "hrm: augmented apart": Original("classic", "loss", {"independent_augmentation": True}, {"independent_augmentation": False}, _REASONER),
    # The twin goes by the paper's order, the message alone first. Without an image loss nothing holds an additive residual, and even a
    # small one from step 0 presses it to zero from some seeds.
    "stegastamp: residual pressed": Original(
        *("collapse-demo", "message_loss"),
        {"image_weight": 200.0, "message_only_steps": 0},
        {"image_weight": 0.1, "message_only_steps": 32},
        _STAMPS,
    ),
    "arc: answer as context": Original("exp_0_encoder_decoder", "train_loss", {"variant": "legacy"}, {"variant": "legacy_shifted"}, _GRIDS),
    "collatz: rate cut by noise": Original("original", "loss", {"fix_lr": False}, {"fix_lr": True}, _NUMBERS),
}


def train(kind: Kind, sick: bool, seed: int, folder: Path) -> dict:
    """Train to the end or the first verdict; a record as of the zoo's own kinds, its loss that of the lines."""
    original = ORIGINALS[kind.name]
    presets = importlib.import_module(f"{kind.task}.presets")
    settings = {**original.shared, **(original.sick if sick else original.healthy), "seed": seed, "steps": kind.steps}
    config = changed(presets.PRESETS[original.preset](), on_unhealthy="stop", **settings)
    started, findings = time.process_time(), []
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            load(config.TRAINED_BY)(config, folder, original.preset)
        except Unhealthy as stop:
            findings = [[one.guard, one.step, one.cause] for one in stop.findings]
    lines = read_metrics(folder / "metrics.jsonl")
    losses = [line[original.loss] for line in lines for _ in range(config.run.log_every)]
    curves = {"loss": losses, "held_out": [], "gradient_nan": []}
    seconds = {"steps": 0.0, "guards": 0.0, "all": time.process_time() - started}
    return {"kind": kind.name, "sick": sick, "seed": seed, "findings": findings, "curves": curves, "seconds": seconds}
