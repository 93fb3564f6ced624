"""Words of a command line into values: names, types and help in, plain values out. tyro does the parsing and the help page."""

import contextlib
import dataclasses
import io
import re
import types
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Union, get_args, get_origin

import tyro

from longrun.errors import UserError
from longrun.words import nearest

REQUIRED = dataclasses.MISSING


@dataclasses.dataclass(frozen=True)
class Flag:
    """One parameter of a command. kind: its type; default: REQUIRED where there is none; positional: given without its name."""

    name: str
    kind: Any
    default: Any = REQUIRED
    help: str = ""
    positional: bool = False

    @property
    def word(self) -> str:
        """As it is typed: `--save-every`."""
        return f"--{self.name.replace('_', '-')}"

    @property
    def is_switch(self) -> bool:
        """Whether it is on, off or unsaid: `--halt`, `--no-halt`, neither."""
        return get_origin(self.kind) in (Union, types.UnionType) and set(get_args(self.kind)) == {bool, type(None)}


def parse(
    flags: Sequence[Flag], arguments: Sequence[str], *, program: str, description: str = "", aliases: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Name -> value for every flag. aliases: old name -> name.

    Raises UserError with one line; an unknown flag is answered with the nearest known one. --help prints the page and leaves with
    SystemExit(0).
    """
    arguments = [_renamed(argument, aliases or {}) for argument in arguments]
    check_flags(arguments, [flag.name for flag in flags])
    switches = [flag for flag in flags if flag.is_switch]
    made = dataclasses.make_dataclass("Flags", [_field(one) for flag in flags for one in _as_typed(flag)], frozen=True, kw_only=True)
    found = vars(_parsed(made, _switched(arguments, switches), program, description)).copy()
    for flag in switches:
        on, off = found.pop(flag.name), found.pop(f"no_{flag.name}")
        if on and off:
            raise UserError(f"{flag.word} and --no-{flag.word[2:]} exclude each other")
        found[flag.name] = True if on else False if off else flag.default
    return found


def words_of(values: Mapping[str, Any], before: Mapping[str, Any]) -> tuple[str, ...]:
    """The words of a command line that make `values` of `before` (name -> value, of the same names)."""
    words: list[str] = []
    for name, value in values.items():
        flag = name.replace("_", "-")
        if value == before[name]:
            continue
        if isinstance(value, bool):
            words.append(f"--{'' if value else 'no-'}{flag}")
        elif isinstance(value, tuple):
            words += [f"--{flag}", *map(str, value)]
        else:
            words += [f"--{flag}={value}"] if str(value).startswith("-") else [f"--{flag}", str(value)]
    return tuple(words)


def check_flags(arguments: Sequence[str], names: Sequence[str]) -> None:
    """Raise UserError for a --flag that is none of `names` (snake case), naming the nearest.

    A value that begins with two dashes is written --name=--value.
    """
    flags = [f"--{name.replace('_', '-')}" for name in names]
    known = {*flags, *(f"--no-{flag.removeprefix('--')}" for flag in flags), "--help", "--"}
    for argument in arguments:
        if argument == "--":
            return
        flag = argument.split("=", 1)[0].replace("_", "-")
        if flag.startswith("--") and flag not in known:
            raise UserError(f"unknown flag {argument.split('=', 1)[0]}{nearest(flag, flags)}")


def _renamed(argument, aliases):
    word, sign, value = argument.partition("=")
    name = word.removeprefix("--").replace("-", "_")
    for prefix in ("", "no_"):
        new = aliases.get(name.removeprefix(prefix)) if word.startswith("--") and name.startswith(prefix) else None
        if new is not None:
            return f"--{(prefix + new).replace('_', '-')}{sign}{value}"
    return argument


def _as_typed(flag):
    if not flag.is_switch:
        return [flag]
    # On, off or unsaid: both words are flags of their own, and tyro is not to make a negative of either.
    positive = dataclasses.replace(flag, kind=Annotated[bool, tyro.conf.FlagCreatePairsOff], default=False)
    return [positive, dataclasses.replace(positive, name=f"no_{flag.name}", help=f"The opposite of {flag.word}.")]


def _switched(arguments, switches):
    """`--halt False` as `--no-halt`, which is how it had to be written before."""
    words, result = {flag.word: flag for flag in switches}, []
    for argument in arguments:
        if result and result[-1] in words and argument in ("True", "False", "None"):
            word = result.pop()
            result += {"True": [word], "False": [f"--no-{word[2:]}"], "None": []}[argument]
        else:
            result.append(argument)
    return result


def _field(flag):
    options = {"help": flag.help, "metavar": flag.name.upper().replace("_", "-") if flag.positional else None}
    marks = [tyro.conf.arg(**{name: value for name, value in options.items() if value is not None})]
    marks += [tyro.conf.Positional] if flag.positional else []
    kind = Annotated[(flag.kind, *marks)]
    return (flag.name, kind) if flag.default is REQUIRED else (flag.name, kind, dataclasses.field(default=flag.default))


def _parsed(made, arguments, program, description):
    errors = io.StringIO()
    try:
        with contextlib.redirect_stderr(errors):
            return tyro.cli(made, args=list(arguments), prog=program, description=description)
    except SystemExit as leaving:
        if not leaving.code:  # --help
            raise
        raise UserError(_as_settings_say(_first_box(errors.getvalue()))) from None


def _as_settings_say(text):
    """A choice that does not exist, in the words of `longrun.config.Settings`."""
    found = re.match(r"[Ii]nvalid choice ('.*') for argument '--([\w-]+)'\. Expected one of \((.*?)\)\.", text)
    if found is None:
        return text
    choices = ", ".join(re.findall(r"'(.*?)'", found[3]))
    return f"{found[2].replace('-', '_')} is one of {choices}, not {found[1]}"


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
