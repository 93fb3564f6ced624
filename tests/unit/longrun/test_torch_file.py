"""PyTorch files read without PyTorch: the numbers PyTorch itself reads from them, and nothing that could run."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from longrun.torch_file import read_tensors
from tests.places import GOLDEN

FILES = sorted((GOLDEN / "stegastamp").glob("torch_*.pth"))
ZIP, STREAM = (next((GOLDEN / "stegastamp").glob(f"torch_{kind}-*.pth")) for kind in ("zip", "stream"))
# Magic number, version 1001 and {"little_endian": True}, each a pickle.
STREAM_HEAD = b"\x80\2\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\2M\xe9\3.\x80\2}X\r\0\0\0little_endian\x88s."


def expected(path: Path) -> dict[str, np.ndarray]:
    with np.load(GOLDEN / "stegastamp" / "torch_files.npz") as file:
        return {name.partition("/")[2]: file[name] for name in file if name.startswith(path.name + "/")}


def zip_of(description: bytes, **members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("weights/data.pkl", description)
        for name, content in members.items():
            archive.writestr(f"weights/data/{name.removeprefix('_')}", content)
    return buffer.getvalue()


def tensor(size: bytes, stride: bytes, offset: bytes = b"K\0") -> bytes:
    """{"w": a float32 tensor on storage "0" of four numbers}, as protocol 2 opcodes."""
    storage = b"(X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0" + b"0X\3\0\0\0cpuK\4tQ"
    return b"\x80\2}X\1\0\0\0wctorch._utils\n_rebuild_tensor\n(" + storage + offset + b"(" + size + b"t(" + stride + b"ttRs."


def test_there_are_files_of_four_dialects():
    assert len(FILES) == 4


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_tensors_are_those_that_pytorch_reads(path):
    tensors, wanted = read_tensors(path), expected(path)
    assert list(tensors) == list(wanted)
    for name, array in wanted.items():
        assert tensors[name].dtype == array.dtype
        np.testing.assert_array_equal(tensors[name], array)


@pytest.mark.parametrize("path", [ZIP, STREAM], ids=["zip", "stream"])
def test_a_prefix_leaves_the_others_unread(path):
    tensors, wanted = read_tensors(path, prefix="features."), expected(path)
    assert list(tensors) == ["features.0.weight", "features.0.bias", "features.3.weight", "features.3.bias"]
    for name, array in tensors.items():
        np.testing.assert_array_equal(array, wanted[name])


def test_the_handmade_file_is_read(tmp_path):
    path = tmp_path / "weights.pth"
    path.write_bytes(zip_of(tensor(b"K\2K\2", b"K\2K\1"), _0=np.arange(4, dtype=np.float32).tobytes()))
    np.testing.assert_array_equal(read_tensors(path)["w"], [[0, 1], [2, 3]])


@pytest.mark.parametrize(
    "description",
    [
        b"cos\nsystem\n(X\7\0\0\0touch xtR.",
        b"\x80\2cbuiltins\neval\nX\1\0\0\0001\x85R.",
        b"\x80\2}X\1\0\0\0wccollections\nOrderedDict\ncos\nsystem\nX\1\0\0\0x\x85R\x85Rs.",
        b"\x80\4\x8c\2os\x8c\6system\x93X\1\0\0\0x\x85R.",
        b"(ios\nsystem\n(lp0\n.",
        b"\x80\2ctorch\nFloatStorage\n)\x81.",
    ],
)
def test_what_could_run_is_refused_and_not_run(tmp_path, monkeypatch, description):
    monkeypatch.setattr("os.system", lambda command: pytest.fail(f"ran {command}"))
    path = tmp_path / "weights.pth"
    for content in (zip_of(description), STREAM_HEAD + description):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"weights\.pth cannot be read as PyTorch weights: it (asks for|holds)") as caught:
            read_tensors(path)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("size", "stride", "offset"),
    [
        (b"K\5", b"K\1", b"K\0"),
        (b"K\2", b"K\1", b"K\3"),
        (b"K\2", b"K\4", b"K\0"),
        (b"J\xff\xff\xff\x7f", b"K\0", b"K\0"),
        (b"K\2", b"J\xff\xff\xff\xff", b"K\1"),
        (b"K\2", b"K\1", b"J\xff\xff\xff\xff"),
        (b"J\xfe\xff\xff\xff", b"K\1", b"K\3"),
    ],
)
def test_a_tensor_outside_its_storage_is_refused(tmp_path, size, stride, offset):
    path = tmp_path / "weights.pth"
    path.write_bytes(zip_of(tensor(size, stride, offset), _0=bytes(16)))
    with pytest.raises(ValueError, match="reaches outside its 4 numbers"):
        read_tensors(path)


def test_a_storage_of_another_length_is_refused(tmp_path):
    path = tmp_path / "weights.pth"
    path.write_bytes(zip_of(tensor(b"K\2", b"K\1"), _0=bytes(12)))
    with pytest.raises(ValueError, match="has 12 bytes instead of 16"):
        read_tensors(path)


@pytest.mark.parametrize("path", [ZIP, STREAM], ids=["zip", "stream"])
def test_a_file_cut_anywhere_is_refused(tmp_path, path):
    whole = path.read_bytes()
    cut = tmp_path / path.name
    for length in range(0, len(whole) - 1, 97):
        cut.write_bytes(whole[:length])
        with pytest.raises(ValueError, match="cannot be read as PyTorch weights") as caught:
            read_tensors(cut)
        assert "\n" not in str(caught.value)


def test_a_file_of_something_else_and_no_file_are_refused(tmp_path):
    path = tmp_path / "weights.pth"
    path.write_bytes(b"<!DOCTYPE html>")
    with pytest.raises(ValueError, match="cannot be read as PyTorch weights"):
        read_tensors(path)
    with pytest.raises(FileNotFoundError):
        read_tensors(tmp_path / "none.pth")
