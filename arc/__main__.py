"""python -m arc COMMAND: transformers on ARC grids; --help lists the commands."""

import sys
from collections.abc import Sequence

from longrun.cli.flags import Flag
from longrun.cli.main import main as command_line
from longrun.cli.seeds import CLUSTER, WORKERS
from longrun.cli.training import Training

FACTORIAL = (
    Flag("folder", str, "checkpoints/arc/factorial", "Where the runs of all cells lie; finished ones are not repeated."),
    Flag("seeds", int, 3, "Seeds of each cell."),
    WORKERS,
    CLUSTER,
)


def factorial(arguments: Sequence[str], program: str) -> int:
    """Train positions x colours x context in all combinations. The flags of `train plain` hold for every cell."""
    _, config, options = Training("arc.presets", only="plain").read(arguments, program, FACTORIAL)
    from arc.measure.factorial import factorial

    return factorial(options["folder"], config, options["seeds"], options["workers"], options["cluster"])


factorial.sentence = "Train positions x colours x context, all cells and seeds, and print their effects on both questions."

COMMANDS = {
    "train": Training("arc.presets"),
    "evaluate": "arc.measure.judge:judge",
    "skills": "arc.skills.catalogue:catalogue",
    "audit": "arc.audit.table:audit",
    "factorial": factorial,
    "smoke": "arc.original.smoke:smoke",
    "submit": "arc.solving.submission:submit",
    "solve": "arc.solving.solve:solve",
    "score": "arc.solving.submission:score_file",
    "contamination": "arc.grids.contamination:compare",
    "report": "arc.measure.html:report",
    "bench": "arc.measure.bench:bench",
    "release": "arc.training.release:release",
}


def main(arguments: list[str] | None = None) -> int:
    """Entry point of `python -m arc`, of the console script and of test_inference.py."""
    return command_line("arc", COMMANDS, arguments)


if __name__ == "__main__":
    sys.exit(main())
