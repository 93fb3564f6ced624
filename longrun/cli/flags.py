"""Words of a command line into values: names, types and help in, plain values out.

tyro says what is wrong and prints the help page; a line without either is read here, and does not wait for tyro's import.
"""

import re
import types
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Union, get_args, get_origin

from longrun.cli.parameter import REQUIRED, Flag
from longrun.errors import UserError
from longrun.words import nearest

_STATES = {"True": lambda flag: [flag], "False": lambda flag: [f"--no-{flag[2:]}"], "None": lambda flag: []}


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
    found = plain(flags, words, arguments[end + 1 :])
    if found is not None:
        return found
    from longrun.cli import page

    found = page.parsed(flags, [*words, *arguments[end:]], program, description)
    for flag in threefold:
        on, off = found.pop(flag.name), found.pop(f"no_{flag.name}")
        if on and off:
            raise UserError(f"{flag.word} and --no-{flag.word[2:]} exclude each other")
        found[flag.name] = True if on else False if off else flag.default
    return found


def plain(flags: Sequence[Flag], words: Sequence[str], rest: Sequence[str]) -> dict[str, Any] | None:
    """Name -> value as tyro finds them, for a line that has nothing unusual; None for every other one.

    words: of the line, before a `--`; rest: those after it.
    """
    named = {flag.word: flag for flag in flags if not flag.positional}
    found: dict[str, Any] = {}
    loose = list(rest)
    ended, waiting = bool(rest), list(words)
    while waiting:
        name, sign, value = waiting.pop(0).partition("=")
        if not name.startswith("--"):
            if ended or (name.startswith("-") and name != "-"):  # Positional words in two places; a number, or a short flag.
                return None
            loose.append(name + sign + value)
            continue
        ended = bool(loose)
        word = _dashed(name)
        off = named.get(f"--{word.removeprefix('--no-')}") if word.startswith("--no-") else None
        flag = named.get(word) or off
        if flag is None or flag.name in found:
            return None
        if flag.kind is bool and not sign:
            found[flag.name] = off is None or word in named
            continue
        if not flag.takes_value or (not sign and (not waiting or waiting[0].startswith("--"))):
            return None
        read = _read(flag.kind, value if sign else waiting.pop(0))
        if read is REQUIRED:
            return None
        found[flag.name] = read
    for flag in (flag for flag in flags if flag.positional):
        if flag.kind == tuple[str, ...] and loose:
            found[flag.name], loose = tuple(loose), []
        elif flag.kind is str and loose:
            found[flag.name] = loose.pop(0)
    values = {flag.name: found.get(flag.name, flag.default) for flag in flags}
    return None if loose or REQUIRED in values.values() else values


def _read(kind, word):
    """The value of a word, or REQUIRED where tyro is to say what it is."""
    inside = [one for one in get_args(kind) if one is not type(None)]
    if get_origin(kind) in (Union, types.UnionType) and len(inside) == 1 and word != "None":
        kind = inside[0]
    if kind is str or (get_origin(kind) is Literal and word in get_args(kind)):
        return word
    if kind is int and re.fullmatch(r"-?\d+", word, re.ASCII):
        return int(word)
    if kind is float and re.fullmatch(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", word, re.ASCII):
        return float(word)
    return REQUIRED


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
