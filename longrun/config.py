"""Configurations: frozen dataclasses in parts, whose flags and stored form are flat.

    @dataclass(frozen=True)
    class ModelSettings(Settings):
        width: int = 128
        # its docstring, one sentence, stands below a field
        head: Literal["plain", "gated"] = "plain"

    @dataclass(frozen=True)
    class Config(Settings):
        PROJECT = "name"
        model: ModelSettings = ModelSettings()
        run: RunSettings = RunSettings(steps=1000)

A field's name is its own in all parts, so `--width`, a manifest's "width" and `changed(config, width=64)` need no prefix, and a
field can move to another part without making anything unreadable. The docstring under a field is its help.
"""

import ast
import functools
import inspect
import textwrap
import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, fields, replace
from typing import Any, ClassVar, Literal, TypeVar, get_type_hints

from longrun.errors import UserError
from longrun.kinds import choices, fits, in_words, is_moderate, with_tuples
from longrun.words import nearest

Config = TypeVar("Config", bound="Settings")


@dataclass(frozen=True)
class Settings:
    """A configuration or a part of one. A choice (`Literal`) is checked when it is made; `__post_init__` may check more."""

    FREE: ClassVar[tuple[str, ...]] = ()
    """Fields that may differ between a checkpoint and the command that goes on from it: they change no number of the steps done."""
    RENAMED: ClassVar[Mapping[str, str]] = {}
    """Old name -> name, of the whole configuration, for flags, run folders and manifests from before."""

    def __post_init__(self):
        for name, kind in _kinds(type(self)).items():
            if (allowed := choices(kind)) and not fits(getattr(self, name), kind):
                raise UserError(f"{name} is one of {', '.join(map(str, allowed))}, not {getattr(self, name)!r}")


@dataclass(frozen=True)
class RunSettings(Settings):
    """What every training has, whatever it trains."""

    seed: int = 0
    """Of initial weights, data order and every random number of a step."""
    steps: int = 1000
    """Training steps."""
    mode: Literal["graph", "eager"] = "graph"
    """The same step compiled (tf.function) or line by line; the numbers are the same."""
    precision: Literal["float32", "mixed_bfloat16"] = "float32"
    """Of the computation; weights and updates are float32 in both."""
    jit_compile: bool = False
    """Compile the step with XLA."""
    deterministic: bool = False
    """Force deterministic kernels on a GPU."""
    on_unhealthy: Literal["warn", "stop", "rollback"] = "stop"
    """What a health guard's finding does: a line, the end (exit code 3), or back to the last good checkpoint with other data."""
    guard_after: int = 300
    """Steps after which having learnt nothing is unhealthy."""
    log_every: int = 50
    """Steps between two lines of metrics.jsonl."""
    save_every: int = 500
    """Steps between two checkpoints; a multiple of log_every."""
    keep_every: int = 0
    """Steps between two checkpoints that are kept for ever, a multiple of save_every; 0: none."""
    evaluate_every: int = 500
    """Steps between two evaluations on held-out cases; a multiple of log_every; 0: with every line of metrics.jsonl."""
    lock: bool = True
    """Keep a second process out of the run folder; --no-lock where the file system has no locks."""

    FREE: ClassVar[tuple[str, ...]] = (
        *("mode", "jit_compile", "deterministic", "on_unhealthy", "guard_after", "log_every", "save_every", "keep_every"),
        *("evaluate_every", "lock"),
    )

    def __post_init__(self):
        super().__post_init__()
        for name in ("steps", "log_every", "save_every"):
            if getattr(self, name) < 1:
                raise UserError(f"{name} must be at least 1, not {getattr(self, name)}")
        for name in ("keep_every", "evaluate_every"):
            if getattr(self, name) < 0:
                raise UserError(f"{name} must not be negative, it is {getattr(self, name)}")
        for name in ("save_every", "evaluate_every"):
            if getattr(self, name) % self.log_every:
                raise UserError(f"{name} ({getattr(self, name)}) must be a multiple of log_every ({self.log_every})")
        if self.keep_every % self.save_every:
            raise UserError(f"keep_every ({self.keep_every}) must be a multiple of save_every ({self.save_every})")


def flatten(config: Settings) -> dict[str, Any]:
    """Field name -> value over all parts: what config.json, manifests and checkpoints store."""
    values: dict[str, Any] = {}
    for field in fields(config):
        value = getattr(config, field.name)
        values |= flatten(value) if isinstance(value, Settings) else {field.name: value}
    return values


def changed(config: Config, **changes: Any) -> Config:
    """A configuration with some fields changed, wherever in it they stand."""
    unknown = sorted(set(changes) - set(flatten(config)))
    if unknown:
        raise TypeError(f"{type(config).__name__} has no field {', '.join(unknown)}")
    here: dict[str, Any] = {}
    for field in fields(config):
        value = getattr(config, field.name)
        if isinstance(value, Settings):
            inside = {name: changes[name] for name in flatten(value) if name in changes}
            here |= {field.name: changed(value, **inside)} if inside else {}
        elif field.name in changes:
            here[field.name] = changes[field.name]
    return replace(config, **here)


def config_of(kind: type[Config], values: Mapping[str, Any], place: object = "") -> Config:
    """A configuration from its stored form (a JSON object). A field that it lacks has its default: the run is from before that field.

    place: the file or folder that it is from, for messages. Raises UserError for fields that `kind` does not have, for values of another
    type, and for numbers that are not finite or larger than any setting.
    """
    where = f"{place}: " if place else ""
    read = {kind.RENAMED.get(name, name): with_tuples(value) for name, value in values.items()}
    known = known_fields(kind)
    unknown = [f"{name[:40]}{nearest(name, list(known))}" for name in sorted(set(read) - set(known))]
    if unknown:
        raise UserError(f"{where}the configuration has unknown fields: {', '.join(unknown[:3])}{' and others' * (len(unknown) > 3)}")
    for name, value in read.items():
        wanted = in_words(known[name].kind) if is_moderate(value) else "finite and below 2^63"
        if not (fits(value, known[name].kind) and is_moderate(value)):
            shown = repr(value) if len(repr(value)) < 60 else f"{repr(value)[:60]}..."
            raise UserError(f"{where}{name} of the configuration is {shown}, not {wanted}")
    try:
        return _made(kind, read)
    except UserError as error:
        raise UserError(f"{where}{error}") from error


@dataclass(frozen=True)
class KnownField:
    """A field of a configuration: its type, its default, its help, and the part that it stands in ("" for none)."""

    name: str
    kind: Any
    default: Any
    part: str
    owner: type[Settings]
    """The class that it stands in."""

    @property
    def help(self) -> str:
        """Its docstring, read from the source when a help page asks for it."""
        return _helps(self.owner).get(self.name, "")


@functools.cache
def known_fields(kind: type[Settings]) -> Mapping[str, KnownField]:
    """All fields of a configuration by name, parts opened, in order. Raises TypeError where two parts have a field of one name."""
    found: dict[str, KnownField] = {}
    kinds, parts = _kinds(kind), _parts(kind)
    for field in fields(kind):
        if field.name in parts:
            default = _default(field)
            inside = [
                replace(known, default=known.default if default is None else getattr(default, known.name), part=field.name)
                for known in known_fields(parts[field.name]).values()
            ]
        else:
            inside = [KnownField(field.name, kinds[field.name], _default(field), "", kind)]
        for known in inside:
            if known.name in found:
                raise TypeError(f"{kind.__name__} has two fields {known.name}")
            found[known.name] = known
    return types.MappingProxyType(found)


def free_fields(kind: type[Settings]) -> frozenset[str]:
    """The FREE fields of a configuration and all its parts."""
    return frozenset(kind.FREE).union(*map(free_fields, _parts(kind).values()))


def _made(kind, values):
    arguments = {name: value for name, value in values.items() if name in _kinds(kind)}
    for field in fields(kind):
        if field.name in _parts(kind):
            part, default = _parts(kind)[field.name], _default(field)
            given = {name: values[name] for name in known_fields(part) if name in values}
            arguments[field.name] = _made(part, given) if default is None else changed(default, **given)
    return kind(**arguments)


def _parts(kind):
    """Name -> class of the parts. A default of a class made from the annotated one has that one's fields."""
    found = {}
    for field in fields(kind):
        inner = _kinds(kind)[field.name]
        if isinstance(inner, type) and issubclass(inner, Settings):
            default = _default(field)
            found[field.name] = inner if default is None else type(default)
    return found


def _default(field: Field):
    if field.default is not MISSING:
        return field.default
    return field.default_factory() if field.default_factory is not MISSING else None


@functools.cache
def _kinds(kind):
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


@functools.cache
def _helps(kind):
    """The docstring under each field, also of the classes that it is made from."""
    found = {}
    for base in reversed(kind.__mro__[:-1]):
        try:
            body = ast.parse(textwrap.dedent(inspect.getsource(base))).body[0].body
        except (OSError, TypeError):  # Made where there is no source: in a notebook, at a prompt.
            continue
        for statement, below in zip(body, body[1:], strict=False):
            is_text = isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant) and isinstance(below.value.value, str)
            if isinstance(statement, ast.AnnAssign) and is_text:
                found[statement.target.id] = " ".join(below.value.value.split())
    return found
