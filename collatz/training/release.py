"""Releasing a finished run."""

import contextlib
import io
import json
import shlex
from pathlib import Path

from collatz.config import FREE
from collatz.functions import lyapunov
from collatz.measure.judge import judge
from collatz.presets import PRESETS
from longrun.errors import UserError
from longrun.release.models import drawing


def release(run: str, folder: str) -> None:
    """Copy a finished run's V to a folder of released weights, with a manifest, the curves and EVALUATION.md.

    EVALUATION.md holds what `evaluate` prints for the copied file, with the commands. Raises UserError for an unfinished run.
    """
    source, target = Path(run), Path(folder)
    if not (source / "result.json").exists():
        raise UserError(f"{source} is no finished run: it has no result.json")
    value = lyapunov.load(source)
    value.save(target, json.loads((source / "result.json").read_text()))
    drawing(source / "curves.png", target / "curves.png")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        judge(str(target))
    text = f"""# collatz {value.preset}, epoch {value.step}

Trained by `{command_of(value)}`, {value.value.count_params():,} parameters. `python test_inference.py {target}` prints:

{printed.getvalue()}
![curves of the training](curves.png)
"""
    (target / "EVALUATION.md").write_text(text)
    print(f"released to {target}, {sum(path.stat().st_size for path in target.iterdir()) / 1e6:.1f} MB")


def command_of(value: lyapunov.Lyapunov) -> str:
    """The command that trains the same V again: the preset, and every number that differs from it."""
    words, preset = ["python", "-m", "collatz", "train", value.preset], PRESETS[value.preset]()
    for name, number in vars(value.config).items():
        if number == getattr(preset, name) or (name in FREE and name != "epochs"):
            continue
        flag = name.replace("_", "-")
        words += [f"--{'' if number else 'no-'}{flag}"] if isinstance(number, bool) else [f"--{flag}", str(number)]
    return shlex.join(words)
