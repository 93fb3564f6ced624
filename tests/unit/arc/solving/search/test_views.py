"""Tasks seen as others."""

import numpy as np
import pytest

from arc.grids.symmetries import dihedral
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


def test_grids_are_turned_until_they_lie_and_answers_back():
    tall, wide = np.arange(6, dtype=np.int8).reshape(3, 2), np.arange(8, dtype=np.int8).reshape(2, 4)
    (view,) = [view for view in views(of(lambda grid: grid[::-1, ::-1], [wide, tall, tall])) if view.name == "lying"]
    assert {pair.input.shape for pair in view.task.pairs} == {(2, 4), (2, 3)}
    assert np.array_equal(view.put_back([tall.T])[0], tall)
    assert "lying" not in {view.name for view in views(of(np.copy, [wide, wide]))}


@pytest.mark.parametrize("symmetry", range(4))
def test_the_side_with_most_is_on_top(symmetry):
    grid = np.array([[3, 3, 3], [0, 0, 3], [0, 0, 0]], np.int8)
    task = of(np.copy, [grid, np.rot90(grid), dihedral(grid, symmetry)])
    (view,) = [view for view in views(task) if view.name == "heavy side up"]
    assert np.array_equal(view.task.test[0].input, grid)
    assert np.array_equal(view.put_back([grid])[0], task.test[0].input)


def test_the_corner_with_most_is_the_first():
    grid = np.array([[3, 3, 0], [3, 0, 0], [0, 0, 0]], np.int8)
    for turned in (grid[::-1], grid[:, ::-1], grid[::-1, ::-1]):
        (view,) = [view for view in views(of(np.copy, [grid, turned])) if view.name == "heavy corner first"]
        assert np.array_equal(view.task.test[0].input, grid) and np.array_equal(view.put_back([grid])[0], turned)
