"""One parameter of a command: its name, type, default and help."""

import dataclasses
import types
from typing import Any, Union, get_args, get_origin

REQUIRED = object()


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
