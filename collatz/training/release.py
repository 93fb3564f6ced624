"""Releasing a finished run."""

from pathlib import Path

from collatz.functions import lyapunov
from collatz.measure.judge import judge
from longrun.release.publish import publish


def release(run: str, folder: str, /) -> None:
    """Copy a finished run's V, manifest, curves and evaluation to a folder of released weights.

    EVALUATION.md holds what `evaluate` prints for the copied file, with the commands that trained it.

    Raises UserError for an unfinished run.

    run: The run folder.
    folder: Where released weights go.

    Example:
        python -m collatz release checkpoints/collatz/quick checkpoints/released/collatz/quick
    """
    value, target = lyapunov.load(run), Path(folder)
    publish(
        run,
        target,
        title=f"collatz {value.preset}, epoch {value.step}: {value.value.count_params():,} parameters",
        save=value.save,
        shows={f"python test_inference.py {target}": lambda: judge(str(target))},
    )
