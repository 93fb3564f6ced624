"""Tables over several trainings: one preset from several seeds, and the original runs and their author's open ideas at a size for a CPU."""

from collections.abc import Iterator
from pathlib import Path

from collatz.measure.floors import HEADINGS
from collatz.presets import PRESETS
from longrun import write_atomically
from longrun.config import flatten
from longrun.errors import UserError
from longrun.run import repeat
from longrun.run.output import check_folder

LAYERS, SMALLER_LAYERS = "256,256,128", "128,128,64"
ROWS = {
    "run6": (),
    "run6 --fix-lr": ("--fix-lr",),
    "run5": (),
    "lookahead-30": (),
    "run3": (),
    "t4-without-mining": (),
    "gentler-mining": (),
    "adaptive-beta": (),
    "smaller-model": ("--layers", SMALLER_LAYERS),
    "run6 --clean-split": ("--clean-split",),
    "run4": (),
    "run2": (),
    "run1": (),
    "run6 --growth-weight 1": ("--growth-weight", "1"),
    "run6 --precision bfloat16": ("--precision", "bfloat16"),
}
"""The rows: preset and what differs from it. Those that tell most come first, but a new one last: a table under way goes on."""
DURATIONS = ("ramp_len", "mine_interval", "mine_start_epoch", "decay_start", "decay_len")
"""Fields in steps of the original 100,000, shortened with the training; the plateau rule keeps its patience of 2,000."""


def seed_rows(preset: str, trainings: Iterator[repeat.Finished]) -> int:
    """Print a row for each training of a preset, in the order in which they end, beside the V without training.

    Returns the exit code: 0, or that of the last training where every one failed.
    """
    print(_head("preset", "seed", "minutes"), flush=True)
    floors: dict[str, float] = {}
    code = 0
    for done in trainings:
        seed = done.training.flags[1]
        if done.result is None:
            print(f"| {preset} | {seed} | failed with exit code {done.exit_code}, see {done.training.folder} |", flush=True)
            code = done.exit_code
            continue
        floors = done.result["floors"]
        print(f"| {preset} | {seed} | {done.seconds / 60:.1f} | {_cells(done.result['metrics'])} |", flush=True)
    if not floors:
        return code
    print(f"| without training: the clock | | 0 | {_cells(floors)} |")
    return 0


def table(*, steps: int = 8000, seeds: int = 2, folder: str = "checkpoints/collatz/table", workers: int = 1, cluster: str = "") -> int:
    """Train the original runs and their author's open ideas at a size for a CPU, as a table.

    Durations keep their share of the training. What has been trained is not trained again. Exits with the code of the last training
    where every one failed.

    steps: Of each training, instead of 100,000.
    seeds: Trainings of each row.
    folder: Gets a folder for each training, and TABLE.md, kept up to date.
    workers: Trainings at a time, on this machine.
    cluster: Address of a Dask scheduler whose workers train instead.

    Example:
        python -m collatz table --steps 8000 --seeds 2
    """
    if steps < 2000 or steps % 1000:
        raise UserError(f"steps is {steps}, it must be a multiple of 1000 from 2000 on")
    if seeds < 1:
        raise UserError(f"seeds is {seeds}, it must be at least 1")
    target = Path(folder)
    check_folder(target)
    target.mkdir(parents=True, exist_ok=True)
    trainings = {
        repeat.Training(
            row.split()[0],
            target / f"{row.replace(' --', '-').replace(' ', '-')}-seed-{seed}",
            ("--seed", str(seed), *row_flags(row, steps)),
        ): (row, seed)
        for seed in range(seeds)
        for row in ROWS
    }
    text, code = "", 0
    finished: dict[tuple[str, int], repeat.Finished] = {}
    for done in repeat.run_all("collatz", list(trainings), workers=workers, cluster=cluster):
        row, seed = trainings[done.training]
        finished[row, seed], code = done, done.exit_code
        text = _text({key: finished[key] for key in trainings.values() if key in finished}, steps, len(trainings))
        write_atomically(target / "TABLE.md", text)
        print(f"{len(finished)} of {len(trainings)}: {row}, seed {seed}, {done.seconds / 60:.1f} min", flush=True)
    print(f"\n{text}")
    return 0 if any(done.result is not None for done in finished.values()) else code


def row_flags(row: str, steps: int) -> tuple[str, ...]:
    """The flags of a row: size, length, durations in proportion, and what the row itself changes."""
    config = PRESETS[row.split()[0]]()
    values = flatten(config)
    flags = ["--layers", LAYERS, "--steps", str(steps), "--evaluate-every", "2000", "--save-every", "1000"]
    flags += ["--quick-eval-interval", "0"]
    for name in DURATIONS:
        flags += [f"--{name.replace('_', '-')}", str(round(values[name] * steps / config.run.steps))]
    return (*flags, *ROWS[row])


def _text(finished, steps, total):
    """A row for each run, its seeds side by side."""
    lines = [f"{len(finished)} of {total} trainings of {steps:,} steps, layers {LAYERS} (smaller-model: {SMALLER_LAYERS}).", ""]
    lines += [_head("run", "seeds", "minutes", "learning rate at the end")]
    for row in dict.fromkeys(row for row, _ in finished):
        runs = {seed: done for (name, seed), done in finished.items() if name == row}
        good = [done for done in runs.values() if done.result is not None]
        minutes = ", ".join(f"{done.seconds / 60:.1f}" for done in good)
        rates = ", ".join(f"{done.metrics[-1]['learning_rate']:.1e}" for done in good)
        cells = [", ".join(_cell(name, done.result["metrics"][name]) for done in good) for name in HEADINGS]
        lines.append(f"| {row} | {', '.join(map(str, runs))} | {minutes} | {rates} | {' | '.join(cells)} |")
        lines += [f"| {row}, seed {seed} | failed with exit code {done.exit_code} |" for seed, done in runs.items() if done.result is None]
    return "\n".join(lines) + "\n"


def _head(*first):
    names = [*first, *(name.replace("_", " ") for name in HEADINGS)]
    return f"| {' | '.join(names)} |\n{'|---' * len(names)}|"


def _cells(numbers):
    return " | ".join(_cell(name, numbers[name]) for name in HEADINGS)


def _cell(name, value):
    return f"{value:.0f}" if name.startswith("violations") else f"{value:.2%}"
