"""Numbers and colours of objects."""

import numpy as np

from arc.solving.search.object_facts import object_facts

GRID = np.array([[1, 1, 0, 2, 2], [1, 1, 0, 2, 2], [0, 0, 0, 0, 0], [3, 3, 3, 0, 4], [3, 0, 3, 0, 0], [3, 3, 3, 0, 0]], np.int8)
FACTS = {name: values for name, values, _ in object_facts(GRID)}
HUES = {name for name, _, is_colour in object_facts(GRID) if is_colour}


def test_sizes_and_their_ranks():
    assert FACTS["part size"][[0, 0, 3, 3], [0, 3, 0, 4]].tolist() == [4, 4, 8, 1]
    assert FACTS["part size rank"][[0, 0, 3, 3], [0, 3, 0, 4]].tolist() == [2, 2, 1, 3]
    assert FACTS["part size"][2, 0] == 0


def test_forms_holes_and_likeness():
    assert FACTS["part holes"][3, 0] == 2 and FACTS["part holes"][0, 0] == 1
    assert FACTS["part form"][[0, 3, 3], [0, 0, 4]].tolist() == [4, 6, 1]
    assert FACTS["part alike"][0, 0] == 2 and FACTS["part alike"][3, 0] == 1
    assert FACTS["area size"][4, 1] == 1


def test_another_of_the_same_shape_lends_its_colour():
    assert FACTS["part other of its shape"][0, 0] == 2 and FACTS["part other of its shape"][0, 3] == 1
    assert FACTS["part other of its shape"][3, 0] == 10 and "part other of its shape" in HUES
    assert FACTS["area beside"][4, 1] == 3


def test_where_a_cell_lies_in_its_object():
    assert FACTS["part row within"][3:, 0].tolist() == [1, 2, 3] and FACTS["part column from end"][3, :3].tolist() == [3, 2, 1]
    assert FACTS["box layer"][4, 1] == 2 and FACTS["part corner"][3, :3].tolist() == [2, 1, 2]


def test_an_object_in_its_own_mirror():
    grid = np.array([[0, 1, 2, 3], [0, 0, 4, 0]], np.int8)
    facts = {name: values for name, values, _ in object_facts(grid)}
    assert facts["object mirrored columns"][0].tolist() == [10, 3, 2, 1]


def test_a_grid_with_nothing_drawn_has_no_objects():
    assert {name.split()[0] for name, *_ in object_facts(np.zeros((3, 3), np.int8))} == {"area"}
