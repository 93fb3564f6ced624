"""Published checkpoints: the logits of PyTorch, and nothing that could run."""

import numpy as np
import pytest
import tensorflow as tf

from hrm import __main__ as commands
from hrm.network.reasoner import load
from hrm.network.torch_import import import_checkpoint
from longrun.errors import UserError
from longrun.torch_file import read_tensors
from tests.fixtures.weights import safetensors_of
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


@pytest.fixture(scope="module")
def tensors() -> dict[str, np.ndarray]:
    return {name: array.astype(np.float32) for name, array in read_tensors(GOLDEN / "hrm" / "torch_trm.pt").items()}


def test_other_names_and_buffers_beside_the_weights_change_nothing(tensors, tmp_path):
    renamed = {f"_orig_mod.module.{name.replace('layers.', '_orig_mod.layers.')}": array for name, array in tensors.items()}
    start = next(name for name in renamed if name.endswith("H_init")).removesuffix("H_init")
    (tmp_path / "w.safetensors").write_bytes(safetensors_of({**renamed, f"{start}counter": np.arange(3, dtype=np.int32)}))
    found = import_checkpoint(tmp_path / "w.safetensors", puzzle="sudoku", side=4, heads=4)
    for one, other in zip(found.model.get_weights(), imported("trm").model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda name, array: (name, array * np.nan if name.endswith("L_init") else array), "L_init has numbers that are not finite"),
        (lambda name, array: (name.replace("layers.1.", "layers.999999999."), array), "claims 1000000000 layers"),
        (lambda name, array: (name, array[:, :5] if name.endswith("embed_tokens.embedding_weight") else array), "has 5 channels and"),
        (lambda name, array: (name, array[:0] if name.endswith("q_head.bias") else array), "q_head.bias has no numbers"),
    ],
)
def test_weights_that_lie_are_refused(tensors, tmp_path, change, message):
    (tmp_path / "w.safetensors").write_bytes(safetensors_of(dict(change(name, array) for name, array in tensors.items())))
    with pytest.raises(UserError, match=message):
        import_checkpoint(tmp_path / "w.safetensors", puzzle="sudoku", side=4, heads=4)
