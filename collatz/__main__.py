"""python -m collatz COMMAND: train, evaluate, floors, make-eval, verify, analyze, bench, release, seeds, table."""

import sys

from collatz.presets import DEFAULT, PRESETS
from longrun.cli import command
from longrun.errors import UserError


def train(arguments: list[str]) -> int:
    """train [PRESET] [--run NAME] [--fresh] [--flags]: train, or go on with the run of that name."""
    options, arguments = command.run_options(arguments)
    preset, config = command.configure(PRESETS, DEFAULT, arguments, program="python -m collatz train")
    if config.analyze_seeds:
        from collatz.measure.hard_seeds import print_seed_table

        print_seed_table(config.test_numbers)
        return 0
    from collatz.training.train import train

    return command.train("collatz", preset, config, options, train)


def evaluate(arguments: list[str]) -> int:
    """evaluate CHECKPOINT [--eval-csv FILE] [--json]: violations and passes beside those of functions without training."""

    def run(checkpoint: str, /, *, eval_csv: str = "", json: bool = False) -> None:
        from collatz.measure.judge import judge

        judge(checkpoint, eval_csv, json)

    command.call(run, arguments, program="python -m collatz evaluate")
    return 0


def floors(arguments: list[str]) -> int:
    """floors [--lookahead L] [--eval-csv FILE] [--json]: the functions without training."""

    def run(*, lookahead: int = 20, eval_csv: str = "", json: bool = False) -> None:
        from collatz.measure.floors import floors

        floors(lookahead, eval_csv, json)

    command.call(run, arguments, program="python -m collatz floors")
    return 0


def make_eval(arguments: list[str]) -> int:
    """make-eval [--samples N] [--output FILE] [--max-bits B] [--seed S]: write an evaluation set as the log's generator did."""

    def run(*, samples: int = 50_000, output: str = "collatz_eval_50k.csv", max_bits: int = 128, seed: int = 42) -> None:
        from collatz.numbers.evalset import make_evaluation_set

        make_evaluation_set(output, samples, max_bits, seed)
        print(f"{samples:,} numbers in {output}")

    command.call(run, arguments, program="python -m collatz make-eval")
    return 0


def verify(arguments: list[str]) -> int:
    """verify CHECKPOINT --up-to N [--folder DIR]: every odd n up to N; writes each violating n; goes on where it stopped."""

    def run(checkpoint: str, /, *, up_to: int, folder: str = "") -> None:
        from collatz.measure.verify import verify

        verify(checkpoint, up_to, folder)

    command.call(run, arguments, program="python -m collatz verify")
    return 0


def analyze(arguments: list[str]) -> int:
    """analyze CHECKPOINT [--folder DIR] [--eval-csv FILE]: the log's two questions in numbers and plots."""

    def run(checkpoint: str, /, *, folder: str = "", eval_csv: str = "") -> None:
        from collatz.measure.analyze import analyze

        analyze(checkpoint, folder, eval_csv)

    command.call(run, arguments, program="python -m collatz analyze")
    return 0


def bench(arguments: list[str]) -> int:
    """bench [PRESET] [--steps N] [--batch-size B] [--peer COMMAND]: the data path and the step, as ratios of one run."""

    def run(preset: str = DEFAULT, /, *, steps: int = 20, batch_size: int = 0, peer: str = "") -> None:
        from collatz.measure.bench import bench

        bench(preset, steps, batch_size, peer)

    command.call(run, arguments, program="python -m collatz bench")
    return 0


def release(arguments: list[str]) -> int:
    """release RUN FOLDER: copy a finished run's V, manifest and evaluation to where released weights live."""

    def run(run: str, folder: str, /) -> None:
        from collatz.training.release import release

        release(run, folder)

    command.call(run, arguments, program="python -m collatz release")
    return 0


def seeds(arguments: list[str]) -> int:
    """seeds PRESET COUNT [--flags of train]: the same training from several seeds, as a table."""
    from collatz.measure.tables import seed_table

    if len(arguments) < 2 or not arguments[1].isdigit() or int(arguments[1]) < 1:
        raise UserError("usage: seeds PRESET COUNT [--flags of train]")
    return seed_table(arguments[0], int(arguments[1]), arguments[2:])


def table(arguments: list[str]) -> int:
    """table [--steps N] [--seeds N] [--folder DIR]: the log's runs and open ideas at a size for a CPU; goes on where it stopped."""

    def run(*, steps: int = 8000, seeds: int = 2, folder: str = "checkpoints/collatz/table") -> int:
        from collatz.measure.tables import log_table

        return log_table(steps, seeds, folder)

    return command.call(run, arguments, program="python -m collatz table")


COMMANDS = {
    "train": train,
    "evaluate": evaluate,
    "floors": floors,
    "make-eval": make_eval,
    "verify": verify,
    "analyze": analyze,
    "bench": bench,
    "release": release,
    "seeds": seeds,
    "table": table,
}


def main(arguments: list[str] | None = None) -> int:
    """Entry point of `python -m collatz`, of the console script and of test_inference.py."""
    return command.main("collatz", COMMANDS, arguments)


if __name__ == "__main__":
    sys.exit(main())
