"""python -m longrun COMMAND: what the house offers to anybody's training; --help lists the commands."""

import sys

from longrun.cli.main import main as command_line

COMMANDS = {
    "doctor": "longrun.examination.command:doctor",
    "zoo": "longrun.zoo.command:zoo",
}


def main(arguments: list[str] | None = None) -> int:
    """Entry point of `python -m longrun` and of the console script."""
    return command_line("longrun", COMMANDS, arguments)


if __name__ == "__main__":
    sys.exit(main())
