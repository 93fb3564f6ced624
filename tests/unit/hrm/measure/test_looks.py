"""Several looks at a Sudoku, by a reasoner that is made up: it is right about some boards, and says how sure it is."""

from types import SimpleNamespace

import numpy as np
import pytest

from hrm.config import Config
from hrm.measure import looks
from hrm.network.reasoner import Thoughts
from hrm.puzzles.examples import Examples
from hrm.puzzles.sudoku import BLANK, Sudoku
from hrm.puzzles.sudoku_solver import solve
from longrun.config import changed
from longrun.errors import UserError

COUNT = 24


class Fickle:
    """Solves the boards whose first cell has a digit up to 4, which a symmetry changes, and spoils a cell of the others."""

    config = changed(Config(), puzzle="sudoku", side=4, givens=(5, 7))
    rows = 0

    def __init__(self):
        self.asked = []

    def consider(self, examples, segments=0):
        return self.think(examples.tokens, examples.identifier, segments)

    def think(self, tokens, identifier, segments=0, start=None):
        self.asked.append(len(tokens))
        answers = solve(tokens - BLANK, 4).answer.astype(np.int32) + BLANK
        is_right = answers[:, 0] <= 2 + BLANK
        answers[~is_right, 5] = answers[~is_right, 6]
        halting = np.where(is_right, 2.0, -2.0)[None, :, None] * np.ones((1, 1, 2))
        return Thoughts(answers[None], halting, np.zeros(len(tokens), int), np.zeros(0))


@pytest.fixture(scope="module")
def boards() -> Examples:
    return Sudoku(4, (5, 7), "any", 16, 0).held_out(COUNT)


def test_more_looks_find_more_and_no_label_is_used(boards):
    found = looks.look(Fickle(), boards._replace(labels=np.full_like(boards.labels, -100)), 8)
    alone = looks.look(Fickle(), boards, 1)
    assert 0.2 < alone.keeps.mean() < 0.8
    right = (found.answer == boards.labels).all(axis=1)
    assert (right == found.keeps.any(axis=0)).all() and right.mean() > 0.9


def test_looking_ends_with_the_first_answer_that_keeps_the_rules(boards):
    fickle = Fickle()
    found = looks.look(fickle, boards, 8)
    assert fickle.asked[0] == COUNT and fickle.asked[1] == (~found.keeps[0]).sum()
    assert ((found.segments > 0).sum(axis=0)[found.keeps[0]] == 1).all()


def test_what_is_known_of_the_first_look_is_not_thought_again(boards):
    fickle = Fickle()
    first = fickle.consider(boards)
    found = looks.look(fickle, boards, 8, first=first)
    again = looks.look(Fickle(), boards, 8)
    assert fickle.asked[1] == (~found.keeps[0]).sum() and (found.answers == again.answers).all()


def test_where_everything_is_solved_nothing_more_is_looked_at(boards):
    solved = boards.rows(np.flatnonzero(looks.look(Fickle(), boards, 1).keeps[0]))
    fickle = Fickle()
    found = looks.look(fickle, solved, 5)
    assert fickle.asked == [len(solved.tokens)] and found.answers.shape[0] == 5 and found.keeps.all()
    assert (found.answer == solved.labels).all() and not found.segments[1:].any()


def test_a_look_is_the_same_whichever_boards_are_looked_at(boards):
    all_of_them, stopped = looks.look(Fickle(), boards, 8, stop=False), looks.look(Fickle(), boards, 8)
    assert (all_of_them.segments > 0).all()
    assert (all_of_them.first == stopped.first).all() and (all_of_them.answer == stopped.answer).all()


class Stuck(Fickle):
    """Solves a board that has a clue more than the easiest of `boards`, and is unsure of two digits in the first blank cell of others."""

    def think(self, tokens, identifier, segments=0, start=None):
        answers = solve(tokens - BLANK, 4).answer.astype(np.int32) + BLANK
        self.asked.append(tokens)
        is_right = (tokens > BLANK).sum(axis=1) > 7
        logits = 20.0 * (np.arange(6) == answers[:, :, None])
        blank = (tokens <= BLANK).argmax(axis=1)
        here = np.arange(len(tokens))
        right = answers[here, blank]
        wrong = BLANK + 1 + (right - BLANK) % 4
        logits[here, blank, wrong] = 20.0
        answers[~is_right, 5] = answers[~is_right, 6]
        halting = np.where(is_right, 2.0, -2.0)[None, :, None] * np.ones((1, 1, 2))
        return Thoughts(answers[None], halting, np.zeros(len(tokens), int), logits)


@pytest.fixture(scope="module")
def seven() -> Examples:
    """Boards of seven clues."""
    return Sudoku(4, (7, 7), "any", 16, 0).held_out(COUNT)


def test_an_assumed_digit_helps_where_looking_again_does_not(seven):
    assert not looks.look(Stuck(), seven, 6).keeps.any()
    found = looks.look(Stuck(), seven, 6, assume=True)
    assert found.keeps[1:3].any(axis=0).all()
    # What keeps the rules of the board with a wrong digit more is no answer, and the first look assumes nothing.
    assert not found.keeps[0].any() and (found.answer == seven.labels).all()


def test_each_look_assumes_another_digit_of_the_unsure_ones_first(seven):
    logits = Stuck().think(seven.tokens, seven.identifier).logits
    boards = seven.tokens - BLANK
    told = looks.assumed(boards, logits, 8, seed=0)
    added = told != boards
    assert (added.sum(axis=2) == 1).all() and (boards[np.nonzero(added)[1:]] == 0).all()
    here = np.nonzero(added)
    pairs = np.stack([here[2], told[here]], axis=1).reshape(8, COUNT, 2)
    for row in range(COUNT):
        assert len({tuple(pair) for pair in pairs[:, row]}) == 8
    first = (boards == 0).argmax(axis=1)
    assert (pairs[:2, :, 0] == first).all() and not (pairs[2:, :, 0] == first).all()


def test_there_are_two_ways_to_choose(boards):
    by_rules = looks.exact_by_rules(looks.look(Fickle(), boards, 6), boards.labels)
    by_itself = looks.exact_by_itself(looks.look(Fickle(), boards, 6, stop=False), boards.labels)
    assert list(by_rules) == [f"exact_looks_{count}" for count in (1, 2, 4, 6)]
    # This reasoner knows when it is right.
    assert by_rules["exact_looks_6"] == by_itself["exact_confident_6"] > by_itself["exact_confident_1"]


def test_an_answer_keeps_the_givens_too(boards):
    other = np.roll(boards.labels, 1, axis=0)
    assert looks.keeps_rules(boards.tokens, boards.labels, 4).all()
    given = (other == boards.tokens) | (boards.tokens <= BLANK)
    assert (looks.keeps_rules(boards.tokens, other, 4) == given.all(axis=1)).all() and not given.all(axis=1).all()


def test_difficulty_is_counted_by_class(boards):
    scores = looks.of_difficulty(boards, np.ones(COUNT, bool), 4)
    assert sum(value for name, value in scores.items() if name.startswith("share")) == pytest.approx(1)
    assert 5 <= scores["givens_mean"] <= 7 and scores["exact_guesses_0"] == 1


def test_mazes_have_no_symmetries_here(boards):
    maze = SimpleNamespace(config=changed(Config(), puzzle="maze", side=7))
    with pytest.raises(UserError, match="is for Sudokus"):
        looks.look(maze, boards, 2)
