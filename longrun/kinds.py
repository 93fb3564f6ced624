"""The types that a field of a configuration may have, asked at run time: whether a stored value is of one, and how it is called."""

import types
from typing import Any, Literal, Union, get_args, get_origin

LARGEST = 2**63
"""No setting means as much."""


def fits(value: Any, kind: Any) -> bool:
    """Whether a value is of a type: int, float (an int will do), bool, str, tuple[...], Literal[...] or a union of them.

    True and False are no numbers, and 1 is not the 1.0 of a Literal.
    """
    origin, inside = get_origin(kind), get_args(kind)
    if origin is Literal:
        return any(value == one and type(value) is type(one) for one in inside)
    if origin in (Union, types.UnionType):
        return any(fits(value, one) for one in inside)
    if origin is tuple:
        if not isinstance(value, tuple):
            return False
        each = inside[:1] * len(value) if inside[-1] is Ellipsis else inside
        return len(value) == len(each) and all(map(fits, value, each))
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, int | float if kind is float else kind)


def is_moderate(value: Any) -> bool:
    """Whether the numbers of a stored value are finite and below LARGEST."""
    if isinstance(value, tuple):
        return all(map(is_moderate, value))
    return not isinstance(value, int | float) or -LARGEST < value < LARGEST


def choices(kind: Any) -> tuple:
    """What a value may be, where its type lists it: Literal["a", "b"], or Literal["a", "b"] | None. Otherwise nothing."""
    inside = get_args(kind)
    if get_origin(kind) is Literal:
        return inside
    literal = next((one for one in inside if get_origin(one) is Literal), None)
    if get_origin(kind) in (Union, types.UnionType) and {literal, type(None)} == set(inside):
        return (*get_args(literal), None)
    return ()


def with_tuples(value: Any) -> Any:
    """A value of a JSON file with tuples for lists."""
    return tuple(map(with_tuples, value)) if isinstance(value, list) else value


def in_words(kind: Any) -> str:
    """A type as it is written in code."""
    return getattr(kind, "__name__", str(kind)) if get_origin(kind) is None else str(kind).replace("typing.", "")
