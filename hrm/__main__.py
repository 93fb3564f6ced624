"""python -m hrm COMMAND: train, evaluate, collapse-demo, classic, faults, import, submit, bench, release."""

import sys

from hrm.classic.config import ClassicConfig
from hrm.presets import DEFAULT, PRESETS
from longrun.cli import command
from longrun.errors import UserError


def train(arguments: list[str]) -> int:
    """train [PRESET] [--run NAME] [--fresh] [--flags]: train, or go on with the run of that name."""
    options, arguments = command.run_options(arguments)
    preset, config = command.configure(PRESETS, DEFAULT, arguments, program="python -m hrm train")
    if isinstance(config, ClassicConfig):
        from hrm.classic.train import train
    else:
        from hrm.training.train import train

    return command.train("hrm", preset, config, options, train)


def collapse_demo(arguments: list[str]) -> int:
    """collapse-demo [--flags]: the default training on pairs without a relation; its guards stop it with exit code 3."""
    return train(["collapse-demo", "--fresh", *arguments])


def evaluate(arguments: list[str]) -> int:
    """evaluate CHECKPOINT [--count N] [--segments M] [--halt | --no-halt] [--json]: scores on held-out puzzles beside their floors."""

    def run(checkpoint: str, /, *, count: int = 0, segments: int = 0, halt: bool | None = None, json: bool = False) -> None:
        from hrm.measure.judge import judge

        judge(checkpoint, count, segments, halt, json)

    command.call(run, arguments, program="python -m hrm evaluate")
    return 0


def classic(arguments: list[str]) -> int:
    """classic [--flags of train classic]: the report's network before its first step: size, answers, and what its check says."""
    _, config = command.configure({"classic": PRESETS["classic"]}, "classic", arguments, program="python -m hrm classic")
    from hrm.classic.table import audit

    print(audit(config))
    return 0


def faults(arguments: list[str]) -> int:
    """faults [--steps N] [--only NAME ...]: a small training with each fault of the report alone, beside none and all."""

    def run(*, steps: int = 1200, only: tuple[str, ...] = ()) -> None:
        from hrm.classic.table import fault_table

        fault_table(steps, only)

    command.call(run, arguments, program="python -m hrm faults")
    return 0


def import_(arguments: list[str]) -> int:
    """import FILE FOLDER [--puzzle P] [--side S] [--heads H] [--cycles H L]: a published PyTorch checkpoint of HRM or TRM as ours."""

    def run(file: str, folder: str, /, *, puzzle: str = "", side: int = 0, heads: int = 8, cycles: tuple[int, int] = (0, 0)) -> None:
        from hrm.network.torch_import import import_checkpoint

        reasoner = import_checkpoint(file, puzzle=puzzle, side=side, heads=heads, cycles=cycles)
        reasoner.save(folder, {})
        config = reasoner.config
        print(f"{config.network} for {config.puzzle} {config.side} x {config.side}, {reasoner.model.count_params():,} numbers, in {folder}")

    command.call(run, arguments, program="python -m hrm import")
    return 0


def submit(arguments: list[str]) -> int:
    """submit CHECKPOINT FILE: answers to ARC's test inputs by vote over augmented variants, and how many are right."""

    def run(checkpoint: str, file: str, /) -> None:
        from hrm.measure.voting import submit
        from hrm.network.reasoner import load
        from hrm.puzzles.arc_grids import ArcGrids
        from hrm.puzzles.sources import make_source

        reasoner = load(checkpoint)
        source = make_source(reasoner.config)
        if not isinstance(source, ArcGrids):
            raise UserError(f"{checkpoint} answers {reasoner.config.puzzle}, not arc")
        for name, value in submit(reasoner, source, file).items():
            print(f"{name} {value:.4f}")

    command.call(run, arguments, program="python -m hrm submit")
    return 0


def bench(arguments: list[str]) -> int:
    """bench [PRESET] [--steps N] [--peer COMMAND]: eager, graph and XLA step and the puzzles, as ratios of one run."""

    def run(preset: str = "peer", /, *, steps: int = 10, peer: str = "") -> None:
        from hrm.measure.bench import bench

        bench(preset, steps, peer)

    command.call(run, arguments, program="python -m hrm bench")
    return 0


def release(arguments: list[str]) -> int:
    """release RUN FOLDER: copy a finished run's reasoner, manifest and evaluation to where released weights live."""

    def run(run: str, folder: str, /) -> None:
        from hrm.training.release import release

        release(run, folder)

    command.call(run, arguments, program="python -m hrm release")
    return 0


COMMANDS = {
    "train": train,
    "evaluate": evaluate,
    "collapse-demo": collapse_demo,
    "classic": classic,
    "faults": faults,
    "import": import_,
    "submit": submit,
    "bench": bench,
    "release": release,
}


def main(arguments: list[str] | None = None) -> int:
    """Entry point of `python -m hrm`, of the console script and of test_inference.py."""
    return command.main("hrm", COMMANDS, arguments, packages=("arc",))


if __name__ == "__main__":
    sys.exit(main())
