"""Releasing a finished run."""

import contextlib
import io
import json
import shlex
import shutil
from pathlib import Path

from collatz import lyapunov
from collatz.judge import judge


def release(run: str, folder: str) -> None:
    """Copy a finished run's V to a folder of released weights, with a manifest, the curves and EVALUATION.md.

    EVALUATION.md holds what `evaluate` prints for the copied file, with the commands. Raises ValueError for an unfinished run.
    """
    source, target = Path(run), Path(folder)
    if not (source / "result.json").exists():
        raise ValueError(f"{source} is no finished run: it has no result.json")
    value = lyapunov.load(source)
    value.save(target, json.loads((source / "result.json").read_text()))
    shutil.copyfile(source / "curves.png", target / "curves.png")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        judge(str(target))
    trained = ["python", *shlex.split((source / "commands.txt").read_text().splitlines()[0])[1:]]
    text = f"""# collatz {value.preset}, epoch {value.step}

Trained by `{shlex.join(trained)}`, {value.value.count_params():,} parameters. `python test_inference.py {target}` prints:

{printed.getvalue()}
![curves of the training](curves.png)
"""
    (target / "EVALUATION.md").write_text(text)
    print(f"released to {target}, {sum(path.stat().st_size for path in target.iterdir()) / 1e6:.1f} MB")
