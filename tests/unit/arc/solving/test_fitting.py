import numpy as np
import pytest

from arc.grids.augmentation import Augmentation
from arc.grids.tasks import Pair, Task
from arc.solving import fitting
from arc.solving.cells import MEMBERS, NO_COLOUR
from arc.solving.fitting import BATCH, Budget, Guess, Lesson, known_of, palette_of
from arc.solving.frames import NoFrame, frames
from arc.solving.relations import COLOUR_NAMES

SPOTS = np.array([[0, 3, 0], [4, 0, 0]], np.int8)


def mirrored(*grids):
    """A task: mirror the columns. The last grid is the test, its answer withheld."""
    *shown, asked = (np.array(grid, np.int8) for grid in grids)
    return Task("mirror", tuple(Pair(grid, grid[:, ::-1]) for grid in shown), (Pair(asked, None),))


TASK = mirrored(SPOTS, SPOTS[::-1], [[0, 5], [0, 0]])


class Members:
    """Stands for Cells: member m answers with the colour `answers[m]` of each cell, given as functions of what is known."""

    def __init__(self, *answers):
        self._answers = answers

    def answers(self, known):
        given = [self._answers[member % len(self._answers)](known) for member in range(MEMBERS)]
        return np.stack(given, axis=1).astype(np.int32), np.full((len(given[0]), MEMBERS), 0.5)


def in_mirror(known):
    return known.colours[:, COLOUR_NAMES.index("mirror columns")]


def wrong(known):
    return known.colours[:, 0]


def lesson(task=TASK):
    return Lesson(task, frames(task)[0], [Augmentation()], np.random.default_rng(0))


def test_a_round_ends_with_its_share_of_the_steps():
    budget = Budget(40, 0, 8)
    assert [list(budget.round(number)) for number in range(8)] == [[(step, step / 5) for step in range(5)]] * 8 and budget.done == 40


def test_a_round_ends_with_its_share_of_the_seconds(monkeypatch):
    clock = iter([100.0, *np.arange(100, 200, 0.25)])
    monkeypatch.setattr(fitting.time, "process_time", lambda: float(next(clock)))
    budget = Budget(8000, 8, 8)  # A second for each round, a look at the clock each quarter.
    assert [step for step, _ in budget.round(0)] == [0, 1, 2]
    late = Budget(8000, 0.001, 8)
    assert [step for step, _ in late.round(0)] == [0]


def test_the_palette_holds_what_can_be_seen_and_no_answer():
    task = Task("", (Pair(SPOTS, SPOTS + 1),), (Pair(SPOTS, np.full((1, 1), 9)),))
    assert palette_of(task).tolist() == [0, 1, 3, 4, 5, NO_COLOUR]


def test_a_batch_draws_demonstrations_alike_and_half_of_it_from_what_changes():
    large = np.zeros((20, 20), np.int8)
    large[0, 0] = 1
    drawn = lesson(mirrored(large, [[2, 0, 0]], [[0, 5]]))
    batch = drawn.batch(np.random.default_rng(0))
    assert len(batch["target"]) == BATCH and set(batch) == {"colours", "facts", "presence", "palette", "target", "weight"}
    changed = batch["target"] != batch["colours"][:, 0]
    assert 0.35 < changed.mean() < 0.65
    kept = dict(zip(drawn.kept_from.tolist(), batch["weight"].mean(axis=0), strict=True))
    assert 0.35 < kept[0] < 0.65 and 0.35 < kept[1] < 0.65 and kept[-1] == 1


def test_a_lone_demonstration_is_kept_from_nobody():
    assert set(lesson(mirrored(SPOTS, SPOTS)).kept_from.tolist()) == {-1}


def test_trust_is_in_those_whose_family_answers_what_was_kept_from_it():
    assert lesson().trust(Members(in_mirror)) == pytest.approx(1.1)
    assert lesson().trust(Members(wrong)) == pytest.approx(0)
    # The members of one family are siblings: of the second, nobody is right.
    half = lesson().trust(Members(*[in_mirror] * 4, *[wrong] * 4))
    assert half == pytest.approx([1.1] * 4 + [0] * 4)


@pytest.mark.parametrize("symmetry", range(8))
def test_an_example_in_a_view_is_the_view_of_the_example(symmetry):
    view = Augmentation(symmetry, (0, 2, 1, 7, 5, 4, 6, 3, 8, 9))
    made, pair = lesson(), TASK.train[0]
    example = made.example(pair, view)
    grid = view.apply(pair.output)
    assert example.shape == grid.shape and np.array_equal(example.target, grid.ravel())
    assert np.array_equal(example.known.colours[:, 0], view.apply(pair.input).ravel())
    assert example.known.palette[0].tolist() == [0, 7, 5, 4]


def test_what_is_known_lies_over_the_output():
    sources = np.array([[[3, 1]], [[0, 0]]])
    known = known_of(SPOTS, sources, 0, np.array([0, 3, 4, NO_COLOUR], np.int32))
    assert known.colours[:, 0].tolist() == [4, 3] and known.colours[:, -9:-6].tolist() == [[4, 0, 10], [3, 0, 10]]
    assert known.presence.shape[:2] == (2, 4) and not known.presence[:, 3].any()


def test_votes_come_back_through_the_inverse_of_their_view(monkeypatch):
    """A learner whose networks know the rule: the votes of all views agree on the right answer."""
    learner = fitting.CellLearner.__new__(fitting.CellLearner)
    members = Members(in_mirror)
    members.reset, members.step = (lambda *_: None), (lambda *_: None)
    learner.seed, learner._cells = 0, members
    monkeypatch.setattr(fitting, "ROUNDS", (Guess(0, False, False), Guess(0, False, True)))
    *_, (votes,) = learner.learn(TASK, Budget(2, 0, 2))
    assert len(votes) == 2 * MEMBERS and all(np.array_equal(vote.grid, [[5, 0], [0, 0]]) for vote in votes)
    assert sum(vote.weight for vote in votes) == pytest.approx(2 * MEMBERS * 1.1)


def test_turned_and_recoloured_views_are_drawn():
    views = fitting._views(Guess(0, True, True), np.random.default_rng(0))
    assert [view.symmetry for view in views] == list(range(8)) and len({view.colours for view in views}) == 8
    assert {view.colours[0] for view in views} == {0}
    assert fitting._views(Guess(0, False, False), None) == [Augmentation()]


def test_a_task_without_a_frame_is_refused():
    task = Task("odd", (Pair(SPOTS, SPOTS[:1]), Pair(SPOTS, np.zeros((7, 5), np.int8))), (Pair(SPOTS, None),))
    learner = fitting.CellLearner.__new__(fitting.CellLearner)
    learner.seed = 0
    with pytest.raises(NoFrame, match="task odd: no rule for the shape"):
        next(learner.learn(task, Budget(8, 0, 8)))
