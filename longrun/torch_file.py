"""Tensors in PyTorch and safetensors files, read as data: nothing is unpickled, so nothing in a file can run, and PyTorch is not needed.

Reads the zip archive of torch >= 1.6, the older stream of pickles, and safetensors. The state dictionary may lie one or two levels down,
as trainers keep it beside an optimizer. bfloat16 becomes float32.
"""

import mmap
import struct
import zipfile
import zlib
from math import prod
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from longrun.errors import UserError
from longrun.safetensors_file import is_safetensors, read_safetensors, widened
from longrun.text_file import mistaken_for
from longrun.torch_pickle import BFLOAT16, NotWeights, Storage, Tensor, parse, require

DESCRIPTION_BYTES = 256_000_000
"""Of the pickle that describes the tensors; more are refused."""
_STREAM_MAGIC, _STREAM_VERSION = 0x1950A86A20F9469CFC6C, 1001
_STATES = ("", "state_dict", "model_state_dict", "model", "module", "network", "net", "weights", "params", "parameters")
"""What a dictionary of weights is called by those who keep it in another one; "" is one that lies in none."""
_OTHERS = ("optim", "lr_", "scheduler", "scaler", "callbacks", "loops", "rng")
"""How dictionaries begin that hold tensors which are no weights."""
_OTHER_ARRAYS = {b"\x89HDF": "it is an HDF5 file", b"\x93NUMPY": "it is a NumPy array"}
_ZIP_END = 22 + 65535
"""Within so many last bytes lies the end mark of an archive, with its comment."""
_ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, RuntimeError, EOFError, OverflowError, OSError)
"""OSError too: a damaged archive leads to places before the file begins."""


def read_tensors(path: Path | str, prefix: str = "") -> dict[str, np.ndarray]:
    """The tensors of a state dictionary in a file whose names begin with `prefix`: name -> array, shaped as in the file.

    Only their numbers are read, not those of the others. Raises OSError, or UserError with one line for a file that holds no weights, is
    cut short, or names a class that a state dictionary does not need.
    """
    path = Path(path)
    with path.open("rb") as file:
        try:
            return _read(file, path.stat().st_size, prefix)
        except NotWeights as reason:
            text = " ".join(str(reason).split())
            start = f"{path} cannot be read as PyTorch weights: "
            room = max(299 - len(start), 100)
            raise UserError(start + (text if len(text) <= room else text[: room - 3] + "...")) from reason


def _read(file: BinaryIO, size: int, prefix: str) -> dict[str, np.ndarray]:
    head = file.read(512)
    require(bool(head), "it is empty")
    for start, what in _OTHER_ARRAYS.items():
        require(not head.startswith(start), what)
    file.seek(0)
    if is_safetensors(head):
        return read_safetensors(file, size, prefix)
    if head.startswith(b"PK\3\4"):
        return _read_archive(file, size, prefix)
    require(not (what := mistaken_for(head)), what)
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as stream:
        return _read_stream(stream, size, prefix)


def _read_archive(file: BinaryIO, size: int, prefix: str) -> dict[str, np.ndarray]:
    file.seek(max(size - _ZIP_END, 0))
    require(b"PK\5\6" in file.read(), "it is half a download: the archive is cut short, its end is missing")
    try:
        archive = zipfile.ZipFile(file)
    except (ValueError, *_ZIP_ERRORS) as error:
        raise NotWeights(f"its archive is damaged: {error}") from error
    with archive:
        members = {member.filename: member for member in archive.infolist()}
        found = [name for name in members if name == "data.pkl" or name.endswith("/data.pkl")]
        require(bool(found), "it is an archive of something else: there is no data.pkl in it")
        root = min(found, key=len).removesuffix("data.pkl")
        require(f"{root}constants.pkl" not in members, "it is a TorchScript program; save the state_dict of the model instead")
        if f"{root}byteorder" in members:
            require(_content(archive, members[f"{root}byteorder"], size) == b"little", "its numbers are big-endian")
        description = members[f"{root}data.pkl"]
        require(description.file_size <= DESCRIPTION_BYTES, f"its description has {description.file_size:,} bytes")
        with mmap.mmap(-1, max(description.file_size, 1)) as stream:
            stream.write(_content(archive, description, size))
            stream.seek(0)
            tensors = _wanted(parse(stream), prefix, size)
        arrays = {}
        for name, tensor in tensors.items():
            member = members.get(f"{root}data/{tensor.storage.key}")
            require(member is not None, f"it is cut short: there is no data/{tensor.storage.key[:60]} in it")
            expected = tensor.storage.bytes
            require(member.file_size == expected, f"{member.filename[:80]} has {member.file_size} bytes instead of {expected}")
            arrays[name] = _array(tensor, _content(archive, member, size))
    return arrays


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo, size: int) -> bytes:
    """What a member holds; never more than the file itself has bytes."""
    require(not member.flag_bits & 1, f"{member.filename[:80]} is encrypted")
    require(member.file_size <= size, f"{member.filename[:80]} claims {member.file_size} bytes in a file of {size}")
    try:
        with archive.open(member) as stream:
            return stream.read(member.file_size)
    except (ValueError, *_ZIP_ERRORS) as error:
        raise NotWeights(f"{member.filename[:80]} is damaged: {error}") from error


def _read_stream(stream: mmap.mmap, size: int, prefix: str) -> dict[str, np.ndarray]:
    begins = parse(stream) == _STREAM_MAGIC and parse(stream) == _STREAM_VERSION
    require(begins, "it does not begin as a PyTorch file does")
    system = parse(stream)
    require(isinstance(system, dict) and system.get("little_endian") is True, "its numbers are big-endian")
    storages: dict[str, Storage] = {}
    tensors = _wanted(parse(stream, storages), prefix, size)
    keys = parse(stream)
    require(isinstance(keys, list) and all(type(key) in (str, int) for key in keys), "it does not list its storages")
    users: dict[str, list[str]] = {}
    for name, tensor in tensors.items():
        users.setdefault(tensor.storage.key, []).append(name)
    arrays = {}
    for key in map(str, keys):
        require(key in storages, f"it lists a storage {key[:60]} that no tensor has")
        storage = storages.pop(key)
        count = int.from_bytes(stream.read(8), "little")
        require(count == storage.count, f"storage {key[:60]} has {count} numbers instead of {storage.count}")
        require(stream.tell() + storage.bytes <= size, "it is cut short")
        numbers = stream.read(storage.bytes) if key in users else stream.seek(storage.bytes, 1)
        arrays |= {name: _array(tensors[name], numbers) for name in users.get(key, [])}
    require(set(arrays) == set(tensors), "it is cut short")
    return {name: arrays[name] for name in tensors}


def _wanted(description: Any, prefix: str, size: int) -> dict[str, Tensor]:
    """Those of the state dictionary whose names begin with `prefix`. Together they are no more than a few times the file."""
    tensors = {name: tensor for name, tensor in _state(description).items() if name.startswith(prefix)}
    for tensor in tensors.values():
        _require_inside(tensor)
    total = sum(prod(tensor.size) * tensor.storage.dtype.itemsize for tensor in tensors.values())
    require(total <= 8 * size, "its tensors are larger than the file can hold")
    return tensors


def _state(description: Any) -> dict[str, Tensor]:
    """The dictionary of weights: what lies in no other or is called as weights are; else the only one. Of several, that of most tensors."""
    level, seen, found = {"": description}, set(), {}
    for _ in range(3):
        below = {}
        for place, value in level.items():
            if not isinstance(value, dict) or id(value) in seen:
                continue
            seen.add(id(value))
            tensors = {key: tensor for key, tensor in value.items() if isinstance(key, str) and isinstance(tensor, Tensor)}
            if tensors:
                found[place] = tensors
            children = {key: child for key, child in value.items() if isinstance(key, str) and isinstance(child, dict)}
            below |= {f"{place}/{key}": child for key, child in children.items() if not key.lower().startswith(_OTHERS)}
        level = below
    require(bool(found), "it holds no dictionary of tensors")
    called = {place: tensors for place, tensors in found.items() if place.rpartition("/")[2] in _STATES}
    names = ", ".join(place.strip("/") for place in list(found)[:5])
    require(bool(called) or len(found) == 1, f"it holds several dictionaries of tensors ({names}); keep one of them")
    return max((called or found).values(), key=len)


def _steps(tensor: Tensor) -> list[int]:
    """Its strides; a step along an axis of one number is never taken, whatever it says."""
    return [step if length > 1 else 0 for length, step in zip(tensor.size, tensor.stride, strict=True)]


def _require_inside(tensor: Tensor) -> None:
    size, steps, count = tensor.size, _steps(tensor), tensor.storage.count
    last = tensor.offset + sum((length - 1) * step for length, step in zip(size, steps, strict=True))
    inside = 0 <= tensor.offset <= last < count and min(steps, default=0) >= 0 and prod(size) <= count
    is_empty = min(size, default=1) == 0 and prod(max(length, 1) for length in size) < 2**40
    fits = is_empty or (inside and min(size, default=1) > 0)
    require(fits, f"a tensor of shape {str(size)[:60]} reaches outside its {count} numbers")


def _array(tensor: Tensor, numbers: bytes) -> np.ndarray:
    is_upper_half = tensor.storage.dtype == BFLOAT16
    window = widened(np.frombuffer(numbers, "<u2")) if is_upper_half else np.frombuffer(numbers, tensor.storage.dtype)
    if not prod(tensor.size):
        return np.zeros(tensor.size, window.dtype)
    window = window[tensor.offset :]
    return np.lib.stride_tricks.as_strided(window, tensor.size, [step * window.itemsize for step in _steps(tensor)]).copy()
