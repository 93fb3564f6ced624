"""Mini-ARC: the rules, and that one augmentation is shared by all that belongs together."""

import numpy as np
import pytest

from arc.grids.symmetries import INVERSE, dihedral
from hrm.puzzles import mini_arc
from hrm.puzzles.examples import PAD
from hrm.puzzles.mini_arc import RULES, MiniArc, answer, random_grids


def test_the_five_rules_on_one_grid():
    grid = np.zeros((1, 6, 6), int)
    grid[0, 0] = [1, 2, 9, 0, 0, 2]
    rows = [answer(task, grid)[0] for task in range(5)]
    assert rows[0][0].tolist() == [2, 0, 0, 9, 2, 1]
    assert rows[1][5].tolist() == [1, 2, 9, 0, 0, 2] and not rows[1][0].any()
    assert rows[2][0].tolist() == [2, 3, 1, 0, 0, 3]
    assert rows[3][0].tolist() == [2, 1, 2, 9, 0, 0]
    assert (rows[4] == 2).all()


def test_every_grid_has_one_commonest_colour():
    grids = random_grids(np.random.default_rng(0), 500)
    counts = np.sort((grids.reshape(500, -1)[..., None] == np.arange(1, 10)).sum(axis=1), axis=1)
    assert (counts[:, -1] - counts[:, -2] >= 2).all() and grids.min() == 0 and grids.max() == 9


def test_variants_share_one_augmentation_among_all_their_pairs():
    source = MiniArc(variants=4, seed=3)
    examples = source.batch(0, 0, 400)
    assert len(set(source.identifiers)) == 20
    for name, tokens, labels, identifier in zip(
        np.array(source.identifiers)[examples.identifier], examples.tokens, examples.labels, examples.identifier, strict=True
    ):
        task, symmetry, colours = name.split("|||")
        undone = []
        for cells in (tokens, labels):
            grid = np.array([colours.index(str(colour)) for colour in cells - 2]).reshape(6, 6)
            undone.append(dihedral(grid, INVERSE[int(symmetry)]))
        assert (answer(mini_arc.TASKS.index(task), undone[0][None])[0] == undone[1]).all()
        assert identifier // 4 == mini_arc.TASKS.index(task)


def follows_its_rule(task, tokens, labels) -> bool:
    return bool((answer(int(task), tokens.reshape(1, 6, 6) - 2).ravel() == labels - 2).all())


def test_independent_pairs_have_no_rule_left():
    joint, apart = (MiniArc(pairing=pairing).batch(0, 0, 500) for pairing in ("joint", "independent"))
    held = [sum(map(follows_its_rule, e.task, e.tokens, e.labels)) for e in (joint, apart)]
    assert held[0] == 500 and held[1] < 25


def test_batches_are_functions_of_seed_and_step():
    source = MiniArc()
    first, again, later, other = (source.batch(*key, 8).tokens for key in ((0, 3), (0, 3), (0, 4), (1, 3)))
    assert (first == again).all() and (first != later).any() and (first != other).any()
    assert (source.held_out(10).task == np.arange(10) % 5).all()


@pytest.mark.parametrize("variants", [1, 3])
def test_the_first_variant_is_the_task_itself(variants):
    assert MiniArc(variants).identifiers[::variants] == tuple(f"{task}|||0|||0123456789" for task in mini_arc.TASKS)


def test_composed_rules_are_all_different():
    grids = random_grids(np.random.default_rng(0), 20)
    answers = {rule(grids).tobytes() for rule in RULES["composed"].values()}
    assert len(answers) == len(RULES["composed"]) == 31 and grids.tobytes() not in answers
    both = RULES["composed"]["shift up and recolour by two"](np.array([[[9, 0], [1, 3]]]))
    assert both.tolist() == [[[3, 5], [2, 0]]]


def test_demonstrations_are_of_the_question_s_rule_and_augmentation_and_never_the_question():
    source = MiniArc(variants=3, shown=(2, 4))
    examples = source.batch(0, 0, 200)
    counts = (examples.demonstrations != PAD).any(axis=(2, 3)).sum(axis=1)
    assert examples.demonstrations.shape == (200, 4, 2, 36) and set(counts) == {2, 3, 4}
    for row, count in enumerate(counts):
        task, symmetry, colours = source.identifiers[examples.identifier[row]].split("|||")
        assert (examples.demonstrations[row, count:] == PAD).all()
        for question, its_answer in examples.demonstrations[row, :count]:
            assert (question != examples.tokens[row]).any()
            pair = np.stack([question, its_answer]) - 2
            undone = [dihedral(np.argsort([*map(int, colours)])[grid].reshape(6, 6), INVERSE[int(symmetry)]) for grid in pair]
            assert (answer(mini_arc.TASKS.index(task), undone[0][None])[0] == undone[1]).all()


def test_what_is_shown_changes_no_question_and_is_a_function_of_seed_and_step():
    plain, shown, again = (MiniArc(shown=most).batch(0, 5, 30) for most in ((0, 0), (2, 4), (2, 4)))
    assert plain.demonstrations is None
    assert (plain.tokens == shown.tokens).all() and (plain.labels == shown.labels).all()
    assert (shown.demonstrations == again.demonstrations).all()
    assert (shown.demonstrations[0] != MiniArc(shown=(2, 4)).batch(0, 6, 30).demonstrations[0]).any()


def test_unseen_rules_are_never_shown():
    unseen = ("turn", "recolour by two")
    source = MiniArc(rules="composed", unseen=unseen)
    rows = [source.tasks.index(name) for name in unseen]
    trained = [*source.batch(0, 0, 2000).task, *source.held_out(100).task]
    assert set(trained) == set(range(31)) - set(rows)
    assert source.unseen(10).task.tolist() == rows * 5


@pytest.mark.parametrize(
    ("unseen", "message"),
    [(("mirror",), r"no rule 'mirror' among the five of mini-arc \(did you mean"), (mini_arc.TASKS, "none is left to train on")],
)
def test_unseen_rules_that_cannot_be_are_refused(unseen, message):
    with pytest.raises(ValueError, match=message):
        MiniArc(unseen=unseen)
