"""Pictures that lie over the answer cell by cell: what a rule for its cells can be read off."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from arc.grids.canvas import PAD
from arc.grids.tasks import Task
from arc.solving.frames import Frame
from arc.solving.relations import COLOUR_NAMES, FACT_NAMES, PLACE_NAMES, places, relations
from arc.solving.search.exploring import State
from arc.solving.search.line_facts import line_facts
from arc.solving.search.object_facts import object_facts
from arc.solving.search.pool import Pool

VALUES = PAD + 1
"""A piece has values from 0 up to this, without it; PAD is where there is no colour."""


class Piece(NamedTuple):
    """One value for each cell of all demonstrations' outputs, and of the answers to all tests."""

    shown: np.ndarray
    """(cells of the demonstrations,) int8."""
    asked: np.ndarray
    """(cells of the tests,) int8."""
    path: tuple[str, ...]
    depth: int
    is_picture: bool
    """Whether values are colours that an answer may show."""


class Shapes(NamedTuple):
    """The shapes of the answers to the tests, as some pieces have them."""

    tests: tuple[tuple[int, int], ...]


def target_of(task: Task) -> tuple[np.ndarray, np.ndarray]:
    """(cells of all demonstrations' outputs, the number of the demonstration of each)."""
    cells = np.concatenate([pair.output.ravel() for pair in task.train])
    return cells, np.repeat(np.arange(len(task.train)), [pair.output.size for pair in task.train])


def of_states(task: Task, pool: Pool, states: Iterable[State]) -> dict[Shapes, list[Piece]]:
    """Pieces among the states whose shapes are those of the demonstrations' outputs, by the shapes that they give the tests' answers."""
    shapes = tuple(pair.output.shape for pair in task.train)
    found: dict[Shapes, list[Piece]] = {}
    for state in states:
        grids = [pool.grids[number] for number in state.numbers]
        shown, asked = grids[: len(shapes)], grids[len(shapes) :]
        if all(grid.shape == shape for grid, shape in zip(shown, shapes, strict=True)):
            piece = Piece(_flat(shown), _flat(asked), state.path, state.depth, True)
            found.setdefault(Shapes(tuple(grid.shape for grid in asked)), []).append(piece)
    return found


def as_grids(cells: np.ndarray, shapes: Sequence[tuple[int, int]]) -> list[np.ndarray]:
    """The cells of several grids, one after another, as grids of these shapes."""
    ends = np.cumsum([height * width for height, width in shapes])
    return [part.reshape(shape) for part, shape in zip(np.split(cells, ends[:-1]), shapes, strict=True)]


def _flat(grids):
    return np.concatenate([grid.ravel() for grid in grids])


def of_relations(task: Task, frame: Frame, background: int) -> tuple[Shapes, list[Piece]]:
    """What is known of the cells of the input that a frame lays under each cell of the answer, and where the cell lies."""
    columns: dict[str, list[np.ndarray]] = {}
    shapes, hues = [], {*COLOUR_NAMES}
    for pair in task.pairs:
        found, sources = relations(pair.input, background), frame.sources(pair.input)
        shapes.append(sources.shape[1:])
        first, cells = sources[0].ravel(), pair.input.size
        colours, facts = (values.reshape(cells, -1)[first] for values in (found.colours, found.facts))
        each = [*zip(COLOUR_NAMES, colours.T, strict=True), *zip(FACT_NAMES, facts.T, strict=True)]
        each += zip(PLACE_NAMES, places(*sources.shape[1:]).reshape(first.size, -1).T, strict=True)
        each += ((f"source {place}", pair.input.ravel()[one.ravel()]) for place, one in enumerate(sources))
        for name, values, is_colour in (*object_facts(pair.input), *line_facts(pair.input)):
            each.append((name, values.ravel()[first]))
            if is_colour:
                hues.add(name)
        for name, values in each:
            columns.setdefault(name, []).append(values)
    shown = sum(pair.output.size for pair in task.train)
    pieces = []
    for name, parts in columns.items():
        if len(parts) == len(task.pairs):
            values = _small(np.concatenate(parts))
            if values is not None:
                is_picture = name in hues or name.startswith("source")
                pieces.append(Piece(values[:shown], values[shown:], (name,), 1, is_picture))
    return Shapes(tuple(shapes[len(task.train) :])), pieces


def _small(values):
    """As numbers below VALUES, None where there are more different ones."""
    if values.dtype == np.int8:
        return values
    found, places = np.unique(values, return_inverse=True)
    return places.astype(np.int8) if len(found) <= VALUES else None


def different(pieces: Iterable[Piece], most: int) -> list[Piece]:
    """The first of those that are alike in the demonstrations, `most` at most."""
    found: dict[bytes, Piece] = {}
    for piece in pieces:
        found.setdefault(np.asarray(piece.shown, np.int8).tobytes(), piece)
        if len(found) == most:
            break
    return list(found.values())
