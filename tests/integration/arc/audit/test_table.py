import json

import keras
import numpy as np
import pytest

from arc import __main__ as commands
from arc.audit.table import Check, check_headline, check_model, table
from arc.original.legacy import build_legacy

INPUTS = {name: np.random.default_rng(0).integers(0, 10, (1, 12)).astype(np.int32) for name in ("query", "answer")}


def values(model):
    return {line.check: line.value for line in check_model("model", model, INPUTS)}


def test_the_legacy_decoder_sees_the_bag_of_the_future():
    found = values(build_legacy("decoder_only", 12, 12))
    assert found["perturb the future"] > 1e-4 and found["bag of future"] > 1e-4
    assert found["order of future"] < 1e-4 < found["bag of future"]


@pytest.mark.parametrize("name", ["encoder_decoder", "champion"])
def test_legacy_decoders_are_fed_their_target_and_the_next_day_its_first_cell(name):
    context = {"context": np.zeros((1, 4, 12), np.int32)} if name == "champion" else {}
    lines = check_model("model", build_legacy(name, 12, 12), INPUTS | context)
    assert lines[0].value > 1e-3 and "12 of 12 cells" in lines[0].meaning
    lines = check_model("model", build_legacy(name, 12, 12, shifted=True), INPUTS | context)
    assert "1 of 12 cells, the first at 0" in lines[0].meaning and lines[1].value == 0.0


def test_no_headline_below_the_floor():
    outcome = {"metrics": {"exact": 0.0333}, "floors": {"exact": 0.0305}, "intervals": {"exact": [0.02, 0.05]}}
    line = check_headline("model", outcome)
    assert line.passed is False and line.meaning.endswith("below the floor: no headline")
    assert check_headline("model", {**outcome, "intervals": {"exact": [0.031, 0.05]}}).passed is True


def test_any_model_with_a_token_interface_is_audited(tmp_path, capsys):
    inputs = {name: keras.Input((4,), dtype="int32", name=name) for name in ("query", "answer")}
    keras.Model(inputs, keras.layers.Embedding(11, 11)(inputs["answer"])).save(tmp_path / "copies.keras")
    assert commands.main(["audit", str(tmp_path / "copies.keras"), "--json"]) == 1
    lines = json.loads(capsys.readouterr().out)
    assert [line["passed"] for line in lines] == [False, True, True, True]


@pytest.mark.parametrize("kind", ["absent", "damaged", "foreign"])
def test_a_model_without_one_is_refused(kind, tmp_path, capsys):
    path = tmp_path / "model.keras"
    if kind == "damaged":
        path.write_bytes(b"nothing")
    elif kind == "foreign":
        keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)]).save(path)
    assert commands.main(["audit", str(path)]) == 2
    expected = {"absent": "does not exist", "damaged": "cannot be opened", "foreign": "has no token interface"}
    assert expected[kind] in capsys.readouterr().err


def test_the_table_has_a_line_a_check():
    assert table([Check("m", "c", 0.5, False, "why")]).splitlines()[2] == "| m | c | 0.5 | FAILS | why |"
