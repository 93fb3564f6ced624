"""What is wrong in the code itself keeps its traceback, under every command; it never passes for bad input or for a task not solved."""

import json

import numpy as np
import pytest

from arc.__main__ import main
from arc.grids import contamination
from arc.measure import bench, factorial, html
from arc.network import answerer
from arc.original import collected, smoke
from arc.skills import check
from arc.solving import fitting, submission
from arc.solving.search import answering
from arc.training import train
from longrun.release import models

BUGS = (ValueError("a bug"), KeyError("a bug"), TypeError("a bug"))
GRID = [[1, 0], [0, 2]]


@pytest.fixture(params=BUGS, ids=lambda bug: type(bug).__name__)
def bug(request):
    def fail(*_, **__):
        raise request.param

    fail.kind = type(request.param)
    return fail


@pytest.fixture
def tasks(tmp_path):
    """A file with a task."""
    pair = {"input": GRID, "output": GRID[::-1]}
    (tmp_path / "tasks.json").write_text(json.dumps({"made": {"train": [pair, pair], "test": [pair]}}))
    return tmp_path / "tasks.json"


@pytest.mark.parametrize(
    ("words", "place", "name"),
    [
        (["train", "plain", "--run", "OUT/"], train, "unseen"),
        (["train", "exp_0_encoder_decoder", "--pairs", "5", "--run", "OUT/"], collected, "to_canvas"),
        (["evaluate", "checkpoints/released/arc/quick"], models, "_saved"),
        (["skills", "--check"], check, "as_grid"),
        (["audit", "checkpoints/released/arc/quick"], answerer, "_in_float32"),
        (["factorial", "--folder", "OUT"], factorial, "build_model"),
        (["smoke"], smoke, "build"),
        (["submit", "checkpoints/released/arc/quick", "TASKS", "--output", "OUT"], submission, "load_answerer"),
        (["solve", "TASKS", "--search", "0", "--steps", "8", "--run", "OUT/", "--output", "OUT.json"], fitting, "known_of"),
        (["solve", "TASKS", "--search", "0", "--steps", "8", "--run", "OUT/", "--output", "OUT.json"], fitting, "frames"),
        (["solve", "TASKS", "--search", "9", "--steps", "0", "--run", "OUT/", "--output", "OUT.json"], answering, "stacks"),
        (["contamination", "TASKS", "TASKS"], contamination, "canonical_pair_key"),
        (["report", "RUN"], html.answerer, "load"),
        (["bench", "plain"], bench, "batch"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else None,
)
def test_a_bug_goes_through(words, place, name, bug, tasks, tmp_path, monkeypatch):
    monkeypatch.setattr(place, name, bug)
    (tmp_path / "run" / "checkpoints" / "last").mkdir(parents=True)
    (tmp_path / "run" / "checkpoints" / "last" / "ckpt-1.index").touch()
    places = {"TASKS": str(tasks), "RUN": str(tmp_path / "run")}
    words = [places.get(word, word).replace("OUT", str(tmp_path / "out")) for word in words]
    with pytest.raises(bug.kind, match="a bug"):
        main(words)
    assert not (tmp_path / "out.json").exists()


def test_a_wrong_shape_in_a_learner_names_the_task(tasks, tmp_path, monkeypatch):
    monkeypatch.setattr(fitting, "places", lambda height, width: np.zeros((height + 1, width, 31), np.float32))
    with pytest.raises(ValueError) as error:
        main(["solve", str(tasks), "--search", "0", "--steps", "8", "--run", f"{tmp_path}/run/", "--output", str(tmp_path / "out.json")])
    assert error.value.__notes__ == ["while task made was answered"]
    assert not (tmp_path / "out.json").exists()
