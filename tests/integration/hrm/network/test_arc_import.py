"""A published checkpoint for ARC: its table goes by the data set's list of identifiers, and by nothing else."""

import json

import numpy as np
import pytest

from hrm import __main__ as commands
from hrm.measure.voting import vote
from hrm.network.reasoner import Reasoner, load
from hrm.puzzles.arc_grids import ArcGrids
from longrun.errors import UserError
from longrun.torch_file import read_tensors
from tests.fixtures.weights import safetensors_of
from tests.places import GOLDEN

NAMES = ["<blank>", "a", "a|||t3|||0291387456", "b"]
PAIR = {"input": [[1, 2], [3, 4]], "output": [[2, 1], [4, 3]]}
TASK = {"train": [PAIR, {"input": [[5]], "output": [[6]]}], "test": [PAIR]}
FLAGS = ["--puzzle", "arc", "--side", "4", "--heads", "4"]


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """A TRM of twelve classes on 4 x 4 cells, with a vector for each of the names."""
    draw = np.random.default_rng(0)
    tensors = {name: array.astype(np.float32) for name, array in read_tensors(GOLDEN / "hrm" / "torch_trm.pt").items()}
    for name, array in tensors.items():
        rows = 12 if name.endswith(("embed_tokens.embedding_weight", "lm_head.weight")) else 4 if name.endswith("puzzle_emb.weights") else 0
        if rows:
            tensors[name] = draw.normal(size=(rows, array.shape[1])).astype(np.float32)
    path = tmp_path_factory.mktemp("weights") / "arc.safetensors"
    path.write_bytes(safetensors_of(tensors))
    return path


@pytest.fixture
def imported(weights, tmp_path):
    """Its folder."""
    (tmp_path / "names.json").write_text(json.dumps(NAMES))
    words = ["import", str(weights), str(tmp_path / "out"), *FLAGS, "--identifiers", str(tmp_path / "names.json")]
    assert commands.main(words) == 0
    return tmp_path / "out"


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (None, "has a vector for each of 4 puzzles: name the identifiers.json of its data set"),
        (NAMES[:3], "names.json lists 3 puzzles, the puzzle table of"),
        ({"a": 1}, "names.json is damaged: it holds no list"),
        ([1, 2, 3, 4], "names.json is damaged: it lists what is no name"),
    ],
)
def test_a_table_whose_rows_have_no_names_is_refused(weights, tmp_path, capsys, names, message):
    (tmp_path / "names.json").write_text(json.dumps(names))
    flags = [] if names is None else ["--identifiers", str(tmp_path / "names.json")]
    assert commands.main(["import", str(weights), str(tmp_path / "out"), *FLAGS, *flags]) == 2
    assert message in (error := capsys.readouterr().err) and len(error.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_a_task_is_asked_by_the_row_of_its_name(imported, tmp_path, monkeypatch, capsys):
    asked = []
    think = Reasoner.think

    def noted(self, tokens, identifier, *others):
        asked.extend(identifier.tolist())
        return think(self, tokens, identifier, *others)

    monkeypatch.setattr(Reasoner, "think", noted)
    (tmp_path / "tasks.json").write_text(json.dumps({"b": TASK, "a": TASK}))
    assert commands.main(["solve", str(tmp_path / "tasks.json"), "--checkpoint", str(imported), "--segments", "1", "--json"]) in (0, 1)
    assert asked == [3, 1]
    (tmp_path / "tasks.json").write_text(json.dumps({"c": TASK}))
    capsys.readouterr()
    assert commands.main(["solve", str(tmp_path / "tasks.json"), "--checkpoint", str(imported)]) == 2
    assert "was shown nothing of task c: it has no vector of it" in capsys.readouterr().err


def test_votes_come_from_the_variants_that_the_table_has(imported, tmp_path):
    (tmp_path / "tasks.json").write_text(json.dumps({"c": TASK, "a": TASK}))
    reasoner = load(imported)
    source = ArcGrids(str(tmp_path / "tasks.json"), 4, 1, "joint", 0, names=reasoner.identifiers)
    assert source.tasks == ("a",) and [row for row, _ in source.variants_of(0)] == [1, 2]
    reasoner.require_identifiers(source.identifiers)
    (ranks,) = vote(reasoner, source, 0)
    assert len(ranks) <= 2 and source.held_out(1).identifier.tolist() == [1]


def test_other_puzzles_than_the_tables_are_refused(imported, tmp_path, capsys):
    (tmp_path / "tasks.json").write_text(json.dumps({"c": TASK}))
    assert commands.main(["evaluate", str(imported), "--path", str(tmp_path / "tasks.json")]) == 2
    assert "no task of it has a row in the puzzle table, which has 2 tasks" in capsys.readouterr().err
    with pytest.raises(UserError, match="is of other puzzles than these: its identifiers.json lists others"):
        load(imported).require_identifiers(["a", "b", "c", "d"])
    (imported / "identifiers.json").write_text(json.dumps(NAMES[:2]))
    with pytest.raises(UserError, match="identifiers.json lists 2 puzzles, the puzzle table of .* has 4 rows"):
        load(imported)
