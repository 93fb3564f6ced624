"""Votes over variants, by a made-up reasoner that knows the rule, sometimes."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from hrm.measure.voting import passes, ranked, submission, vote, vote_on_all
from hrm.puzzles.arc_grids import ArcGrids, grid_of, sequence

A, B, C = (np.array([[colour]], np.int8) for colour in (1, 2, 3))


def test_the_commonest_comes_first_and_confidence_decides_between_equals():
    found = ranked([A, B, B, C, np.zeros((0, 0), np.int8)], [9.0, 0.0, 0.0, 10.0, 99.0])
    assert [int(grid[0, 0]) for grid in found] == [2, 3, 1]


def test_passes_and_submission():
    answers, targets = {"t": [[A, B], [C]], "u": [[]]}, {"t": [B, C], "u": [A]}
    assert passes(answers, targets) == {"pass_1": 1 / 3, "pass_2": 2 / 3, "pass_10": 2 / 3}
    # A withheld answer is neither right nor wrong.
    withheld = {**answers, "withheld": [next(iter(answers.values()))[0]]}
    assert passes(withheld, {**targets, "withheld": [None]}) == passes(answers, targets)
    assert passes(withheld, {name: [None] * len(per_test) for name, per_test in withheld.items()}) == {}
    assert submission(answers) == {
        "t": [{"attempt_1": [[1]], "attempt_2": [[2]]}, {"attempt_1": [[3]], "attempt_2": [[0]]}],
        "u": [{"attempt_1": [[0]], "attempt_2": [[0]]}],
    }


class Mirror:
    """Mirrors left and right in the task's own frame, but answers with the question for one variant in `every`."""

    config = SimpleNamespace(data=SimpleNamespace(side=6))

    def __init__(self, source, every):
        variants = [variant for task in range(len(source.tasks)) for variant in source.variants_of(task)]
        self._augmentations, self._every = dict(variants), every

    def think(self, tokens, identifier, demonstrations=None):
        answers = []
        for cells, row in zip(tokens, identifier, strict=True):
            augmentation, grid = self._augmentations[int(row)], grid_of(cells, 6)
            answer = grid if row % self._every == 0 else augmentation.apply(augmentation.invert(grid)[:, ::-1])
            answers.append(sequence(answer, 6))
        count = len(tokens)
        return SimpleNamespace(answer=np.stack(answers), used=np.zeros(count, int), halting=np.zeros((1, count, 2)))


@pytest.mark.parametrize(("every", "first"), [(4, 1.0), (1, 0.0)])
def test_votes_are_cast_in_the_frame_of_the_task(tmp_path, every, first):
    grid = [[1, 2, 3], [4, 5, 6]]
    pair = {"input": grid, "output": [row[::-1] for row in grid]}
    (tmp_path / "mirror.json").write_text(json.dumps({"train": [pair], "test": [pair]}))
    source = ArcGrids(str(tmp_path / "mirror.json"), 6, 8, "joint", 0)
    found = vote_on_all(Mirror(source, every), source, tmp_path / "submission.json")
    assert (found["pass_1"], found["pass_1_of_copying"]) == (first, 0.0)
    ranks = vote(Mirror(source, every), source, 0)[0]
    assert len(ranks) == (2 if first else 1)
    written = json.loads((tmp_path / "submission.json").read_text())
    assert written["mirror"][0]["attempt_1"] == (pair["output"] if first else grid)


def test_tasks_that_training_showed_nothing_of_are_counted_apart(tmp_path):
    mirrored = [{"input": [[1, 2, 3]], "output": [[3, 2, 1]]}, {"input": [[4, 5, 6]], "output": [[6, 5, 4]]}]
    same = [{"input": [[colour, 9]], "output": [[colour, 9]]} for colour in (1, 2)]
    tasks = {"mirror": {"train": mirrored[:1], "test": mirrored[1:]}, "same": {"train": same[:1], "test": same[1:]}}
    (tmp_path / "tasks.json").write_text(json.dumps(tasks))
    source = ArcGrids(str(tmp_path / "tasks.json"), 6, 1, "joint", 0, unseen=("same",))
    found = vote_on_all(Mirror(source, 2), source, tmp_path / "submission.json")
    assert (found["pass_1"], found["pass_1_of_copying"]) == (0.0, 0.0)
    assert (found["unseen_pass_1"], found["unseen_pass_1_of_copying"]) == (0.0, 1.0)
    assert set(json.loads((tmp_path / "submission.json").read_text())) == {"mirror", "same"}
