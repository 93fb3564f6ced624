"""Tables over several trainings: one preset from several seeds, and the log's runs and open ideas at a size for a CPU."""

from collections.abc import Sequence
from pathlib import Path

from collatz.measure.floors import HEADINGS
from collatz.presets import PRESETS
from longrun import write_atomically
from longrun.cli import command
from longrun.errors import UserError
from longrun.run import repeat

RUNS = Path("checkpoints/collatz")
LAYERS, SMALLER_LAYERS = "256,256,128", "128,128,64"
LOG_RUNS = {
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
"""Fields in steps of the log's 100,000, shortened with the training; the plateau rule keeps its patience of 2,000."""


def seed_table(preset: str, count: int, flags: Sequence[str] = (), runs: Path = RUNS) -> int:
    """Train a preset from seeds 0 to count - 1 in runs/PRESET-seed-N and print a row for each, beside the V without training.

    Returns the exit code: 0, or that of the last training where every one failed. Raises UserError for what none could start with.
    """
    trainings = repeat.seeds(preset, count, runs, flags)
    command.configure(PRESETS, preset, [preset, *flags], program="python -m collatz seeds")
    print(_head("preset", "seed", "minutes"), flush=True)
    floors: dict[str, float] = {}
    code = 0
    for done in repeat.run_all("collatz", trainings):
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


def log_table(steps: int, seeds: int, folder: str) -> int:
    """Train every row of LOG_RUNS with LAYERS for `steps` steps from each seed, in folders in `folder`, and keep its TABLE.md up to date.

    Durations keep their share of the training. What has been trained is not trained again. Returns the exit code: 0, or that of the
    last training where every one failed.
    """
    if steps < 2000 or steps % 1000:
        raise UserError(f"steps is {steps}, it must be a multiple of 1000 from 2000 on")
    if seeds < 1:
        raise UserError(f"seeds is {seeds}, it must be at least 1")
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    trainings = {
        (row, seed): repeat.Training(
            row.split()[0],
            target / f"{row.replace(' --', '-').replace(' ', '-')}-seed-{seed}",
            ("--seed", str(seed), *row_flags(row, steps)),
        )
        for seed in range(seeds)
        for row in LOG_RUNS
    }
    text = ""
    finished: dict[tuple[str, int], repeat.Finished] = {}
    for key, done in zip(trainings, repeat.run_all("collatz", trainings.values()), strict=True):
        finished[key] = done
        text = _log_text(finished, steps, len(trainings))
        write_atomically(target / "TABLE.md", text)
        print(f"{len(finished)} of {len(trainings)}: {key[0]}, seed {key[1]}, {done.seconds / 60:.1f} min", flush=True)
    print(f"\n{text}")
    return 0 if any(done.result is not None for done in finished.values()) else done.exit_code


def row_flags(row: str, steps: int) -> tuple[str, ...]:
    """The flags of a row: size, length, durations in proportion, and what the row itself changes."""
    config = PRESETS[row.split()[0]]()
    flags = ["--layers", LAYERS, "--epochs", str(steps), "--eval-interval", "2000", "--save-every", "1000", "--quick-eval-interval", "0"]
    for name in DURATIONS:
        flags += [f"--{name.replace('_', '-')}", str(round(getattr(config, name) * steps / config.epochs))]
    return (*flags, *LOG_RUNS[row])


def _log_text(finished, steps, total):
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
