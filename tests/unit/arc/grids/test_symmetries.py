"""The eight symmetries of the square."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from arc.grids.symmetries import COMPOSED, INVERSE, dihedral

grids = arrays.arrays(np.int8, arrays.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=30), elements=st.integers(0, 9))


def same(a, b):
    return a.shape == b.shape and bool((a == b).all())


@given(grids, st.integers(0, 7), st.integers(0, 7))
def test_symmetries_compose_as_the_table_says(grid, a, b):
    assert same(dihedral(dihedral(grid, a), b), dihedral(grid, COMPOSED[a][b]))
    assert same(dihedral(dihedral(grid, a), INVERSE[a]), grid)


def test_there_are_eight_symmetries_and_they_are_the_known_ones():
    grid = np.arange(6).reshape(2, 3)
    turned = [dihedral(grid, s) for s in range(8)]
    assert len({(t.shape, t.tobytes()) for t in turned}) == 8
    for known in (grid, grid.T, np.fliplr(grid), np.flipud(grid), np.rot90(grid), np.rot90(grid, 2), np.rot90(grid, 3)):
        assert sum(same(known, t) for t in turned) == 1
    assert sorted(INVERSE) == list(range(8)) and all(sorted(row) == list(range(8)) for row in COMPOSED)
