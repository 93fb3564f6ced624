"""python -m collatz COMMAND: Lyapunov functions of the Syracuse map, trained, judged and analysed; --help lists the commands."""

import sys

from longrun.cli.main import main as command_line
from longrun.cli.seeds import Seeds
from longrun.cli.training import Training

COMMANDS = {
    "train": Training("collatz.presets"),
    "evaluate": "collatz.measure.judge:judge",
    "floors": "collatz.measure.floors:floors",
    "make-eval": "collatz.numbers.evalset:make_eval",
    "verify": "collatz.measure.verify:verify",
    "analyze": "collatz.measure.analyze:analyze",
    "seed-table": "collatz.measure.hard_seeds:seed_table",
    "bench": "collatz.measure.bench:bench",
    "release": "collatz.training.release:release",
    "seeds": Seeds("collatz.presets", "collatz.measure.tables:seed_rows"),
    "table": "collatz.measure.tables:table",
}


def main(arguments: list[str] | None = None) -> int:
    """Entry point of `python -m collatz`, of the console script and of test_inference.py."""
    return command_line("collatz", COMMANDS, arguments)


if __name__ == "__main__":
    sys.exit(main())
