"""Export: what is written is what Keras computes. The ONNX half needs its extra and proves itself whenever it runs."""

import json
import sys

import numpy as np
import pytest

from stegastamp.__main__ import main
from stegastamp.network import export, model, stamp
from stegastamp.network.stamp import Stamper
from stegastamp.pictures.crops import evaluation_messages

COVERS = np.random.default_rng(0).integers(0, 256, (5, 32, 32, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def stamper(small):
    return Stamper(model.build_encoder(small), model.build_decoder(small), small, "small", 12)


@pytest.fixture
def released(stamper, tmp_path):
    stamp.save(tmp_path / "released", stamper, {"metrics": {}})
    return tmp_path / "released"


def test_a_saved_model_computes_what_keras_does(stamper, small, tmp_path):
    engines = {"Keras": export._keras(stamper), "SavedModel": export.saved_model(stamper, tmp_path / "saved_model")}
    rows = export.compare(engines, COVERS, evaluation_messages(5, small.model.bits), 0.3)
    assert rows["SavedModel"] == {**rows["Keras"], "logits": pytest.approx(0, abs=1e-5)}
    assert rows["Keras"]["bits"] == rows["Keras"]["pixels"] == 0


def test_the_comparison_sees_what_differs(stamper, small):
    encode, decode = export._keras(stamper)
    messages = evaluation_messages(5, small.model.bits)
    engines = {
        "Keras": (encode, decode),
        "wrong reader": (encode, lambda image: -decode(image)),
        "wrong encoder": (lambda *inputs: -encode(*inputs), decode),
        "rough logits": (encode, lambda image: decode(image) * 1.001),
    }
    rows = export.compare(engines, COVERS, messages, 0.3)
    assert rows["wrong reader"]["bits"] == 2 * messages.size
    assert rows["wrong encoder"]["pixels"] > 0 and rows["wrong encoder"]["levels"] > 1
    assert rows["rough logits"]["bits"] == 0 and rows["rough logits"]["logits"] > 0


def test_the_command_writes_and_compares(released, photos_folder, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(export, "required", lambda name: None)
    monkeypatch.setattr(export, "saved_model", lambda stamper, folder: export._keras(stamper))
    monkeypatch.setattr(export, "onnx", lambda stamper, folder, names: export._keras(stamper))
    words = ["export", str(released), str(tmp_path / "out"), "--images", str(photos_folder), "--count", "6"]
    assert main(words) == 0
    printed = capsys.readouterr().out
    assert "step 12; 6 images of 8 bits each" in printed and "| SavedModel | 0 |" in printed
    facts = json.loads((tmp_path / "out" / "export.json").read_text())
    assert facts == {"preset": "small", "step": 12, "size": 32, "bits": 8, "strength": 0.03}
    assert main(words) == 2
    assert "is not an empty folder" in capsys.readouterr().err
    # One bit off, and the command says so.
    monkeypatch.setattr(export, "onnx", lambda stamper, *_: (export._keras(stamper)[0], lambda image: np.ones((len(image), 8))))
    words[2] = str(tmp_path / "again")
    assert main(words) == 1


def test_a_missing_package_is_one_line_before_anything_is_written(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "tf2onnx", None)
    assert main(["export", "anything", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err == "stegastamp export: this needs tf2onnx: pip install 'longrun-ports[onnx]'\n"
    assert not (tmp_path / "out").exists()


def test_files_go_beside_released_models_alone(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(export, "required", lambda name: None)
    assert main(["export", str(tmp_path)]) == 2
    assert "is no folder of released models; name a folder to write into" in capsys.readouterr().err
