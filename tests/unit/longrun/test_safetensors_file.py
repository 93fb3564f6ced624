"""safetensors files: their numbers as they are, and nothing beyond the file's end."""

import json
from pathlib import Path

import numpy as np
import pytest

from longrun.errors import UserError
from longrun.torch_file import read_tensors

NUMBERS = np.arange(2, dtype="<f4").tobytes()


def called(path: Path) -> str:
    """The one line that a file is refused with."""
    with pytest.raises(UserError, match="cannot be read as PyTorch weights") as caught:
        read_tensors(path)
    assert "\n" not in str(caught.value) and len(str(caught.value)) <= 300
    return str(caught.value)


def safetensors_of(header: object, numbers: bytes = b"") -> bytes:
    described = json.dumps(header).encode()
    return len(described).to_bytes(8, "little") + described + numbers


def about(dtype: str, shape: list, first: int, last: int) -> dict:
    return {"dtype": dtype, "shape": shape, "data_offsets": [first, last]}


def test_safetensors_are_read(tmp_path):
    path = tmp_path / "model.safetensors"
    header = {
        "__metadata__": {"format": "pt"},
        "a.w": about("F32", [2, 1], 0, 8),
        "b": about("BF16", [2], 8, 12),
        "n": about("I32", [], 12, 16),
    }
    numbers = NUMBERS + (np.float32([1.5, -2]).view(np.uint32) >> 16).astype("<u2").tobytes() + np.int32(7).tobytes()
    path.write_bytes(safetensors_of(header, numbers))
    found = read_tensors(path)
    np.testing.assert_array_equal(found["a.w"], [[0], [1]])
    np.testing.assert_array_equal(found["b"], np.float32([1.5, -2]))
    assert found["n"] == 7 and list(read_tensors(path, prefix="a.")) == ["a.w"]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (safetensors_of({"w": about("F32", [2], 0, 8)}, b"1234"), "it is cut short: tensor w"),
        (safetensors_of({"w": about("F32", [3], 0, 8)}, NUMBERS), "has 8 bytes"),
        (safetensors_of({"w": about("F8_E4M3", [8], 0, 8)}, NUMBERS), "of type F8_E4M3"),
        (safetensors_of({"w": about("F32", [True], 0, 8)}, NUMBERS), "described in an unknown way"),
        (safetensors_of({"w": about("F32", [10**30], 0, 8)}, NUMBERS), "described in an unknown way"),
        (safetensors_of({"w": None}, NUMBERS), "described in an unknown way"),
        (safetensors_of({"w": 1})[:12], "it is cut short: the header"),
        (len(b"{'a'}").to_bytes(8, "little") + b"{'a'}", "is damaged"),
    ],
)
def test_safetensors_that_lie_are_refused(tmp_path, content, what):
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    assert what in called(path)
