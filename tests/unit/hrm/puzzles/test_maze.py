"""Mazes: one shortest path, and no other."""

import numpy as np
import pytest

from hrm.puzzles import maze
from hrm.puzzles.maze import FREE, GOAL, PATH, START, WALL, Maze, shortest_path


def drawn(text: str) -> np.ndarray:
    return np.array([["# SGo".index(c) + 1 for c in line] for line in text.split("\n")])


def test_the_only_shortest_path_is_marked():
    solved = shortest_path(drawn("#####\n#S  #\n# # #\n### #\n#  G#"))
    assert (solved == drawn("#####\n#Soo#\n# #o#\n###o#\n#  G#")).all()


def test_two_shortest_paths_or_none_are_no_answer():
    assert shortest_path(drawn("#####\n#S  #\n# # #\n#  G#\n#####")) is None
    assert shortest_path(drawn("#####\n#S# #\n### #\n#  G#\n#####")) is None
    with pytest.raises(ValueError, match="one S and one G, not 0 and 1"):
        shortest_path(drawn("#####\n#   #\n### #\n#  G#\n#####"))


@pytest.mark.parametrize("side", [7, 15, 30])
def test_generated_mazes_have_one_shortest_path_of_the_length_told(side):
    source = Maze(side, 6, seed=0)
    for examples in (source.batch(0, 0, 6), source.held_out(6)):
        for tokens, labels, length in zip(examples.tokens, examples.labels, examples.difficulty, strict=True):
            grid, answer = tokens.reshape(side, side), labels.reshape(side, side)
            assert (shortest_path(grid) == answer).all() and length >= side
            assert (answer == PATH).sum() == length - 1
            assert {START, GOAL, WALL, FREE} <= set(tokens.tolist()) and maze.PATH not in tokens
    assert (source.batch(0, 1, 6).tokens == Maze(side, 6, seed=0).batch(0, 1, 6).tokens).all()


def test_a_step_shows_symmetries():
    source = Maze(7, 1, seed=0)
    assert 4 <= len(np.unique(source.batch(0, 0, 64).tokens, axis=0)) <= 8
