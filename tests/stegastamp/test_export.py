"""Export: what is written is what Keras computes. The ONNX half proves itself whenever it runs; its one own operation is tested here."""

import json
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from stegastamp import export, model, stamp
from stegastamp.__main__ import main
from stegastamp.data import evaluation_messages
from stegastamp.stamp import Stamper

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
    rows = export.compare(engines, COVERS, evaluation_messages(5, small.bits), 0.3)
    assert rows["SavedModel"] == {**rows["Keras"], "logits": pytest.approx(0, abs=1e-5)}
    assert rows["Keras"]["bits"] == rows["Keras"]["pixels"] == 0


def test_the_comparison_sees_what_differs(stamper, small):
    encode, decode = export._keras(stamper)
    messages = evaluation_messages(5, small.bits)
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
    monkeypatch.setattr(export, "_require_extra", lambda: None)
    monkeypatch.setattr(export, "onnx", lambda stamper, folder: export._keras(stamper))
    words = ["export", str(released), str(tmp_path / "out"), "--images", str(photos_folder), "--count", "6"]
    assert main(words) == 0
    printed = capsys.readouterr().out
    assert "step 12; 6 images of 8 bits each" in printed and "| SavedModel | 0 |" in printed
    facts = json.loads((tmp_path / "out" / "export.json").read_text())
    assert facts == {"preset": "small", "step": 12, "size": 32, "bits": 8, "strength": 0.03}
    assert main(words) == 2
    assert "is not an empty folder" in capsys.readouterr().err
    # One bit off, and the command says so.
    monkeypatch.setattr(export, "onnx", lambda stamper, folder: (export._keras(stamper)[0], lambda image: np.ones((len(image), 8))))
    words[2] = str(tmp_path / "again")
    assert main(words) == 1


@pytest.mark.parametrize("missing", ["tf2onnx", "onnxruntime"])
def test_a_missing_extra_is_one_line_before_anything_is_written(missing, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "tf2onnx", SimpleNamespace())
    monkeypatch.setitem(sys.modules, "onnxruntime", SimpleNamespace())
    monkeypatch.setitem(sys.modules, missing, None)
    assert main(["export", "anything", str(tmp_path / "out")]) == 2
    assert (
        capsys.readouterr().err
        == "stegastamp export: export needs tf2onnx and onnxruntime: pip install '.[onnx]' in the project's folder\n"
    )
    assert not (tmp_path / "out").exists()


class Graph:
    """Computes the nodes as they are made: what tf2onnx's graph offers, on arrays."""

    def __init__(self, **values):
        self.values = values

    def get_shape(self, name):
        return list(self.values[name].shape)

    def remove_node(self, name):
        self.removed = name

    def make_const(self, name, value):
        self.values[name] = value
        return SimpleNamespace(output=[name])

    def make_node(self, kind, inputs, attr=None, outputs=None, **_):
        functions = {
            "Concat": lambda *arrays: np.concatenate(arrays, attr["axis"]),
            **{"MatMul": np.matmul, "Sub": np.subtract, "Mul": np.multiply, "Div": np.divide},
        }
        names = outputs or [f"{kind} {len(self.values)}"]
        self.values[names[0]] = functions[kind](*(self.values[name] for name in inputs))
        return SimpleNamespace(output=names)


@pytest.mark.parametrize("columns", [1, 3])
def test_elimination_solves_positive_definite_systems(columns):
    draw = np.random.default_rng(columns)
    rows = draw.standard_normal((4, 30, 8)).astype(np.float32)
    matrix, right = rows.swapaxes(1, 2) @ rows, draw.standard_normal((4, 8, columns)).astype(np.float32)
    graph = Graph(matrix=matrix, right=right)
    node = SimpleNamespace(name="solve", input=["matrix", "right"], output=["solution"], output_shapes=[[4, 8, columns]], output_dtypes=[1])
    export._solve(graph, node, "solve", None)
    assert graph.removed == "solve"
    assert graph.values["solution"].dtype == np.float32
    assert graph.values["solution"] == pytest.approx(np.linalg.solve(matrix.astype(float), right), rel=1e-4, abs=1e-5)
