"""The same training from several seeds, as a table that shows whether one of them was luck."""

from collections.abc import Sequence
from pathlib import Path

from longrun.cli import command
from longrun.errors import UserError
from longrun.run import repeat
from stegastamp.presets import PRESETS

RUNS = Path("checkpoints/stegastamp")


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
