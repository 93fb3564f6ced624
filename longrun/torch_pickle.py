"""The pickle of a PyTorch file as data: what it describes, of plain values, storages and tensors; nothing in it is looked up or called.

The opcodes are parsed with `pickletools`. A class or function among them is no more than its name: those of tensors, storages and
ordered dictionaries are known here, records that trainers keep beside weights are passed over, and any other is refused.
"""

import pickletools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np

from longrun.errors import UserError

OPCODES = 1_000_000
"""More than any checkpoint has; a longer description is refused."""
DIMENSIONS = 16
BFLOAT16 = np.dtype([("bfloat16", "<u2")])
_STORAGES = {
    "DoubleStorage": "<f8",
    "FloatStorage": "<f4",
    "HalfStorage": "<f2",
    "BFloat16Storage": BFLOAT16,
    "LongStorage": "<i8",
    "IntStorage": "<i4",
    "ShortStorage": "<i2",
    "CharStorage": "i1",
    "ByteStorage": "u1",
    "BoolStorage": "?",
}
_TENSORS = ("torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2")
_DICTIONARIES = ("collections.OrderedDict", "collections.defaultdict", "collections.Counter")
_RECORDS = {"torch.device", "torch.Size", "_codecs.encode", "copyreg._reconstructor"}
_RECORDS |= {
    f"{package}.{name}" for package in ("builtins", "__builtin__") for name in ("set", "frozenset", "complex", "slice", "bytearray")
}
_RECORD_PACKAGES = {"argparse", "datetime", "lightning", "lightning_fabric", "numpy", "omegaconf", "pathlib", "pytorch_lightning"}
_PUSHED = {"INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"}
_PUSHED |= {"UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "STRING", "BINSTRING", "SHORT_BINSTRING"}
_PUSHED |= {"BINBYTES", "SHORT_BINBYTES", "BINBYTES8"}
_CONSTANTS: dict[str, Callable[[], Any]] = {
    "EMPTY_DICT": dict,
    "EMPTY_LIST": list,
    "EMPTY_TUPLE": tuple,
    "EMPTY_SET": list,
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
}


class NotWeights(UserError):
    """A file holds no weights that can be read; the message says why, as a clause that follows the file's name."""


@dataclass(frozen=True, eq=False)
class Name:
    """A class or function that the pickle names; never looked up."""

    full: str


@dataclass(frozen=True, eq=False)
class Record:
    """A value that is passed over."""

    kind: str


@dataclass(frozen=True, eq=False)
class Storage:
    """Where a tensor's numbers are."""

    key: str
    dtype: np.dtype
    count: int

    @property
    def bytes(self) -> int:
        """Size of its numbers in the file."""
        return self.count * self.dtype.itemsize


@dataclass(frozen=True, eq=False)
class Tensor:
    """A window on a storage; offset, size and stride in numbers."""

    storage: Storage
    offset: int
    size: tuple[int, ...]
    stride: tuple[int, ...]


def require(fits: bool, clause: str) -> None:
    """NotWeights with a clause, unless something fits."""
    if not fits:
        raise NotWeights(clause)


def parse(stream: BinaryIO, storages: dict[str, Storage] | None = None) -> Any:
    """The value that one pickle in `stream` describes; leaves the stream behind it. `storages` gets those that it names, by their keys.

    Raises NotWeights for whatever a checkpoint does not need. Time and memory grow with the length of the pickle alone.
    """
    machine = _Machine({} if storages is None else storages)
    for name, argument in _opcodes(stream):
        if name == "STOP":
            return machine.pop()
        machine.step(name, argument)
    raise NotWeights("it is cut short")


def _opcodes(stream: BinaryIO) -> Iterator[tuple[str, Any]]:
    opcodes = pickletools.genops(stream)
    for _ in range(OPCODES):
        try:
            found = next(opcodes, None)
        except ValueError as error:
            raise NotWeights(f"it is damaged or no such file at all: {error}") from error
        if found is None:
            return
        yield found[0].name, found[1]
    raise NotWeights(f"its description has more than {OPCODES:,} opcodes")


class _Machine:
    """The stack, marks and memo of a pickle."""

    def __init__(self, storages: dict[str, Storage]):
        self._stack: list[Any] = []
        self._marks: list[int] = []
        self._memo: dict[int, Any] = {}
        self._storages = storages
        self._copied = 0

    def pop(self) -> Any:
        """The topmost value; never one below a mark."""
        require(len(self._stack) > (self._marks[-1] if self._marks else 0), "its description takes what it never gave")
        return self._stack.pop()

    def step(self, name: str, argument: Any) -> None:
        """Do what an opcode says."""
        push = self._stack.append
        if name in _PUSHED:
            push(argument)
        elif name in _CONSTANTS:
            push(_CONSTANTS[name]())
        elif name == "GLOBAL":
            push(Name(argument.replace(" ", ".")))
        elif name == "STACK_GLOBAL":
            attribute, module = self.pop(), self.pop()
            require(isinstance(module, str) and isinstance(attribute, str), "it names a class by something else than text")
            push(Name(f"{module}.{attribute}"))
        elif name in ("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"):
            self._memo[len(self._memo) if name == "MEMOIZE" else argument] = value = self.pop()
            push(value)
        elif name in ("GET", "BINGET", "LONG_BINGET"):
            require(argument in self._memo, "its description refers to what it never named")
            push(self._memo[argument])
        elif name == "MARK":
            self._marks.append(len(self._stack))
        elif name in ("TUPLE", "LIST", "FROZENSET"):
            values = self._since_mark()
            push(tuple(values) if name == "TUPLE" else values)
        elif name in ("TUPLE1", "TUPLE2", "TUPLE3"):
            push(tuple([self.pop() for _ in range(int(name[-1]))][::-1]))
        elif name == "DICT":
            push(self._filled({}, self._since_mark()))
        elif name in ("APPEND", "APPENDS", "ADDITEMS"):
            self._append([self.pop()] if name == "APPEND" else self._since_mark())
        elif name in ("SETITEM", "SETITEMS"):
            values = self._since_mark() if name == "SETITEMS" else [self.pop(), self.pop()][::-1]
            target = self.pop()
            push(target if isinstance(target, Record) else self._filled(target, values))
        elif name == "BINPERSID":
            push(self._storage(self.pop()))
        elif name in ("REDUCE", "NEWOBJ"):
            arguments, function = self.pop(), self.pop()
            push(self._made(function, arguments))
        elif name == "BUILD":
            self.pop()  # Attributes of an ordered dictionary (versions of the modules) or of a record: not needed.
        elif name in ("POP", "POP_MARK"):
            _ = self.pop() if name == "POP" else self._since_mark()
        elif name == "DUP":
            value = self.pop()
            self._stack += [value, value]
        else:
            require(name in ("PROTO", "FRAME"), f"it holds the opcode {name}, which weights do not need")

    def _since_mark(self):
        require(bool(self._marks), "its description closes what it never opened")
        start = self._marks.pop()
        values = self._stack[start:]
        del self._stack[start:]
        return values

    def _append(self, values):
        target = self.pop()
        require(isinstance(target, list | Record), "it appends to something else than a list")
        if isinstance(target, list):
            target += values
        self._stack.append(target)

    def _filled(self, target, values):
        require(isinstance(target, dict) and len(values) % 2 == 0, "it sets items of something else than a dictionary")
        for key in values[::2]:
            # A tuple of tuples may take for ever to hash, a list cannot be.
            require(key is None or type(key) in (str, bytes, int, float, bool), f"a dictionary has a key of type {type(key).__name__}")
        target.update(zip(values[::2], values[1::2], strict=True))
        return target

    def _storage(self, told):
        require(isinstance(told, tuple) and len(told) in (5, 6), "it describes a storage in an unknown way")
        kind, storage_type, key, _, count, *view = told
        require(kind == "storage" and isinstance(storage_type, Name), "it describes a storage in an unknown way")
        package, _, name = storage_type.full.rpartition(".")
        is_plain = package in ("torch", "torch.cuda") and name in _STORAGES and view in ([], [None])
        require(is_plain, f"it holds {storage_type.full}, which is no storage of plain numbers")
        require(type(key) in (str, int) and type(count) is int and 0 <= count < 2**48, "it describes a storage in an unknown way")
        storage = self._storages.setdefault(str(key), Storage(str(key), np.dtype(_STORAGES[name]), count))
        require(storage.count == count and storage.dtype == np.dtype(_STORAGES[name]), "it describes one storage in two ways")
        return storage

    def _made(self, function, arguments):
        require(isinstance(function, Name), "it calls something without a name")
        require(isinstance(arguments, tuple), f"it asks for {function.full} in an unknown way")
        if function.full in _DICTIONARIES:
            pairs = next((argument for argument in arguments if isinstance(argument, list)), [])
            self._copied += len(pairs)
            require(self._copied <= OPCODES, "its description copies too much")
            require(all(isinstance(pair, list | tuple) and len(pair) == 2 for pair in pairs), "it fills a dictionary in an unknown way")
            return self._filled({}, [value for pair in pairs for value in pair])
        if function.full in _TENSORS:
            return _tensor(*arguments[:4]) if len(arguments) >= 4 else _tensor(None, 0, (), ())
        if function.full == "torch._utils._rebuild_parameter":
            require(bool(arguments) and isinstance(arguments[0], Tensor), "a parameter holds no tensor")
            return arguments[0]
        is_record = function.full in _RECORDS or function.full.partition(".")[0] in _RECORD_PACKAGES
        require(is_record, f"it asks for {function.full}, which weights do not need")
        return Record(function.full)


def _tensor(storage, offset, size, stride):
    shapes = all(isinstance(part, tuple) and len(part) <= DIMENSIONS and all(type(n) is int for n in part) for part in (size, stride))
    fits = isinstance(storage, Storage) and type(offset) is int and shapes and len(size) == len(stride)
    require(fits, "it describes a tensor in an unknown way")
    return Tensor(storage, offset, size, stride)
