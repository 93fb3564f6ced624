"""PyTorch files read without PyTorch: the numbers PyTorch itself reads from them, and nothing that could run."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from longrun.errors import UserError
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


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_tensors_are_those_that_pytorch_reads(path):
    assert len(FILES) == 4
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


def called(path: Path) -> str:
    """The one line that a file is refused with."""
    with pytest.raises(UserError, match="cannot be read as PyTorch weights") as caught:
        read_tensors(path)
    assert "\n" not in str(caught.value) and len(str(caught.value)) <= 300
    return str(caught.value)


def text(string: str) -> bytes:
    return b"X" + len(string).to_bytes(4, "little") + string.encode()


def one_tensor(storage_type: bytes = b"FloatStorage", key: str = "0", count: int = 2) -> bytes:
    """Opcodes that push a tensor of `count` numbers."""
    storage = b"(" + text("storage") + b"ctorch\n" + storage_type + b"\n" + text(key) + text("cpu") + b"K" + bytes([count]) + b"tQ"
    return b"ctorch._utils\n_rebuild_tensor\n(" + storage + b"K\0K" + bytes([count]) + b"\x85K\1\x85tR"


def state(name: str = "w", key: str = "0") -> bytes:
    """Opcodes that push {name: a tensor}."""
    return b"}" + text(name) + one_tensor(key=key) + b"s"


NUMBERS = np.arange(2, dtype="<f4").tobytes()
BESIDE = text("step") + b"G" + b"\x3f\xf0" + bytes(6) + text("lr") + b"F0.5\n" + text("rank") + b"I7\n" + text("seen") + b"L8L\n"


@pytest.mark.parametrize(
    "description",
    [
        b"}" + text("model") + state() + b"s",
        b"}(" + BESIDE + text("model_state_dict") + state() + b"u",
        b"}" + text("checkpoint") + b"}" + text("anything") + state() + b"ss",
        b"}(" + text("optimizer") + state("o", "1") + text("weights") + state() + text("ema") + state("e", "1") + b"u",
        b"}(" + text("hyper_parameters") + b"cargparse\nNamespace\n)R}" + text("lr") + b"K\1sb" + text("state_dict") + state() + b"u",
        b"\x80\4}\x94" + b"\x8c\5model" + state() + b"s",
    ],
    ids=["one level", "beside numbers", "two levels", "beside others", "Lightning", "protocol 4"],
)
def test_a_state_dictionary_below_others_is_found(tmp_path, description):
    path = tmp_path / "weights.pth"
    path.write_bytes(zip_of(description + b".", _0=NUMBERS, _1=NUMBERS))
    assert list(read_tensors(path)) == ["w"]
    np.testing.assert_array_equal(read_tensors(path)["w"], [0, 1])


def test_of_several_dictionaries_none_is_guessed(tmp_path):
    path = tmp_path / "weights.pth"
    path.write_bytes(zip_of(b"}(" + text("one") + state() + text("other") + state() + b"u.", _0=NUMBERS))
    assert "several dictionaries of tensors (one, other)" in called(path)


@pytest.mark.parametrize(
    ("storage_type", "dtype"), [(b"IntStorage", "<i4"), (b"BoolStorage", "?"), (b"ByteStorage", "u1"), (b"ShortStorage", "<i2")]
)
def test_buffers_of_whole_numbers_are_read(tmp_path, storage_type, dtype):
    path = tmp_path / "weights.pth"
    path.write_bytes(zip_of(b"}" + text("w") + one_tensor(storage_type) + b"s.", _0=np.array([0, 1], dtype).tobytes()))
    np.testing.assert_array_equal(read_tensors(path)["w"], np.array([0, 1], dtype))


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n", "a Git LFS pointer"),
        (b"\n<!DOCTYPE HTML><html>", "an HTML page"),
        (b"<html>", "an HTML page"),
        (b"", "it is empty"),
        (zip_of(state() + b".", _0=NUMBERS)[:150], "half a download"),
        (zip_of(b"N.").replace(b"data.pkl", b"data.txt"), "there is no data.pkl in it"),
        (zip_of(b"N."), "it holds no dictionary of tensors"),
        (zip_of(state() + b"."), "there is no data/0 in it"),
    ],
)
def test_what_is_no_such_file_is_called_what_it_is(tmp_path, content, what):
    path = tmp_path / "weights.pth"
    path.write_bytes(content)
    assert what in called(path)


def test_an_encrypted_archive_is_called_that(tmp_path):
    path = tmp_path / "weights.pth"
    whole = bytearray(zip_of(b"N."))
    for signature, place in ((b"PK\1\2", 8), (b"PK\3\4", 6)):
        whole[whole.index(signature) + place] |= 1
    path.write_bytes(whole)
    assert "is encrypted" in called(path)


def test_a_key_that_takes_for_ever_to_hash_is_refused(tmp_path):
    path = tmp_path / "weights.pth"
    nested = b"N\x85" + b"".join(b"q" + bytes([n]) + b"h" + bytes([n]) + b"\x86" for n in range(60))
    path.write_bytes(zip_of(b"}" + nested + b"Ns."))
    assert "a key of type tuple" in called(path)


def test_a_step_that_is_never_taken_may_be_anything(tmp_path):
    path = tmp_path / "weights.pth"
    path.write_bytes(zip_of(tensor(b"K\1K\2", b"\x8a\x08" + b"\xff" * 7 + b"\x7fK\1"), _0=bytes(16)))
    assert read_tensors(path)["w"].shape == (1, 2)


@pytest.mark.parametrize(
    "description", [b".", b"0.", b"h\5.", b"t.", b"(s.", b"Ks.", b"NNs.", b"NNa.", b"NQ.", b"NNR.", b"K\1K\2\x93.", b"}]Ns.", b"(NNNd."]
)
def test_a_description_that_does_not_add_up_is_refused(tmp_path, description):
    path = tmp_path / "weights.pth"
    path.write_bytes(zip_of(description))
    called(path)


@pytest.mark.parametrize("path", [ZIP, STREAM], ids=["zip", "stream"])
def test_a_damaged_file_is_read_or_refused(tmp_path, path):
    numbers, whole = np.random.default_rng(0), np.frombuffer(path.read_bytes(), np.uint8)
    damaged = tmp_path / path.name
    for _ in range(200):
        content = whole.copy()
        content[numbers.integers(0, len(whole), 4)] = numbers.integers(0, 256, 4)
        damaged.write_bytes(content.tobytes())
        try:
            read_tensors(damaged)
        except UserError as error:
            assert "\n" not in str(error) and len(str(error)) <= 300
