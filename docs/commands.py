"""Fills docs/commands.md when the site is built: every command with its flags, read from the source as `--help` reads them."""

import importlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from longrun.cli.flags import REQUIRED, Flag  # noqa: E402 - the package lies beside this folder
from longrun.cli.signature import read  # noqa: E402
from longrun.cli.training import Training  # noqa: E402
from longrun.config import flatten, known_fields  # noqa: E402

PROJECTS = ("longrun", "stegastamp", "collatz", "arc", "hrm")
PLACE = "<!-- every command -->"


def on_page_markdown(markdown: str, **_: object) -> str:
    """The hook of MkDocs: a page's Markdown before it is rendered."""
    return markdown.replace(PLACE, every_command()) if PLACE in markdown else markdown


def every_command() -> str:
    """One section a project, one heading a command."""
    sections = []
    for project in PROJECTS:
        table = importlib.import_module(f"{project}.__main__").COMMANDS
        entries = [_training(project, name, command) if isinstance(command, Training) else _command(project, name, command)
                   for name, command in table.items()]  # fmt: skip
        sections.append("\n\n".join([f"## {project}", *filter(None, entries)]))
    return "\n\n".join(sections)


def _command(project, name, command):
    if not isinstance(command, str):
        return f"### {project} {name}\n\n{command.sentence}"
    found = read(command)
    words = " ".join([f"python -m {project} {name}", *(flag.name.upper() for flag in found.flags if flag.positional), "[--flags]"])
    description, _, example = found.description.partition("\nExample:\n")
    code = "\n".join(line.strip() for line in [words, *example.splitlines()] if line.strip())
    return f"### {project} {name}\n\n{description.strip()}\n\n```\n{code}\n```\n\n{_table(found.flags)}"


def _training(project, name, command):
    module = importlib.import_module(command.presets)
    preset = command.only or module.DEFAULT
    config = module.PRESETS[preset]()
    fields = known_fields(type(config))
    flags = [Flag(field, fields[field].kind, value, fields[field].help) for field, value in flatten(config).items()]
    presets = "" if command.only else f"\n\nPresets: {', '.join(f'`{each}`' for each in module.PRESETS)}."
    note = f"Defaults are those of `{preset}`."
    usage = f"python -m {project} {name} {'' if command.only else '[PRESET] '}[--run NAME] [--fresh] [--json] [--flags]"
    return f"### {project} {name}\n\n{command.sentence}{presets} {note}\n\n```\n{usage}\n```\n\n{_table(flags)}"


def _table(flags):
    if not flags:
        return ""
    rows = [f"| {_word(flag)} | {_default(flag)} | {flag.help.replace('|', chr(92) + '|')} |" for flag in flags]
    return "\n".join(["| flag | default | what |", "|---|---|---|", *rows])


def _word(flag):
    return f"`{flag.name.upper() if flag.positional else flag.word}`"


def _default(flag):
    if flag.default is REQUIRED:
        return "required"
    if isinstance(flag.default, tuple):
        return f"`{' '.join(map(str, flag.default))}`" if flag.default else "none"
    return "empty" if flag.default == "" else f"`{flag.default}`"
