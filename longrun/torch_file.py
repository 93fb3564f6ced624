"""Tensors in PyTorch files, read as data: nothing is unpickled, so nothing in a file can run, and PyTorch is not needed.

A PyTorch file is a pickle that describes tensors, and their raw numbers. The opcodes of the pickle are parsed with `pickletools`, and
a class or function among them is no more than its name; the names of tensors, storages and ordered dictionaries are known
here, and any other is refused. Reads both formats: the zip archive of torch >= 1.6 and the older stream of pickles. bfloat16 becomes
float32.
"""

import pickletools
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from longrun.errors import UserError

_STREAM_MAGIC, _STREAM_VERSION = 0x1950A86A20F9469CFC6C, 1001
_BFLOAT16 = np.dtype([("bfloat16", "<u2")])
_STORAGES = {"DoubleStorage": "<f8", "FloatStorage": "<f4", "HalfStorage": "<f2", "LongStorage": "<i8", "BFloat16Storage": _BFLOAT16}
_TENSORS = ("torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2")
_PUSHED = ("BININT", "BININT1", "BININT2", "LONG1", "BINUNICODE", "SHORT_BINUNICODE", "BINSTRING", "SHORT_BINSTRING")
_CONSTANTS: dict[str, Callable[[], Any]] = {
    "EMPTY_DICT": dict,
    "EMPTY_LIST": list,
    "EMPTY_TUPLE": tuple,
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
}


@dataclass(frozen=True)
class _Name:
    """A class or function that the pickle names; never looked up."""

    full: str


@dataclass(frozen=True)
class _Storage:
    """Where a tensor's numbers are."""

    key: str
    dtype: np.dtype
    count: int

    @property
    def bytes(self) -> int:
        """Size of its numbers in the file."""
        return self.count * self.dtype.itemsize


@dataclass(frozen=True)
class _Tensor:
    """A window on a storage; offset, size and stride in numbers."""

    storage: _Storage
    offset: int
    size: tuple[int, ...]
    stride: tuple[int, ...]


def read_tensors(path: Path | str, prefix: str = "") -> dict[str, np.ndarray]:
    """The tensors of a state dictionary in a PyTorch file whose names begin with `prefix`: name -> array, shaped as in the file.

    Only their numbers are read, not those of the others. Raises FileNotFoundError, or UserError with one line for a file that is no
    PyTorch file, is cut short, or names a class that a state dictionary does not need.
    """
    path = Path(path)
    with path.open("rb") as file:
        try:
            is_archive = zipfile.is_zipfile(file)
            file.seek(0)
            return (_read_archive if is_archive else _read_stream)(file, prefix)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, zipfile.BadZipFile) as error:
            raise UserError(f"{path} cannot be read as PyTorch weights: {error}") from error


def _read_archive(file: BinaryIO, prefix: str) -> dict[str, np.ndarray]:
    with zipfile.ZipFile(file) as archive:
        root = next(name for name in archive.namelist() if name.endswith("/data.pkl")).removesuffix("data.pkl")
        if root + "byteorder" in archive.namelist() and archive.read(root + "byteorder") != b"little":
            raise ValueError("its numbers are big-endian")
        with archive.open(root + "data.pkl") as stream:
            tensors = _tensors(_parse(stream))
        arrays = {}
        for name, tensor in tensors.items():
            if name.startswith(prefix):
                member = archive.getinfo(f"{root}data/{tensor.storage.key}")
                if member.file_size != tensor.storage.bytes:
                    raise ValueError(f"{member.filename} has {member.file_size} bytes instead of {tensor.storage.bytes}")
                arrays[name] = _array(tensor, archive.read(member))
    return arrays


def _read_stream(file: BinaryIO, prefix: str) -> dict[str, np.ndarray]:
    if _parse(file) != _STREAM_MAGIC or _parse(file) != _STREAM_VERSION:
        raise ValueError("it does not begin as a PyTorch file does")
    if not _parse(file)["little_endian"]:
        raise ValueError("its numbers are big-endian")
    tensors = _tensors(_parse(file))
    keys = _parse(file)
    arrays = {}
    storages = {tensor.storage.key: tensor.storage for tensor in tensors.values()}
    for key in keys:
        storage = storages[key]
        count = int.from_bytes(file.read(8), "little")
        if count != storage.count:
            raise ValueError(f"storage {key} has {count} numbers instead of {storage.count}")
        users = {name: tensor for name, tensor in tensors.items() if tensor.storage.key == key and name.startswith(prefix)}
        if not users:
            file.seek(storage.bytes, 1)
            continue
        numbers = file.read(storage.bytes)
        if len(numbers) != storage.bytes:
            raise ValueError("it is cut short")
        arrays |= {name: _array(tensor, numbers) for name, tensor in users.items()}
    return {name: arrays[name] for name in tensors if name.startswith(prefix)}


def _parse(stream: BinaryIO) -> Any:
    """The value that one pickle in `stream` describes; leaves the stream behind it. Refuses what a state dictionary does not need."""
    stack: list[Any] = []
    marks: list[int] = []
    memo: dict[int, Any] = {}

    def since_mark() -> list[Any]:
        start = marks.pop()
        values = stack[start:]
        del stack[start:]
        return values

    for opcode, argument, _ in pickletools.genops(stream):
        name = opcode.name
        if name in _PUSHED:
            stack.append(argument)
        elif name in _CONSTANTS:
            stack.append(_CONSTANTS[name]())
        elif name == "GLOBAL":
            stack.append(_Name(argument.replace(" ", ".")))
        elif name in ("BINPUT", "LONG_BINPUT"):
            memo[argument] = stack[-1]
        elif name in ("BINGET", "LONG_BINGET"):
            stack.append(memo[argument])
        elif name == "MARK":
            marks.append(len(stack))
        elif name == "TUPLE":
            stack.append(tuple(since_mark()))
        elif name in ("TUPLE1", "TUPLE2", "TUPLE3"):
            count = int(name[-1])
            stack[-count:] = [tuple(stack[-count:])]
        elif name in ("APPEND", "APPENDS"):
            values = since_mark() if name == "APPENDS" else [stack.pop()]
            stack[-1] += values
        elif name in ("SETITEM", "SETITEMS"):
            values = since_mark() if name == "SETITEMS" else [stack.pop(-2), stack.pop()]
            stack[-1].update(zip(values[::2], values[1::2], strict=True))
        elif name == "BINPERSID":
            stack.append(_storage(*stack.pop()))
        elif name == "REDUCE":
            arguments = stack.pop()
            stack.append(_made(stack.pop(), arguments))
        elif name == "BUILD":
            # The attributes of an ordered dictionary: versions of the modules, not needed.
            stack.pop()
        elif name == "STOP":
            return stack.pop()
        elif name != "PROTO":
            raise ValueError(f"it holds the opcode {name}, which weights do not need")
    raise ValueError("it is cut short")


def _storage(kind: str, storage_type: _Name, key: str, location: str, count: int, view: object = None) -> _Storage:
    package, _, name = storage_type.full.rpartition(".")
    if kind != "storage" or package not in ("torch", "torch.cuda") or name not in _STORAGES or view is not None:
        raise ValueError(f"it holds {storage_type.full}, which is no storage of plain numbers")
    return _Storage(str(key), np.dtype(_STORAGES[name]), count)


def _made(function: _Name, arguments: tuple) -> Any:
    if function.full == "collections.OrderedDict":
        return dict(*arguments)
    if function.full in _TENSORS:
        return _Tensor(*arguments[:4])
    if function.full == "torch._utils._rebuild_parameter":
        return arguments[0]
    raise ValueError(f"it asks for {function.full}, which weights do not need")


def _tensors(description: Any) -> dict[str, _Tensor]:
    return {name: value for name, value in description.items() if isinstance(value, _Tensor)}


def _array(tensor: _Tensor, numbers: bytes) -> np.ndarray:
    last = tensor.offset + sum((length - 1) * step for length, step in zip(tensor.size, tensor.stride, strict=True))
    inside = 0 <= tensor.offset <= last < tensor.storage.count and min(tensor.stride, default=0) >= 0
    if not inside or prod(tensor.size) > tensor.storage.count:
        raise ValueError(f"a tensor of shape {tensor.size} reaches outside its {tensor.storage.count} numbers")
    if tensor.storage.dtype == _BFLOAT16:  # The upper half of a float32; NumPy has no type for it.
        window = (np.frombuffer(numbers, "<u2").astype(np.uint32) << 16).view(np.float32)[tensor.offset :]
    else:
        window = np.frombuffer(numbers, tensor.storage.dtype)[tensor.offset :]
    return np.lib.stride_tricks.as_strided(window, tensor.size, [step * window.itemsize for step in tensor.stride]).copy()
