import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from arc.grids.canvas import PAD
from arc.solving.relations import COLOUR_NAMES, FACT_NAMES, PLACE_NAMES, PRESENCE_NAMES, places, relations

grids = arrays.arrays(np.int8, arrays.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=7), elements=st.integers(0, 9))


def colour(grid, name, background=0):
    return relations(np.array(grid, np.int8), background).colours[:, :, COLOUR_NAMES.index(name)].tolist()


def fact(grid, name):
    return relations(np.array(grid, np.int8), 0).facts[:, :, FACT_NAMES.index(name)].tolist()


def presence(grid, name, of):
    return relations(np.array(grid, np.int8), 0).presence[:, :, of, PRESENCE_NAMES.index(name)].tolist()


@given(grids, st.permutations(range(1, 10)), st.integers(0, 3))
def test_renamed_colours_rename_what_is_known_and_change_nothing_else(grid, names, background):
    names = np.array([0, *names], np.int8)
    before, after = relations(grid, background), relations(names[grid], int(names[background]))
    assert np.array_equal(after.colours, np.append(names, PAD)[before.colours])
    assert np.array_equal(after.facts, before.facts)
    assert np.array_equal(after.presence[:, :, names], before.presence)


@given(grids)
def test_every_number_is_a_share(grid):
    found = relations(grid, 0)
    assert found.colours.shape[:2] == found.facts.shape[:2] == found.presence.shape[:2] == grid.shape
    assert found.colours.min() >= 0 and found.colours.max() <= PAD
    assert found.facts.min() >= 0 and found.facts.max() <= 30 and found.presence.min() >= 0 and found.presence.max() <= 1


def test_a_ray_ends_at_the_first_colour():
    grid = [[0, 0, 3], [2, 0, 0], [0, 0, 0]]
    assert colour(grid, "ray (0, -1)") == [[PAD, PAD, PAD], [PAD, 2, 2], [PAD, PAD, PAD]]
    assert colour(grid, "ray (0, 1)")[0] == [3, 3, PAD]
    assert colour(grid, "ray (-1, 1)") == [[PAD] * 3, [PAD, 3, PAD], [3, PAD, PAD]]
    assert colour(grid, "ray (1, -1)") == [[PAD, 2, PAD], [PAD, PAD, PAD], [PAD, PAD, PAD]]
    assert colour(grid, "ray (-1, 0)")[2] == [2, PAD, 3] and colour(grid, "ray (1, 0)")[0] == [2, PAD, PAD]


def test_a_hidden_part_of_a_pattern_is_seen_in_its_mirror_and_in_its_tiles():
    # The axis lies between columns 2 and 3 of six: in the seventh there is no image.
    grid = [[1, 2, 3, 3, 2, 0, 7], [4, 5, 6, 6, 5, 4, 7]]
    assert colour(grid, "pattern mirror columns")[0][:6] == [0, 2, 3, 3, 2, 1]
    tiles = np.tile([[1, 2], [3, 4]], (3, 3))
    tiles[2:4, 2:4] = 0
    assert np.array_equal(colour(tiles, "pattern tiles"), np.tile([[1, 2], [3, 4]], (3, 3)))
    row, column = np.indices((6, 7))
    stripes = 1 + (row + column) % 3
    assert np.array_equal(colour(np.where(column == 3, 0, stripes), "pattern stripes"), stripes)


def test_what_is_enclosed_knows_by_whom_and_what_encloses_has_a_hole():
    grid = [[0, 0, 0, 0, 0], [0, 4, 4, 4, 0], [0, 4, 0, 4, 0], [0, 4, 4, 4, 0], [5, 0, 0, 0, 0]]
    enclosed = np.zeros((5, 5))
    enclosed[2, 2] = 1
    assert np.array_equal(fact(grid, "enclosed"), enclosed)
    assert colour(grid, "part around")[2][2] == 4 and colour(grid, "part around")[0][0] == PAD
    assert np.array_equal(fact(grid, "part has 1 holes"), np.array(grid) == 4)
    assert np.array_equal(fact(grid, "part largest"), np.array(grid) == 4)
    assert colour(grid, "object largest")[0][0] == 4 and colour(grid, "object smallest")[0][0] == 5


def test_parts_know_which_others_have_their_shape():
    grid = [[1, 1, 0, 2, 2], [0, 0, 0, 0, 0], [3, 0, 0, 0, 0]]
    assert np.array_equal(fact(grid, "part alone in shape"), np.array(grid) == 3)
    assert np.array_equal(fact(grid, "part commonest in shape"), (np.array(grid) == 1) | (np.array(grid) == 2))


def test_bands_between_lines_are_laid_over_one_another():
    grid = [[0, 0, 5, 6, 0], [0, 0, 5, 0, 0], [5, 5, 5, 5, 5], [6, 0, 5, 0, 7]]
    assert colour(grid, "band place")[0] == [6, 7, PAD, 6, 7] and colour(grid, "band place")[1] == [PAD] * 5
    assert colour(grid, "band own")[3] == [6, 6, PAD, 7, 7]


def test_equal_counts_have_no_winner():
    assert colour([[1, 2, 2]], "count most") == [[2] * 3] and colour([[1, 2]], "count most") == [[PAD] * 2]


def test_presence_speaks_of_a_cell_and_a_colour():
    grid = [[1, 0, 2], [0, 0, 0]]
    assert presence(grid, "in row", 2) == [[1, 1, 1], [0, 0, 0]] and presence(grid, "in column", 2) == [[0, 0, 1]] * 2
    assert presence(grid, "next", 1) == [[0, 1, 0], [1, 1, 0]]
    assert presence(grid, "between row", 1) == [[1, 0, 0], [0, 0, 0]]
    assert presence(grid, "is background", 0) == [[1] * 3] * 2


def test_places_count_from_both_ends():
    found = dict(zip(PLACE_NAMES, np.moveaxis(places(3, 4), 2, 0), strict=True))
    assert found["row odd"].tolist() == [[0] * 4, [1] * 4, [0] * 4]
    assert found["column odd from end"][0].tolist() == [1, 0, 1, 0]
    assert found["middle row"].tolist() == [[0] * 4, [1] * 4, [0] * 4] and not found["middle column"].any()
    assert found["edge is 0"].sum() == 10 and found["other diagonal"].tolist() == np.eye(3, 4)[:, ::-1].tolist()
