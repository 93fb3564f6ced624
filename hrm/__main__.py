"""python -m hrm COMMAND: recurrent reasoners trained, judged, taken apart and released; --help lists the commands."""

import sys
from collections.abc import Sequence

from longrun.cli.main import main as command_line
from longrun.cli.seeds import Seeds
from longrun.cli.training import Training


class Audit(Training):
    """`classic`: what the network of the original run answers before its first step."""

    def __call__(self, arguments: Sequence[str], program: str) -> None:
        """Print size, answers, and what its own check says of them."""
        _, config, _ = self.read(arguments, program, options=())
        from hrm.classic.audit import audit

        print(audit(config))


COMMANDS = {
    "train": Training("hrm.presets"),
    "solve": "hrm.measure.solve:solve",
    "evaluate": "hrm.measure.judge:judge",
    "puzzles": "hrm.measure.boards:boards",
    "collapse-demo": Training(
        "hrm.presets",
        "Train on pairs without a relation; the guards stop it with exit code 3 and the table that says why.",
        only="collapse-demo",
        always=("--fresh",),
    ),
    "classic": Audit("hrm.presets", "Show the network of the original run before its first step: its own check says PASS.", only="classic"),
    "faults": "hrm.classic.faults:fault_table",
    "seeds": Seeds("hrm.presets", "hrm.measure.seeds:seed_table"),
    "import": "hrm.network.torch_import:convert",
    "submit": "hrm.measure.voting:submit",
    "export": "hrm.network.export:export",
    "bench": "hrm.measure.bench:bench",
    "release": "hrm.training.release:release",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point of `python -m hrm`, of the console script and of test_inference.py."""
    return command_line("hrm", COMMANDS, arguments)


if __name__ == "__main__":
    sys.exit(main())
