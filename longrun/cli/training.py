"""`train [PRESET] [--flags]`, the command that every project has: a preset, changed by flags, trained in a run folder."""

import contextlib
import importlib
import inspect
import json as json_format
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from longrun.cli.flags import REQUIRED, Flag, parse
from longrun.cli.signature import first_sentence, load
from longrun.config import Settings, config_of, flatten, known_fields
from longrun.errors import UserError
from longrun.run.lock import set_aside
from longrun.run.report import result_table
from longrun.words import nearest

PRESET = Flag("preset", str, REQUIRED, "Where the flags begin: one of those named above.", positional=True)
RUN = Flag("run", str, "", "Name of the run folder, or a path with a slash in it; empty: the preset's name.")
FRESH = Flag("fresh", bool, False, "Start anew; an earlier run of that name is moved aside, not deleted.")
JSON = Flag("json", bool, False, "Print the result as one JSON object on stdout and everything else on stderr.")


@dataclass(frozen=True)
class Training:
    """The command that trains one of a module's presets.

    presets: a module with PRESETS (name -> function without arguments that returns a configuration) and DEFAULT; it must not import
        TensorFlow. A configuration's class names its PROJECT and the function that trains it, TRAINED_BY = "module:function", which
        is called with (configuration, run folder, name of the preset) and returns a result.
    only: the one preset that this command trains. always: words put before those of the command line.
    sentence: what `python -m PROJECT --help` says of it.
    """

    presets: str
    sentence: str = "Train a preset, or go on with the run of that name."
    only: str = ""
    always: tuple[str, ...] = ()

    def __call__(self, arguments: Sequence[str], program: str) -> None:
        """Train, and print the result."""
        preset, config, options = self.read([*self.always, *arguments], program)
        train(config, run_folder(config, preset, options["run"]), preset, fresh=options["fresh"], json=options["json"])

    def read(self, arguments: Sequence[str], program: str, options: Sequence[Flag] = (RUN, FRESH, JSON)) -> tuple[str, Settings, dict]:
        """Preset, configuration, and the values of `options`, which stand beside the configuration's flags."""
        module = importlib.import_module(self.presets)
        arguments = list(arguments)
        named = bool(arguments) and not arguments[0].startswith("-") and not self.only
        preset = self.only or (arguments.pop(0) if named else module.DEFAULT)
        config = preset_of(module.PRESETS, preset)
        kind = type(config)
        flags = [Flag(name, known_fields(kind)[name].kind, value, known_fields(kind)[name].help) for name, value in flatten(config).items()]
        said = _describe(self.sentence, module.PRESETS, preset, named or bool(self.only))
        if {"-h", "--help"} & set(arguments) and not self.only:
            # For the page alone: the preset has been taken off already.
            needed = any(option.positional for option in options)
            options = [replace(PRESET, default=REQUIRED if needed else preset), *options]
        values = parse([*options, *flags], arguments, program=program, description=said, aliases=kind.RENAMED)
        chosen = {flag.name: values.pop(flag.name) for flag in options}
        return preset, config_of(kind, values), chosen


def preset_of(presets: Mapping[str, Callable[[], Settings]], name: str) -> Settings:
    """The configuration of a preset. Raises UserError for an unknown one, naming the nearest."""
    if name not in presets:
        raise UserError(f"unknown preset {name!r}{nearest(name, list(presets))}; presets: {', '.join(presets)}")
    return presets[name]()


def run_folder(config: Settings, preset: str, run: str = "") -> Path:
    """Where a run lies: at `run` where that is a path, else below checkpoints/PROJECT; without a name, below the configuration's RUNS."""
    if run in (".", ".."):
        raise UserError(f"{run} is no name of a run")
    if "/" in run:
        return Path(run)
    runs = Path(f"checkpoints/{config.PROJECT}")
    return runs / run if run else Path(getattr(config, "RUNS", runs)) / preset


def train(config: Settings, folder: Path, preset: str, *, fresh: bool = False, json: bool = False) -> Mapping[str, Any]:
    """Train a configuration in a folder with the function that its class names, and print the result."""
    if fresh and (aside := set_aside(folder, flatten(config).get("lock", True))):
        print(f"the earlier run is kept in {aside}", file=sys.stderr, flush=True)
    with contextlib.redirect_stdout(sys.stderr if json else sys.stdout):
        outcome = load(config.TRAINED_BY)(config, folder, preset)
    if json:
        print(json_format.dumps(outcome))
    elif outcome:
        print(f"\n{result_table(outcome)}\n\nrun folder {folder}; TensorBoard: ./shell/tensorboard.sh")
    return outcome


def _describe(sentence, presets, preset, named):
    if named:
        return inspect.getdoc(presets[preset]) or ""
    lines = [f"{name}: {first_sentence(inspect.getdoc(presets[name]) or '')}" for name in presets]
    return f"{sentence} The flags below show those of {preset}.\n\nPresets:\n    " + "\n    ".join(lines)
