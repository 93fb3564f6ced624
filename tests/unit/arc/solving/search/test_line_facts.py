"""Numbers of rows, columns and surroundings."""

import numpy as np

from arc.solving.search.line_facts import line_facts

GRID = np.array([[0, 0, 0, 0], [2, 0, 0, 3], [0, 0, 0, 0], [2, 2, 0, 0]], np.int8)
FACTS = {name: values for name, values, _ in line_facts(GRID)}


def test_rows_and_columns_are_counted():
    assert FACTS["row count"][:, 0].tolist() == [0, 2, 0, 2] and FACTS["column count"][0].tolist() == [2, 1, 0, 1]
    assert FACTS["row only colour"][:, 0].tolist() == [10, 10, 10, 2] and FACTS["column only colour"][0].tolist() == [2, 2, 10, 3]
    assert FACTS["row colours"][1, 0] == 2 and FACTS["row alike"][0, 0] == 2
    assert FACTS["row drawn before"][1].tolist() == [0, 1, 1, 1] and FACTS["row drawn after"][1].tolist() == [1, 1, 1, 0]


def test_the_way_to_the_next_drawn_cell():
    assert FACTS["steps (0, 1)"][1].tolist() == [3, 2, 1, 0] and FACTS["steps (1, 0)"][:, 0].tolist() == [1, 2, 1, 0]
    assert FACTS["steps (-1, -1)"][2].tolist() == [0, 1, 0, 0]


def test_the_nearest_drawn_cell_and_how_far_it_is():
    assert FACTS["distance taxicab"][0, 1] == 2 and FACTS["nearest taxicab"][0, 3] == 3
    assert FACTS["nearest taxicab rows away"][0, 3] == 4 and FACTS["nearest taxicab columns away"][0, 3] == 5


def test_what_lies_around():
    assert FACTS["drawn near"][2, 0] == 3 and FACTS["commonest near"][2, 0] == 2 and FACTS["drawn beside"][2, 0] == 2


def test_an_empty_grid_has_facts_too():
    facts = {name: values for name, values, _ in line_facts(np.zeros((2, 3), np.int8))}
    assert facts.keys() == FACTS.keys() and all(values.shape == (2, 3) for values in facts.values())
