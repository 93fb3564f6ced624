"""Published checkpoints: the logits of PyTorch, and nothing that could run."""

import numpy as np
import pytest
import tensorflow as tf

from hrm import __main__ as commands
from hrm.network.reasoner import load
from hrm.network.torch_import import import_checkpoint
from longrun.errors import UserError
from tests.places import GOLDEN

KINDS = ("hrm", "trm", "trm_mlp")


def imported(kind: str):
    return import_checkpoint(GOLDEN / "hrm" / f"torch_{kind}.pt", puzzle="sudoku", side=4, heads=4)


@pytest.mark.parametrize("kind", KINDS)
def test_logits_are_those_of_pytorch(kind):
    reasoner, wanted = imported(kind), np.load(GOLDEN / "hrm" / f"torch_{kind}.npz")
    table = reasoner._table
    state = np.zeros((4, reasoner.config.length, 32), np.float32)
    inputs = {"tokens": tf.constant(wanted["tokens"], tf.int32), "puzzle": tf.gather(table, wanted["identifier"])}
    carry = {"high": tf.constant(state), "low": tf.constant(state)}
    for segment in range(2):
        outputs = reasoner.model({**inputs, **carry, "reset": tf.fill((4,), segment == 0)})
        carry = {"high": outputs["high"], "low": outputs["low"]}
        np.testing.assert_allclose(outputs["logits"], wanted[f"logits_{segment}"], atol=1e-4)
        np.testing.assert_allclose(outputs["halting"], wanted[f"halting_{segment}"], atol=1e-4)


def test_the_command_writes_what_the_others_read(tmp_path, capsys):
    flags = ["--puzzle", "sudoku", "--side", "4", "--heads", "4"]
    assert commands.main(["import", str(GOLDEN / "hrm" / "torch_hrm.pt"), str(tmp_path / "out"), *flags]) == 0
    assert "hrm" in capsys.readouterr().out
    wanted = np.load(GOLDEN / "hrm" / "torch_hrm.npz")
    thoughts = load(tmp_path / "out").think(wanted["tokens"], wanted["identifier"], segments=2)
    np.testing.assert_allclose(thoughts.logits, wanted["logits_1"], atol=1e-4)
    np.testing.assert_array_equal(thoughts.answers[1], wanted["logits_1"].argmax(axis=2))


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"heads": 5}, "32 channels cannot be shared by 5 heads"),
        ({"heads": 0}, "32 channels cannot be shared by 0 heads"),
        ({"side": 6}, "does not fit: embed_tokens.embedding_weight has shape"),
    ],
)
def test_what_does_not_fit_is_named(flags, message):
    with pytest.raises(UserError, match=message):
        import_checkpoint(GOLDEN / "hrm" / "torch_hrm.pt", **{"puzzle": "sudoku", "side": 4, "heads": 4, **flags})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"cos\nsystem\n(S'touch hacked'\ntR.", "cannot be read as PyTorch weights"),
        (b"", "cannot be read as PyTorch weights"),
        (b"not a file of weights", "cannot be read as PyTorch weights"),
    ],
)
def test_a_file_that_would_run_code_is_refused_and_runs_nothing(tmp_path, monkeypatch, capsys, content, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.pt").write_bytes(content)
    assert commands.main(["import", "bad.pt", "out"]) == 2
    error = capsys.readouterr().err
    assert message in error and len(error.splitlines()) == 1
    assert not (tmp_path / "hacked").exists() and not (tmp_path / "out").exists()


def test_weights_of_something_else_are_refused(capsys, tmp_path):
    other = GOLDEN / "stegastamp" / "torch_v0.1.pth"
    assert commands.main(["import", str(other), str(tmp_path / "out")]) == 2
    assert "is no checkpoint of HRM or TRM" in capsys.readouterr().err
    assert commands.main(["import", str(tmp_path / "none.pt"), str(tmp_path / "out")]) == 2
    assert "none.pt" in capsys.readouterr().err
