"""The command line of a project: one table of commands; one clear line and an exit code for each failure.

    COMMANDS = {
        "train": Training("arc.presets"),
        "evaluate": "arc.measure.judge:judge",
    }

Exit codes: 0 done; 1 nothing found, or a bug with its traceback; 2 bad input; 3 a health guard stopped the run; 130 and 143
interrupted (SIGINT, SIGTERM) after saving; 141 the reader of the output (`| head`) left before its end.
"""

import os
import sys
import traceback
from collections.abc import Mapping, Sequence

from longrun.cli.flags import parse
from longrun.cli.signature import Command, read
from longrun.cli.training import Training
from longrun.errors import UserError
from longrun.extras import how_to_get
from longrun.health.guards import Unhealthy, table
from longrun.run.signals import Interrupted, Signals
from longrun.words import nearest


def main(project: str, commands: Mapping[str, "str | Training"], arguments: Sequence[str] | None = None) -> int:
    """Run `python -m PROJECT COMMAND ...` and return the exit code.

    A UserError and an OSError become one line on stderr, and with --debug their traceback too, and so does a package that an extra of
    this one brings and that is not installed; every other exception is a bug and goes through. --help leaves with SystemExit(0).
    """
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    end = arguments.index("--") if "--" in arguments else len(arguments)
    debug = "--debug" in arguments[:end]
    arguments = [argument for argument in arguments[:end] if argument != "--debug"] + arguments[end:]
    if not arguments or arguments[0] in ("-h", "--help"):
        print(page(project, commands))
        return 0 if arguments else 2
    name, *rest = arguments
    try:
        with Signals() as signals:
            signals.where = f"{project} {name}"
            code = _run(project, commands, name, rest) or 0
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # Whoever reads the output, like `head`, has seen enough. Python's own last flush must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141  # 128 and the number of SIGPIPE, which Windows does not have.
    except KeyboardInterrupt:
        return 130
    except Interrupted as stop:
        print(stop, file=sys.stderr)
        return stop.exit_code
    except Unhealthy as sick:
        print(f"stopped by a health guard:\n{table(sick.findings)}", file=sys.stderr)
        return sick.exit_code
    except ModuleNotFoundError as missing:
        if (told := how_to_get(missing)) is None:
            raise
        print(f"{project} {name}: {told}", file=sys.stderr)
        return 2
    except (UserError, OSError) as error:
        if debug:
            traceback.print_exc()
        print(f"{project} {name}: {one_line(error)}", file=sys.stderr)
        return 2


def page(project: str, commands: Mapping[str, "str | Training"]) -> str:
    """The help of a project: its commands, each with its sentence."""
    width = max(map(len, commands))
    lines = [f"  {name:{width}}  {_sentence(command)}" for name, command in commands.items()]
    return "\n".join(
        [
            f"usage: python -m {project} COMMAND ...\n",
            *lines,
            f"\npython -m {project} COMMAND --help shows a command's flags; --debug shows the traceback of an error.",
        ]
    )


def one_line(error: BaseException) -> str:
    """An exception's message on one line."""
    return " ".join(str(error).split()) or type(error).__name__


def _run(project, commands, name, arguments):
    if name not in commands:
        raise UserError(f"unknown command {name!r}{nearest(name, list(commands))}; commands: {', '.join(commands)}")
    command, program = commands[name], f"python -m {project} {name}"
    if not isinstance(command, str):
        return command(arguments, program)
    return call(read(command), arguments, program)


def call(command: Command, arguments: Sequence[str], program: str) -> int | None:
    """Call a command's function with the words of a command line; its exit code, or None."""
    values = parse(command.flags, arguments, program=program, description=command.description)
    positional = [values.pop(flag.name) for flag in command.flags if flag.positional]
    result = command.function()(*positional, **values)
    # A function that gives its result to other callers has an exit code of 0.
    return result if type(result) is int else None


def _sentence(command):
    return read(command).sentence if isinstance(command, str) else command.sentence
