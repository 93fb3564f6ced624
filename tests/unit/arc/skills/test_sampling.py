"""Pairs and tasks as functions of their names, and the two halves that share no input."""

import subprocess
import sys

import numpy as np
import pytest

from arc.grids.tasks import grid_key
from arc.skills import SKILLS, draw_pair, draw_task, is_test_input

DRAWN = "import zlib, arc.skills as s; print(zlib.crc32(b''.join(s.draw_pair(i, 5, 9, cap=10).key for i in s.SKILLS)))"


def test_a_pair_is_a_function_of_its_name():
    for skill_id in SKILLS:
        assert draw_pair(skill_id, 1, 2, cap=10) == draw_pair(skill_id, 1, 2, cap=10)
    few = {draw_pair("c1d99e64", seed, index, split).key for seed in (0, 1) for index in (0, 1) for split in ("train", "test")}
    assert len(few) == 8


def test_another_process_draws_the_same():
    outputs = [
        subprocess.run([sys.executable, "-c", DRAWN], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True).stdout
        for seed in ("1", "2")
    ]
    assert outputs[0] == outputs[1] and int(outputs[0]) > 0


@pytest.mark.parametrize("skill_id", SKILLS)
def test_the_halves_share_no_input_and_nothing_is_a_no_op(skill_id):
    inputs = {}
    for split in ("train", "test"):
        pairs = [draw_pair(skill_id, seed, index, split, cap=10) for seed in (0, 1) for index in range(60)]
        inputs[split] = {grid_key(pair.input) for pair in pairs}
        assert all(is_test_input(pair.input) == (split == "test") for pair in pairs)
        assert not any(np.array_equal(pair.input, pair.output) for pair in pairs)
        assert not any(grid.flags.writeable for pair in pairs for grid in (pair.input, pair.output))
    assert inputs["train"].isdisjoint(inputs["test"])


def test_about_one_input_in_eight_is_for_the_test():
    pairs = [draw_pair("c1d99e64", 0, index, "all") for index in range(800)]
    # 100 expected, standard deviation 9.4
    assert 60 < sum(is_test_input(pair.input) for pair in pairs) < 140


def test_excluded_inputs_are_not_drawn():
    pairs = [draw_pair("a65b410d", 0, index, cap=10) for index in range(50)]
    exclude = frozenset(grid_key(pair.input) for pair in pairs)
    again = [draw_pair("a65b410d", 0, index, cap=10, exclude=exclude) for index in range(50)]
    assert exclude.isdisjoint(grid_key(pair.input) for pair in again)


def test_an_impossible_wish_ends_with_its_name():
    everything = {grid_key(draw_pair("a9f96cdd", 0, index, "all", difficulty=0).input) for index in range(500)}
    with pytest.raises(ValueError, match="skill a9f96cdd: no all pair in 1000 draws at cap 10, difficulty 0"):
        draw_pair("a9f96cdd", 1, 0, "all", cap=10, difficulty=0, exclude=everything)


@pytest.mark.parametrize("skill_id", SKILLS)
def test_a_task_has_demonstrations_that_differ_from_its_query(skill_id):
    for index in range(5):
        task = draw_task(skill_id, 3, index, demonstrations=4, split="test", cap=10)
        assert task.test == (draw_pair(skill_id, 3, index, "test", cap=10),)
        assert len(task.train) == 4 and len({grid_key(pair.input) for pair in task.pairs}) == 5
        assert not any(is_test_input(pair.input) for pair in task.train)
    assert draw_task(skill_id, 3, 0, cap=10) == draw_task(skill_id, 3, 0, cap=10)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"skill_id": "85c4e7ce"}, "no skill '85c4e7ce'; the nearest: 85c4e7cd"),
        ({"split": "validation"}, "split 'validation' is none of train, test, all"),
        ({"cap": 9}, "cap 9 is not in 10..30"),
        ({"cap": 31}, "cap 31 is not in 10..30"),
        ({"difficulty": 1.5}, "difficulty 1.5 is not in 0..1"),
        ({"difficulty": float("nan")}, "difficulty nan"),
    ],
)
def test_a_wrong_wish_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        draw_pair(**{"skill_id": "85c4e7cd", "seed": 0, "index": 0} | arguments)


def test_a_task_needs_a_demonstration():
    with pytest.raises(ValueError, match="0 demonstrations"):
        draw_task("85c4e7cd", 0, 0, demonstrations=0)
