"""Tasks seen as others."""

import numpy as np

from arc.grids.tasks import Pair, Task
from arc.solving.search.answering import answers
from arc.solving.search.views import views

SEED = np.random.default_rng(5)


def scattered(*shapes):
    """Objects of random cells in the squares of a 2 x 2 board, far from one another."""
    grid = np.zeros((12, 12), np.int8)
    for place, (height, width) in enumerate(shapes):
        row, column = divmod(place, 2)
        grid[1 + 6 * row : 1 + 6 * row + height, 1 + 6 * column : 1 + 6 * column + width] = SEED.integers(1, 5, (height, width))
    return grid


def each_turned(grid):
    found = grid.copy()
    for row in (0, 6):
        for column in (0, 6):
            part = grid[row : row + 6, column : column + 6]
            drawn = np.ix_((part > 0).any(1), (part > 0).any(0))
            corner = found[row : row + 6, column : column + 6]
            corner[drawn] = part[drawn][::-1, ::-1]
    return found


INPUTS = [scattered((2, 3), (3, 2)), scattered((1, 4), (2, 2), (3, 3)), scattered((3, 4), (2, 4), (4, 1))]


def of(rule, inputs):
    *shown, asked = inputs
    return Task("made", tuple(Pair(grid, rule(grid)) for grid in shown), (Pair(asked, None),))


def test_each_object_is_a_pair_and_its_answer_goes_back():
    task = of(each_turned, INPUTS)
    (view,) = [view for view in views(task) if view.name == "each object with 0 around"]
    assert len(view.task.train) == 5 and len(view.task.test) == 3
    whole = view.put_back([pair.input[::-1, ::-1] for pair in view.task.test])
    assert np.array_equal(whole[0], each_turned(INPUTS[-1]))


def test_a_change_outside_the_objects_is_no_view_of_objects():
    def with_corner(grid):
        found = each_turned(grid)
        found[-1, -1] = 9
        return found

    assert not [view for view in views(of(with_corner, INPUTS)) if view.name.startswith("each object")]


def lattice(cells):
    grid = np.kron(np.asarray(cells, np.int8), np.ones((3, 3), np.int8))
    grid[2::3] = 5
    grid[:, 2::3] = 5
    return grid[:-1, :-1]


def test_fields_of_a_lattice_are_cells_of_a_small_grid():
    small = [SEED.integers(0, 4, (4, 4)) for _ in range(3)]
    task = Task("made", tuple(Pair(lattice(one), lattice(one[::-1])) for one in small[:2]), (Pair(lattice(small[2]), None),))
    view = list(views(task))[-1]
    assert view.name == "lattice" and np.array_equal(view.task.train[0].input, small[0])
    assert np.array_equal(view.put_back([small[2][::-1].astype(np.int8)])[0], lattice(small[2][::-1]))


def test_a_rule_for_each_object_is_found():
    found = answers(of(each_turned, INPUTS), 3000)
    assert np.array_equal(found[0].grids[0], each_turned(INPUTS[-1]))
