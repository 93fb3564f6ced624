"""Every rule on one example worked out by hand, on what it must refuse, and against its own generator."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arc.grids.tasks import as_grid
from arc.skills import SKILLS


def grid(text):
    """Rows apart by spaces, '.' for 0."""
    return as_grid([[0 if cell == "." else int(cell) for cell in row] for row in text.split()])


EXAMPLES = {
    "05269061": ("1.4. .4.2 4.2. .2..", "1241 2412 4124 1241"),
    "1190e5a7": ("3373 3373 7777 3373 7777", "33 33"),
    "137eaa0f": ("..1..... ...5.... ........ .......7 ......5. ........ .5...... 66......", "1.7 .5. 66."),
    "2204b7a8": ("1...2 13.32 1...2", "1...2 11.22 1...2"),
    "2281f1f4": ("5.5.. ..... ....5 ....5", "5.5.. ..... 2.2.5 2.2.5"),
    "5daaa586": ("..3..4. 1131141 ..3..4. ..3.44. .43..4. 4.34.4. 2222242 ..3..4.", "3114 3..4 3.44 3..4 3444 2224"),
    "623ea044": ("..... ..8.. .....", ".8.8. ..8.. .8.8."),
    "6d0aefbc": ("12. 345", "12..21 345543"),
    "7468f01a": (".... .122 .344 ....", "221 443"),
    "85c4e7cd": ("44444 42224 42124 42224 44444", "11111 12221 12421 12221 11111"),
    "88a62173": ("2..2. 22.22 ..... 2..2. 22.2.", "2. 2."),
    "8be77c9e": ("12 3.", "12 3. 3. 12"),
    "9172f3a0": ("1. .2", "111... 111... 111... ...222 ...222 ...222"),
    "a65b410d": ("..... ..... 22... ..... .....", "3333. 333.. 22... 1.... ....."),
    "a9f96cdd": ("..... ...2. .....", "..3.6 ..... ..8.7"),
    "b27ca6d3": ("...... .22... ...... ....2. 2.....", "3333.. 3223.. 3333.. ....2. 2....."),
    "c1d99e64": ("4.4. 44.. .... 4...", "4.42 44.2 2222 4..2"),
    "dbc1a6ce": ("1..1 .... ...1 .1..", "1881 ...8 ...1 .1.."),
}


def test_every_skill_has_an_example():
    assert list(EXAMPLES) == list(SKILLS) and len(SKILLS) == 18


@pytest.mark.parametrize("skill_id", EXAMPLES)
def test_the_rule_gives_what_was_worked_out_by_hand(skill_id):
    before, after = EXAMPLES[skill_id]
    answer = SKILLS[skill_id].solve(grid(before))
    assert answer.tolist() == grid(after).tolist() and answer.dtype == np.int8


@pytest.mark.parametrize(
    ("skill_id", "text", "message"),
    [
        ("05269061", "1.4. .4.. 4... ....", "the stripes 1 mod 3, found \\[\\]"),
        ("05269061", "123 .1. ...", "the stripes 2 mod 3, found \\[1, 3\\]"),
        ("1190e5a7", "3373 3473 7777 3373", "the ground between the lines"),
        ("1190e5a7", "33 33", "the ground between the lines, found \\[\\]"),
        ("137eaa0f", "66. .6.", "none"),
        ("2204b7a8", "1..1 1..1", "two opposite border lines"),
        ("2204b7a8", "1.3. 2..2", "two opposite border lines"),
        ("5daaa586", ".3. 133 .3.", "1 rows and 1 columns"),
        ("5daaa586", "..3..4. 1131141 ..3..4. ..37.4. ..3..4. 2222242 ..3..4.", "colour 7 has no side"),
        ("623ea044", "8.8", "one coloured cell, found 2"),
        ("7468f01a", "... ...", "an empty grid"),
        ("85c4e7cd", "444 454 445", "concentric rings"),
        ("88a62173", "2..2. 22222 ..... 2..2. 22.2.", "four blocks"),
        ("88a62173", "2..2. 22.22 ..... 2..2. 22.22", "found 0"),
        ("a65b410d", "..... .22.. .....", "bar of 2s"),
        ("a65b410d", "22... ..... 2....", "bar of 2s"),
        ("a65b410d", "...", "bar of 2s"),
        ("a9f96cdd", "... .3.", "expected a 2, found a 3"),
    ],
)
def test_an_input_of_another_rule_is_refused(skill_id, text, message):
    with pytest.raises(ValueError, match=message):
        SKILLS[skill_id].solve(grid(text))


def test_pairs_are_outlined_and_larger_or_touching_objects_are_not():
    larger = grid("22... 2.... ....2 ...2. .....")
    assert SKILLS["b27ca6d3"].solve(larger).tolist() == larger.tolist()


def test_outlines_stop_at_other_objects():
    assert SKILLS["b27ca6d3"].solve(grid("22.2 ..2.")).tolist() == grid("2232 332.").tolist()


@pytest.mark.parametrize("skill_id", SKILLS)
@settings(max_examples=60)
@given(seed=st.integers(0, 2**40), cap=st.integers(10, 30), difficulty=st.floats(0, 1))
def test_generator_and_verifier_agree(skill_id, seed, cap, difficulty):
    entry = SKILLS[skill_id]
    drawn, output = entry.generate(random.Random(seed), cap, difficulty)
    assert max(as_grid(drawn).shape + as_grid(output).shape) <= cap
    before = drawn.copy()
    assert entry.solve(drawn).tolist() == output.tolist()
    assert (drawn == before).all(), "the verifier wrote on its input"


@pytest.mark.parametrize("skill_id", SKILLS)
def test_generators_use_the_room_they_have(skill_id):
    pairs = [SKILLS[skill_id].generate(random.Random(seed), 10, 1.0) for seed in range(400)]
    largest = max(max(grid.shape + output.shape) for grid, output in pairs)
    assert largest >= 9 and len({grid.shape for grid, _ in pairs}) >= 4
    assert len({grid.tobytes() for grid, _ in pairs}) >= 200


@pytest.mark.parametrize("skill_id", SKILLS)
def test_difficulty_makes_grids_larger(skill_id):
    def mean_size(difficulty):
        return np.mean([SKILLS[skill_id].generate(random.Random(seed), 30, difficulty)[0].size for seed in range(60)])

    assert mean_size(0.0) < mean_size(0.4) < mean_size(1.0)
