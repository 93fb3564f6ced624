import numpy as np
import pytest

from arc.config import Config
from arc.grids.canvas import to_canvas
from arc.grids.tasks import Pair, Task, grid_key
from arc.network.inputs import NUMBERS, arrays
from arc.skills import is_test_input, real_pairs
from arc.training.data import batch, unseen
from longrun.config import changed
from tests.fixtures.arc import made

CONFIG = made(batch_size=40, held_out="1190e5a7", focus="7468f01a,137eaa0f,137eaa0f")


def test_a_batch_is_a_function_of_seed_and_step():
    first, again, later = batch(CONFIG, 3, 5), batch(CONFIG, 3, 5), batch(CONFIG, 3, 6)
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert not np.array_equal(first["query"], later["query"])
    assert not np.array_equal(first["query"], batch(CONFIG, 4, 5)["query"])


def test_skills_take_turns_the_focus_more_often_and_held_out_ones_never():
    numbers = np.concatenate([batch(CONFIG, 0, step)["task"] for step in range(20)])  # 20 * 40 rows are 40 rounds of 20 turns
    counts = {skill_id: int((numbers == number).sum()) for skill_id, number in NUMBERS.items()}
    assert counts.pop("1190e5a7") == 0
    assert counts.pop("7468f01a") == 80 and counts.pop("137eaa0f") == 120
    assert set(counts.values()) == {40}


def test_no_row_comes_twice():
    rows = np.concatenate([batch(CONFIG, 0, step)["query"] for step in range(3)])
    focus = np.concatenate([batch(CONFIG, 0, step)["task"] for step in range(3)]) == NUMBERS["137eaa0f"]
    assert len(np.unique(rows[focus], axis=0)) == focus.sum()


@pytest.mark.parametrize(("share", "shown"), [(0.5, 0.5), (0.25, 0.75), (1.0, 0.0)])
def test_every_skill_has_its_share_of_hidden_answers(share, shown):
    # Batches of as many samples as a round has turns: a choice by row alone would always hide the same skills.
    rows = [batch(changed(CONFIG, batch_size=20, hidden_answers=share), 0, step) for step in range(8)]
    for number in NUMBERS.values():
        given = [one["given"][one["task"] == number] for one in rows]
        answer = np.concatenate([one["answer"][one["task"] == number] for one in rows])
        seen = np.concatenate(given)
        full = (seen == answer).all(axis=1)
        assert (full | (seen == 10).all(axis=1)).all()
        assert full.sum() == shown * len(full)
    plain = batch(changed(CONFIG, batch_size=20), 0, 3)
    assert "given" not in plain and all(np.array_equal(plain[name], rows[3][name]) for name in plain)


def test_training_holds_no_test_input_and_no_real_one():
    real = {to_canvas(pair.input, 10).tobytes() for pairs in real_pairs(10).values() for pair in pairs}
    for step in range(3):
        for row in batch(Config(), 0, step)["query"]:
            grid = row.reshape(10, 10)
            grid = grid[(grid < 10).any(axis=1)][:, (grid < 10).any(axis=0)].astype(np.int8)
            assert not is_test_input(grid) and row.astype(np.int32).tobytes() not in real
    for instances in unseen(Config(), 2).values():
        assert all(is_test_input(task.test[0].input) for task in instances)


def test_demonstrations_never_include_the_query():
    config = changed(CONFIG, context_pairs=2, batch_size=200)
    found = batch(config, 0, 0)
    inputs = found["context"].reshape(-1, 2, 2, 100)[:, :, 0]
    assert not (inputs == found["query"][:, None]).all(axis=2).any()
    for instances in unseen(config, 3).values():
        for task in instances:
            assert grid_key(task.test[0].input) not in {grid_key(pair.input) for pair in task.train}


def test_unknown_tasks_have_number_nought_and_withheld_answers_are_empty():
    task = Task("abc", (), (Pair(np.ones((2, 2), np.int8), None),))
    found = arrays(CONFIG.network, [task])
    assert found["task"].tolist() == [0] and (found["answer"] == 10).all()


def test_too_few_demonstrations_are_refused():
    task = Task("abc", (), (Pair(np.ones((2, 2), np.int8), None),))
    with pytest.raises(ValueError, match="task abc: 0 demonstrations, the model needs 2"):
        arrays(changed(CONFIG, context_pairs=2).network, [task])
