"""Releasing a finished run."""

import contextlib
import io
import json
from pathlib import Path

from hrm.measure.judge import judge
from hrm.network import reasoner
from longrun.release.models import commands, drawing


def release(run: str, folder: str) -> None:
    """Copy a finished run's reasoner to a folder of released weights, with a manifest, the curves, pictures and EVALUATION.md.

    EVALUATION.md holds what `evaluate` prints for the copied file, with the commands. Raises ValueError for an unfinished run.
    """
    source, target = Path(run), Path(folder)
    if not (source / "result.json").exists():
        raise ValueError(f"{source} is no finished run: it has no result.json")
    found = reasoner.load(source)
    found.save(target, json.loads((source / "result.json").read_text()), half=True)
    for name in ("curves.png", "answers.png"):
        drawing(source / name, target / name)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        judge(str(target))
    text = f"""# hrm {found.preset}, step {found.step}

Trained by

```
{commands(source)}
```

`python test_inference.py {target}` prints:

{printed.getvalue()}
Question, answer after each segment (wrong cells framed), right answer:

![answers](answers.png)

![curves of the training](curves.png)
"""
    (target / "EVALUATION.md").write_text(text)
    print(f"released to {target}, {sum(path.stat().st_size for path in target.iterdir()) / 1e6:.1f} MB")
