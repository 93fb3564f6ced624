"""What lies over the cells of the answer."""

import numpy as np

from arc.grids.tasks import Pair, Task
from arc.solving.frames import frames
from arc.solving.search.exploring import State
from arc.solving.search.pieces import of_relations, of_states, target_of
from arc.solving.search.pool import Pool

GRID = np.array([[1, 0], [0, 2]], np.int8)
TASK = Task("made", (Pair(GRID, GRID), Pair(GRID[:1], GRID[:1])), (Pair(GRID[::-1], None),))


def test_states_are_kept_where_they_have_the_shapes_of_the_outputs():
    pool = Pool()
    whole = tuple(pool.add(pair.input) for pair in TASK.pairs)
    wide = tuple(pool.add(np.tile(pair.input, (1, 2))) for pair in TASK.pairs)
    groups = of_states(TASK, pool, [State(whole, (), 0), State(wide, ("repeat",), 1)])
    ((shapes, (piece,)),) = groups.items()
    assert shapes.tests == ((2, 2),) and piece.shown.tolist() == [1, 0, 0, 2, 1, 0] and piece.asked.tolist() == [0, 2, 1, 0]


def test_the_target_knows_whose_its_cells_are():
    cells, owner = target_of(TASK)
    assert cells.tolist() == [1, 0, 0, 2, 1, 0] and owner.tolist() == [0, 0, 0, 0, 1, 1]


def test_relations_are_small_numbers_and_colours_among_them_are_pictures():
    shapes, pieces = of_relations(TASK, frames(TASK)[0], 0)
    by_name = {piece.path[0]: piece for piece in pieces}
    assert shapes.tests == ((2, 2),)
    assert by_name["own"].is_picture and by_name["own"].asked.tolist() == [0, 2, 1, 0]
    assert all(
        piece.shown.shape == (6,) and piece.asked.shape == (4,) and 0 <= piece.shown.min() <= piece.shown.max() <= 10 for piece in pieces
    )
