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

REQUIRED = object()
_ALONE = Annotated[bool, tyro.conf.FlagCreatePairsOff]
_STATES = {"True": lambda flag: [flag], "False": lambda flag: [f"--no-{flag[2:]}"], "None": lambda flag: []}


@dataclasses.dataclass(frozen=True)
class Flag:
    """One parameter of a command. kind: its type; default: REQUIRED where there is none; positional: given without its name.

    A `bool` is a switch, `--warp` and `--no-warp`; a `bool | None` one with three states, the third being that nothing is said.
    """

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
    def is_threefold(self) -> bool:
        """Whether it is on, off or unsaid: `--halt`, `--no-halt`, neither."""
        return get_origin(self.kind) in (Union, types.UnionType) and set(get_args(self.kind)) == {bool, type(None)}

    @property
    def takes_value(self) -> bool:
        """Whether one word is to follow its name."""
        return not self.positional and self.kind is not bool and not self.is_threefold and get_origin(self.kind) is not tuple


def parse(
    flags: Sequence[Flag], arguments: Sequence[str], *, program: str, description: str = "", aliases: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Name -> value for every flag. aliases: old name -> name. Whatever follows `--` is positional.

    Raises UserError with one line; an unknown flag is answered with the nearest known one. --help prints the page and leaves with
    SystemExit(0).
    """
    arguments = list(arguments)
    end = arguments.index("--") if "--" in arguments else len(arguments)
    words = [_renamed(word, aliases or {}) for word in arguments[:end]]
    if {"-h", "--help"} & set(words):
        words, arguments = ["--help"], []  # The whole page, whatever else was said.
    check_flags(words, [flag.name for flag in flags])
    threefold = [flag for flag in flags if flag.is_threefold]
    words = _joined(_switched(words, threefold), {flag.word for flag in flags if flag.takes_value})
    for word in filter(_is_dashed, words):
        raise UserError(f"unknown flag {word}; a name that begins with a dash is given after --")
    made = dataclasses.make_dataclass("Flags", [_field(one) for flag in flags for one in _as_typed(flag)], frozen=True, kw_only=True)
    found = vars(_parsed(made, [*words, *arguments[end:]], program, description)).copy()
    for flag in threefold:
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

    A value that begins with two dashes is written --name=--value, one that begins with one as it is.
    """
    flags = [f"--{name.replace('_', '-')}" for name in names]
    known = {*flags, *(f"--no-{flag.removeprefix('--')}" for flag in flags), "--help"}
    for argument in arguments:
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
    if not flag.is_threefold:
        return [flag]
    alone = dataclasses.replace(flag, kind=_ALONE, default=False)
    return [alone, dataclasses.replace(alone, name=f"no_{flag.name}", help=f"The opposite of {flag.word}.")]


def _switched(words, threefold):
    """`--halt False` and `--halt=False` as `--no-halt`: so it had to be written before."""
    flags, result = {flag.word: flag for flag in threefold}, []
    for word in words:
        name, _, value = word.partition("=")
        if word in _STATES and result and _dashed(result[-1]) in flags:
            result[-1:] = _STATES[word](_dashed(result[-1]))
        elif value in _STATES and _dashed(name) in flags:
            result += _STATES[value](_dashed(name))
        else:
            result.append(word)
    return result


def _joined(words, names):
    """`--message -x` as `--message=-x`: a word that follows a flag with a value is its value, though it begins with a dash."""
    result = []
    for word in words:
        if _is_dashed(word) and result and _dashed(result[-1]) in names:
            result[-1] += f"={word}"
        else:
            result.append(word)
    return result


def _is_dashed(word):
    """Whether it begins with one dash, and is neither a number nor -h."""
    return re.match(r"-(?!-|h$|\d|\.\d|inf$|nan$).", word) is not None


def _dashed(word):
    return word.replace("_", "-")


def _field(flag):
    options = {"help": flag.help, "metavar": flag.name.upper().replace("_", "-") if flag.positional else None}
    options |= {"help_behavior_hint": ""} if flag.kind is _ALONE else {}
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
