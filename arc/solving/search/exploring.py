"""The search: from the inputs of a task to every picture that few transformations make of them, equals kept once.

A state has one picture for each input, demonstrations first. States are followed in the order of their depth; two that have the same
pictures for all inputs are one.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from arc.solving.search.pool import NOTHING, Pool
from arc.solving.search.transformations import (
    choosing,
    colouring,
    combining,
    completing,
    counting,
    cropping,
    drawing,
    filling,
    lattice,
    moving,
    rectangles,
    splitting,
    tiling,
    turning,
    with_input,
)

FAMILIES = (turning, cropping, colouring, filling, drawing, moving, tiling, completing, counting, lattice, rectangles)
CHANGES = {name: change for family in FAMILIES for name, change in family.TRANSFORMATIONS.items()}
WITH_INPUT = with_input.WITH_INPUT | lattice.WITH_INPUT
AT_FIRST = frozenset(["crop plain", *(name for name in completing.TRANSFORMATIONS if name.startswith("usual"))])
"""Changes that take long, and are made of the inputs alone."""
FOR_EACH = (
    "crop drawn",
    "crop within",
    "mirror columns",
    "mirror rows",
    "transpose",
    "fill enclosed",
    "boxes",
    "interior",
    "border",
    "around",
    "with mirror columns",
    "with mirror rows",
    "commonest colour",
    "paint commonest",
    "negative",
)
"""What is done to every picture of a list."""
OVER_LISTS = {name: lambda *pictures, combine=combine: combine(pictures) for name, combine in combining.COMBINATIONS.items()}
LARGEST_LIST = 60
"""Pictures of the lists of all inputs together, of which each is changed."""
SHARE_OF_LISTS = 3
"""One in so many of the transformations may be spent on the pictures of lists."""


class State(NamedTuple):
    """Numbers of pictures, one for each input; the names of the steps that lead there; and how many steps they count as."""

    numbers: tuple[int, ...]
    path: tuple[str, ...]
    depth: int


class Lists(NamedTuple):
    """For each input the numbers of a list of pictures."""

    numbers: tuple[tuple[int, ...], ...]
    path: tuple[str, ...]
    depth: int


class Exploration:
    """States found from `inputs`, within `work` computed transformations and `depth` steps."""

    def __init__(self, pool: Pool, inputs: Sequence[np.ndarray], work: int, depth: int):
        self._pool, self._work, self._depth = pool, work, depth
        self._inputs = tuple(pool.add(grid) for grid in inputs)
        self._seen: set[tuple] = set()
        self._parts: dict[tuple[str, int], tuple[int, ...]] = {}
        self._chosen: dict[tuple[int, ...], dict[str, int]] = {}
        self._measures: dict[int, choosing.Measured] = {}
        self._waiting: list[list[State | Lists]] = [[] for _ in range(depth + 1)]

    def states(self) -> Iterator[State]:
        """All states, in the order in which they are found."""
        start = State(self._inputs, (), 0)
        self._seen.add(self._inputs)
        self._waiting[0].append(start)
        yield start
        for level in self._waiting[: self._depth]:
            # Few lists promise more than many pictures.
            for one in sorted(level, key=lambda one: isinstance(one, State)):
                if self._pool.work >= self._work:
                    return
                if isinstance(one, State):
                    yield from self._from_state(one)
                elif self._pool.work < self._work // SHARE_OF_LISTS:
                    yield from self._from_lists(one)

    def _new(self, numbers, path, depth) -> Iterator[State]:
        if numbers in self._seen:
            return
        self._seen.add(numbers)
        if not any(self._pool.grids[number].any() for number in numbers):
            return
        found = State(numbers, path, depth)
        if depth < self._depth:
            self._waiting[depth].append(found)
        yield found

    def _changed(self, name, function, *columns):
        """The numbers after a change of every picture, None where it does not give one for each."""
        found = []
        for numbers in zip(*columns, strict=True):
            number = self._pool.change(name, function, *numbers)
            if number == NOTHING:
                return None
            found.append(number)
        return tuple(found)

    def _from_state(self, state):
        depth = state.depth + 1
        for name, change in CHANGES.items():
            if state.depth and name in AT_FIRST:
                continue
            numbers = self._changed(name, change, state.numbers)
            if numbers is not None:
                yield from self._new(numbers, (*state.path, name), depth)
        if state.depth:
            for name, change in WITH_INPUT.items():
                numbers = self._changed(name, change, state.numbers, self._inputs)
                if numbers is not None:
                    yield from self._new(numbers, (*state.path, name), depth)
        for name, split in splitting.SPLITS.items():
            lists = tuple(self._split(name, split, number) for number in state.numbers)
            if min(map(len, lists)) > 0 and max(map(len, lists)) > 1:
                yield from self._new_lists(lists, (*state.path, name), depth)

    def _split(self, name, split, number):
        key = (name, number)
        found = self._parts.get(key)
        if found is None:
            self._pool.work += 1
            found = self._parts[key] = tuple(self._pool.add(grid) for grid in split(self._pool.grids[number]))
        return found

    def _new_lists(self, lists, path, depth):
        """A picture of each list, or all of them together, count as one step with the split."""
        if lists in self._seen:
            return
        self._seen.add(lists)
        choices = [self._choices(numbers) for numbers in lists]
        for name in choices[0]:
            if all(name in found for found in choices):
                yield from self._new(tuple(found[name] for found in choices), (*path, name), depth)
        for name, combine in OVER_LISTS.items():
            numbers = []
            for one in lists:
                number = self._pool.change(name, combine, *one)
                if number == NOTHING:
                    break
                numbers.append(number)
            else:
                yield from self._new(tuple(numbers), (*path, name), depth)
        if depth < self._depth and path[-1] not in splitting.BANDS and sum(map(len, lists)) <= LARGEST_LIST:
            self._waiting[depth].append(Lists(lists, path, depth))

    def _choices(self, numbers):
        found = self._chosen.get(numbers)
        if found is None:
            self._pool.work += 2
            found = self._chosen[numbers] = {
                name: numbers[place] for name, place in choosing.chosen([self._measured(number) for number in numbers])
            }
        return found

    def _measured(self, number):
        found = self._measures.get(number)
        if found is None:
            self._pool.work += 1
            found = self._measures[number] = choosing.measured(self._pool.grids[number])
        return found

    def _from_lists(self, lists):
        for name in FOR_EACH:
            changed = []
            for numbers in lists.numbers:
                found = tuple(self._pool.change(name, CHANGES[name], number) for number in numbers)
                if NOTHING in found:
                    break
                changed.append(found)
            else:
                yield from self._new_lists(tuple(changed), (*lists.path, f"each {name}"), lists.depth + 1)
