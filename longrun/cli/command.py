"""The command line every project has: presets, flags from frozen dataclasses, one clear line and an exit code for each failure.

Exit codes: 0 done, 2 bad input, 3 a health guard stopped the run, 130 and 143 interrupted (SIGINT, SIGTERM) after saving,
141 the reader of the output (`| head`) left before its end.
"""

import argparse
import contextlib
import dataclasses
import difflib
import functools
import inspect
import io
import json
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import tyro

from longrun.errors import UserError
from longrun.health.guards import Unhealthy, table
from longrun.run.report import result_table
from longrun.run.run import Interrupted, set_aside

Config = TypeVar("Config")


def nearest(name: str, known: Sequence[str]) -> str:
    """' (did you mean X?)' or ''."""
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f" (did you mean {close[0]}?)" if close else ""


def configure(presets: Mapping[str, Callable[[], Config]], default: str, arguments: Sequence[str], *, program: str) -> tuple[str, Config]:
    """Parse `[PRESET] [--flags]` into (preset name, configuration). Flags are the field names in kebab case.

    presets: name -> function without arguments that returns a frozen dataclass; the first line of its docstring is its help.
    Raises UserError for an unknown preset or flag, naming the nearest one.
    """
    arguments = list(arguments)
    name = arguments.pop(0) if arguments and not arguments[0].startswith("-") else default
    if name not in presets:
        raise UserError(f"unknown preset {name!r}{nearest(name, list(presets))}; presets: {', '.join(presets)}")
    preset = presets[name]()
    check_flags(arguments, [field.name for field in dataclasses.fields(preset)])
    return name, _parse(type(preset), arguments, default=preset, prog=program, description=_describe(presets))


@dataclasses.dataclass(frozen=True)
class RunOptions:
    """The flags every `train` command has beside its configuration."""

    run: str = ""
    """Name of the run folder, or a path with a slash; empty: the preset's name."""
    fresh: bool = False
    """Start anew; an earlier run of that name is moved aside."""
    json: bool = False
    """Print the result as one JSON object on stdout and everything else on stderr."""

    def folder(self, runs: Path, preset: str) -> Path:
        """The run folder below `runs`."""
        return Path(self.run) if "/" in self.run else runs / (self.run or preset)


def run_options(arguments: Sequence[str]) -> tuple[RunOptions, list[str]]:
    """Take --run, --fresh and --json out of a command line; returns them and the rest. Raises UserError for a --run without a name."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    parser.add_argument("--run", default="")
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument("--json", action="store_true")
    try:
        options, rest = parser.parse_known_args(list(arguments))
    except argparse.ArgumentError as error:
        raise UserError(str(error).removeprefix("argument ")) from error
    return RunOptions(**vars(options)), rest


def train(
    project: str,
    preset: str,
    config: Config,
    options: RunOptions,
    training: Callable[[Config, Path, str], Mapping[str, Any]],
) -> int:
    """The end of every `train` command: run `training(config, folder, preset)` and print its result.

    The run folder lies in checkpoints/PROJECT. With --json one object goes to stdout and everything else to stderr.
    """
    folder = options.folder(Path("checkpoints") / project, preset)
    if options.fresh and (aside := set_aside(folder)):
        print(f"the earlier run is kept in {aside}", file=sys.stderr, flush=True)
    with contextlib.redirect_stdout(sys.stderr if options.json else sys.stdout):
        outcome = training(config, folder, preset)
    if options.json:
        print(json.dumps(outcome))
    else:
        print(f"\n{result_table(outcome)}\n\nrun folder {folder}; TensorBoard: ./shell/tensorboard.sh")
    return 0


def check_flags(arguments: Sequence[str], names: Sequence[str]) -> None:
    """Raise UserError for a --flag that is none of `names` (snake case), naming the nearest.

    A value that begins with two dashes is written --name=--value.
    """
    flags = [f"--{name.replace('_', '-')}" for name in names]
    known = {*flags, *(f"--no-{flag.removeprefix('--')}" for flag in flags), "--help"}
    for argument in arguments:
        flag = argument.split("=", 1)[0].replace("_", "-")
        if flag.startswith("--") and flag not in known:
            raise UserError(f"unknown flag {argument.split('=', 1)[0]}{nearest(flag, flags)}")


def call(function: Callable, arguments: Sequence[str], *, program: str) -> Any:
    """Call a function with the arguments of a command line: positional-only parameters first, the others as --flags."""
    check_flags(arguments, list(inspect.signature(function).parameters))

    @functools.wraps(function)
    def bind(*positional, **named):
        return functools.partial(function, *positional, **named)

    # Called out here: tyro takes a ValueError from inside for an error of its own and hides where it came from.
    return _parse(bind, arguments, prog=program)()


def main(
    project: str,
    commands: Mapping[str, Callable[[list[str]], int | None]],
    arguments: Sequence[str] | None = None,
    packages: Sequence[str] = (),
) -> int:
    """Run `python -m PROJECT COMMAND ...` and return the exit code. Each command takes the rest of the command line.

    Errors that the user can mend become one line on stderr: OSError, and every ValueError raised by the code of `project`, of
    longrun or of `packages`. A ValueError from a library is a programming error and keeps its traceback. --help leaves with
    SystemExit(0), as usual.
    """
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if not arguments or arguments[0] in ("-h", "--help"):
        print(f"usage: python -m {project} COMMAND ...\ncommands: {', '.join(commands)}")
        return 0 if arguments else 2
    name, *rest = arguments
    try:
        if name not in commands:
            raise UserError(f"unknown command {name!r}{nearest(name, list(commands))}; commands: {', '.join(commands)}")
        code = commands[name](rest) or 0
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # Whoever reads the output, like `head`, has seen enough. Python's own last flush must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except KeyboardInterrupt:  # Before the run began to listen, or in a command that saves nothing.
        return 130
    except Interrupted as stop:
        print(stop, file=sys.stderr)
        return stop.exit_code
    except Unhealthy as sick:
        print(f"stopped by a health guard:\n{table(sick.findings)}", file=sys.stderr)
        return sick.exit_code
    except OSError as error:
        print(f"{project} {name}: {_one_line(error)}", file=sys.stderr)
        return 2
    except ValueError as error:
        if _raised_in(error) not in ("longrun", project, *packages):
            raise
        print(f"{project} {name}: {_one_line(error)}", file=sys.stderr)
        return 2


def _parse(target, arguments, **options):
    errors = io.StringIO()
    try:
        with contextlib.redirect_stderr(errors):
            return tyro.cli(target, args=list(arguments), **options)
    except SystemExit as leaving:
        if not leaving.code:  # --help
            raise
        raise UserError(_first_box(errors.getvalue())) from None


def _first_box(text):
    # tyro frames its errors; what is wrong stands between the title and the first rule, in as many lines as the terminal is narrow.
    # Where stdout cannot show frames, it is dashes between lines, one of them under the title.
    lines = [line.strip(" │") for line in text.splitlines()]
    title = next((number for number, line in enumerate(lines) if line.startswith("╭")), None)
    if title is None:
        title = next((number for number, line in enumerate(lines) if _is_rule(line)), -1)
    inside = lines[title + 1 :]
    rules = [number for number, line in enumerate(inside) if _is_rule(line) or line.startswith("╰")]
    return " ".join(filter(None, inside[: rules[0] if rules else None])) or " ".join(text.split())


def _is_rule(line):
    return bool(line) and not line.strip("─-")


def _raised_in(error):
    trace = error.__traceback__
    while trace.tb_next is not None:
        trace = trace.tb_next
    return trace.tb_frame.f_globals.get("__name__", "").split(".")[0]


def _one_line(error):
    return " ".join(str(error).split()) or type(error).__name__


def _describe(presets):
    lines = [f"{name}: {(inspect.getdoc(preset) or '').splitlines()[0]}" for name, preset in presets.items()]
    return f"presets: {'; '.join(lines)}. Beside the flags below: --run NAME, --fresh, --json."
