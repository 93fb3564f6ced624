"""Pictures: question, answers with wrong cells framed, right answer."""

from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from hrm.measure.pictures import CELL, LARGE, save, solved, strip, strips
from hrm.puzzles.examples import IGNORED, Examples


def puzzles(tokens, labels) -> Examples:
    zeros = np.zeros(len(tokens), np.int32)
    return Examples(np.array(tokens, np.int32), np.array(labels, np.int32), zeros, zeros, zeros.astype(np.float32))


def test_a_wrong_cell_is_framed_and_a_right_one_is_not():
    data = SimpleNamespace(side=2, puzzle="mini-arc")
    examples = puzzles([[2, 3, 4, 5]], [[3, 3, 4, 5]])
    thoughts = SimpleNamespace(answers=np.array([[[4, 3, 4, 5]], [[3, 3, 4, 5]]]))
    picture = strip(data, examples, thoughts, 0)
    side, gap = 2 * CELL, CELL // 2
    assert picture.shape == (side, 4 * side + 3 * gap, 3)
    first, second, target = (picture[:, i * (side + gap) : i * (side + gap) + side] for i in (1, 2, 3))
    assert (first[0, 0] == (255, 0, 0)).all() and (second == target).all()
    assert (picture[CELL // 2, CELL // 2] == 0).all()  # Colour 0 is black.


@pytest.mark.parametrize(("puzzle", "tokens"), [("sudoku", [1, 2, 3, 5]), ("maze", [1, 2, 3, 4])])
def test_other_puzzles_are_drawn_and_written(puzzle, tokens, tmp_path):
    data = SimpleNamespace(side=2, puzzle=puzzle)
    examples = puzzles([tokens] * 3, [tokens] * 3)
    found = strips(data, examples, SimpleNamespace(answers=np.array([[tokens] * 3])), count=2)
    assert len(found) == 2 and found[0].std() > 10
    save(tmp_path / "answers.png", found)
    assert cv2.imread(str(tmp_path / "answers.png")).shape[1] == found.shape[2]
    with pytest.raises(OSError, match="cannot write"):
        save(tmp_path / "none" / "answers.png", found)


def test_boards_end_with_the_last_change_and_an_unknown_answer_has_no_board():
    data = SimpleNamespace(side=4, puzzle="sudoku")
    tokens = [[1] * 16]
    answers = np.full((5, 1, 16), 2)
    answers[1:] = 3
    side, gap = 4 * LARGE, LARGE // 2
    for label, boards in ((IGNORED, 3), (3, 4)):
        picture = solved(data, puzzles(tokens, [[label] * 16]), SimpleNamespace(answers=answers), 20)[0]
        assert picture.shape == (side, boards * side + (boards - 1) * gap, 3)
    # The edges of the boxes are dark.
    assert (picture[side // 2 - 1, :side] == 60).all() and (picture[:, side // 2 - 1] == 60).all()
