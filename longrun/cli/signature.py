"""What a command takes, read from the source of its function without importing it: its help needs no TensorFlow.

    def verify(checkpoint: str, /, *, up_to: int, folder: str = "") -> None:
        '''Check a trained V at all odd n up to a limit.

        checkpoint: A run folder, a checkpoint in it, or released weights.
        up_to: The limit.
        folder: Gets the table of violations; empty: beside the runs.

        Example:
            python -m collatz verify checkpoints/released/collatz/quick --up-to 1000000
        '''

Positional-only parameters are given without their names. Defaults are literals, or constants of the same file.
"""

import ast
import importlib
import importlib.util
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from longrun.cli.flags import REQUIRED, Flag

NAMES = {"Literal": Literal, "Path": Path}


@dataclass(frozen=True)
class Command:
    """A function that a command calls: its flags, and its docstring without what belongs to them."""

    target: str
    flags: tuple[Flag, ...]
    description: str

    @property
    def sentence(self) -> str:
        """The first one of the description."""
        return first_sentence(self.description)

    def function(self) -> Callable[..., Any]:
        """The function itself; imports its module."""
        return load(self.target)


def load(target: str) -> Any:
    """What "module:name" leads to."""
    module, _, name = target.partition(":")
    return getattr(importlib.import_module(module), name)


def read(target: str) -> Command:
    """The command behind "module:function". Raises LookupError where there is none."""
    module, _, name = target.partition(":")
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise LookupError(f"no module {module}")
    tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    node = next((node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name), None)
    if node is None:
        raise LookupError(f"no function {name} in {module}")
    constants = {
        target.id: statement.value
        for statement in tree.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    names = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
    description, helps = split_docstring(ast.get_docstring(node) or "", names)
    return Command(target, tuple(_flags(node.args, constants, helps)), description)


def split_docstring(text: str, names: list[str]) -> tuple[str, dict[str, str]]:
    """A docstring without the lines of its parameters, and those by name. `name: Sentence.` may go on in indented lines."""
    kept, helps, current = [], {}, ()
    for line in text.splitlines():
        found = re.match(r"(\w+(?:, \w+)*): (.*)", line)
        if found and set(listed := found[1].split(", ")) <= set(names):
            current = listed
            helps |= dict.fromkeys(listed, found[2])
        elif current and line.startswith(" "):
            helps |= {name: f"{helps[name]} {line.strip()}" for name in current}
        else:
            current = ()
            kept.append(line)
    paragraphs = [part for part in "\n".join(kept).split("\n\n") if part.strip() and not part.lstrip().startswith(("Raises ", "Returns "))]
    return "\n\n".join(part.strip("\n") for part in paragraphs), helps


def first_sentence(text: str) -> str:
    """Up to the first full stop that ends a sentence, on one line."""
    paragraph = " ".join(text.split("\n\n")[0].split())
    end = re.search(r"[.!?](?= [A-Z0-9`]|$)", paragraph)
    return paragraph[: end.end()] if end else paragraph


def _flags(arguments, constants, helps):
    plain = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(plain) - len(arguments.defaults)) + arguments.defaults
    for index, (argument, default) in enumerate(zip(plain, defaults, strict=True)):
        yield _flag(argument, default, constants, helps, index < len(arguments.posonlyargs))
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield _flag(argument, default, constants, helps, False)


def _flag(argument, default, constants, helps, positional):
    kind = eval(ast.unparse(argument.annotation), {**NAMES}) if argument.annotation is not None else str
    value = REQUIRED if default is None else _literal(default, constants)
    return Flag(argument.arg, kind, value, helps.get(argument.arg, ""), positional)


def _literal(node, constants):
    return ast.literal_eval(constants[node.id] if isinstance(node, ast.Name) and node.id in constants else node)
