"""What tyro does for a command line: the help page, and what is wrong with a line, in one line."""

import contextlib
import dataclasses
import io
import re
from collections.abc import Sequence
from typing import Annotated, Any

import tyro

from longrun.cli.parameter import REQUIRED, Flag
from longrun.errors import UserError

_ALONE = Annotated[bool, tyro.conf.FlagCreatePairsOff]


def parsed(flags: Sequence[Flag], arguments: Sequence[str], program: str, description: str) -> dict[str, Any]:
    """Name -> value; a flag with three states as two switches, `halt` and `no_halt`. Raises UserError, or SystemExit(0) for --help."""
    made = dataclasses.make_dataclass("Flags", [_field(one) for flag in flags for one in _as_typed(flag)], frozen=True, kw_only=True)
    return vars(_parsed(made, arguments, program, description)).copy()


def _as_typed(flag):
    if not flag.is_threefold:
        return [flag]
    alone = dataclasses.replace(flag, kind=_ALONE, default=False)
    return [alone, dataclasses.replace(alone, name=f"no_{flag.name}", help=f"The opposite of {flag.word}.")]


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
