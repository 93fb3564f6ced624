"""Releasing a finished run: its models where released weights live, with what they are worth."""

import json
from dataclasses import replace
from pathlib import Path

from longrun import result_table
from longrun.errors import UserError
from longrun.release.models import commands, drawing
from stegastamp.measure import evaluate
from stegastamp.measure.judge import judge
from stegastamp.network import stamp
from stegastamp.pictures.photos import training_and_held_out


def release(run: str, folder: str, strength: float = 0.0) -> None:
    """Copy a finished run's models to a folder of released weights, with a manifest, the curves and EVALUATION.md.

    strength: the default in use, where it is to be another than the training's. EVALUATION.md holds what `evaluate` measures on the copied
    files, with the commands. Raises UserError for an unfinished run, and for a strength that the network does not take.
    """
    source, target = Path(run), Path(folder)
    if not (source / "result.json").exists():
        raise UserError(f"{source} is no finished run: it has no result.json")
    stamper = stamp.load(source)
    if strength and (stamper.config.head != "normalised" or not 0 < strength <= 1):
        raise UserError(f"strength is a number in 0..1, of networks with the normalised head, not {strength} with {stamper.config.head}")
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
