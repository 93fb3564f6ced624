"""Releasing a finished run, and the table over seeds that shows no lottery."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from longrun import result_table
from longrun.cli import command
from longrun.errors import UserError
from longrun.release.models import commands, drawing
from longrun.run import repeat
from stegastamp.measure import evaluate
from stegastamp.measure.judge import judge
from stegastamp.network import stamp
from stegastamp.pictures.photos import training_and_held_out
from stegastamp.presets import PRESETS

RUNS = Path("checkpoints/stegastamp")


def release(run: str, folder: str, strength: float = 0.0) -> None:
    """Copy a finished run's models to a folder of released weights, with a manifest, the curves and EVALUATION.md.

    strength: the default in use, where it is to be another than the training's. EVALUATION.md holds what `evaluate` measures on the copied
    files, with the commands. Raises ValueError for an unfinished run, and for a strength that the network does not take.
    """
    source, target = Path(run), Path(folder)
    if not (source / "result.json").exists():
        raise ValueError(f"{source} is no finished run: it has no result.json")
    stamper = stamp.load(source)
    if strength and (stamper.config.head != "normalised" or not 0 < strength <= 1):
        raise ValueError(f"strength is a number in 0..1, of networks with the normalised head, not {strength} with {stamper.config.head}")
    stamper.strength = strength or stamper.strength
    # Where photos and earlier weights lay is of no use elsewhere, and none of them goes with the weights.
    stamper.config = replace(stamper.config, images="", held_out="", start_from="", strength=strength or stamper.config.strength)
    outcome = json.loads((source / "result.json").read_text())
    stamp.save(target, stamper, outcome, half=True)
    drawing(source / "curves.png", target / "curves.png")
    _, held_out = training_and_held_out("", "", stamper.config.size)
    evaluate.picture(stamper, held_out, target / "stamps.jpg")
    measured = judge(str(target))
    size = sum(path.stat().st_size for path in target.iterdir()) / 1e6
    text = f"""# stegastamp {stamper.preset}, step {stamper.step}

{size:.1f} MB, trained by

```
{commands(source)}
```

Measured on photos that the training did not see, by `python test_inference.py {target}`:

{result_table(measured)}

Each row: cover, stamped at strength {stamper.strength:g}, residual x10 on grey.

![cover, stamped, residual x10](stamps.jpg)

![curves of the training](curves.png)
"""
    (target / "EVALUATION.md").write_text(text)
    print(f"released to {target}, {size:.1f} MB")


def seed_table(preset: str, count: int, flags: Sequence[str], runs: Path = RUNS) -> None:
    """Train a preset from seeds 0 to `count` - 1, each in a process of its own in runs/PRESET-seed-N, and print a row for each.

    "> .9 at" is the first logged step with a training bit accuracy above .9. A run that fails is a row too; one that has ended is not
    trained again.
    """
    if preset not in PRESETS:
        raise UserError(f"unknown preset {preset!r}{command.nearest(preset, list(PRESETS))}")
    trainings = repeat.seeds(preset, count, runs, flags)
    print("| seed | > .9 at step | PNG | JPEG 75 | PSNR dB | colour difference | seconds |\n|---|---|---|---|---|---|---|", flush=True)
    reached = 0
    for seed, done in enumerate(repeat.run_all("stegastamp", trainings)):
        if done.result is None:
            print(f"| {seed} | failed with exit code {done.exit_code} | | | | | |", flush=True)
            continue
        first = next((line["step"] for line in done.metrics if line.get("bit_accuracy", 0.0) > 0.9), None)
        reached += first is not None
        m = done.result["metrics"]
        print(
            f"| {seed} | {first or 'never'} | {m['bit_accuracy_png']:.4f} | {m['bit_accuracy_jpeg75']:.4f} "
            f"| {m['psnr']:.1f} | {m['colour_difference']:.2f} | {done.seconds:.0f} |",
            flush=True,
        )
    print(f"\n{reached} of {count} seeds above .9")
