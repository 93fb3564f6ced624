"""Tensors in a safetensors file: the length of a JSON header, the header, and the numbers. bfloat16 becomes float32."""

import json
from math import prod
from typing import BinaryIO

import numpy as np

from longrun.torch_pickle import DIMENSIONS, require

HEADER_BYTES = 100_000_000
"""More are refused, as by the format's own readers."""
_TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1", "U8": "u1"}
_TYPES |= {"U64": "<u8", "U32": "<u4", "U16": "<u2", "BOOL": "?"}


def is_safetensors(head: bytes) -> bool:
    """Whether the first 9 bytes of a file are those of a safetensors file."""
    return len(head) >= 9 and head[8:9] == b"{" and 2 <= int.from_bytes(head[:8], "little") <= HEADER_BYTES


def read_safetensors(file: BinaryIO, size: int, prefix: str) -> dict[str, np.ndarray]:
    """Name -> array of those tensors whose names begin with `prefix`, of a file of `size` bytes. Raises NotWeights."""
    length = int.from_bytes(file.read(8), "little")
    require(8 + length <= size, f"it is cut short: the header of this safetensors file has {length} bytes, the file {size}")
    header = _header(file.read(length))
    arrays = {}
    for name, about in header.items():
        if name == "__metadata__":
            continue
        dtype, shape, first, last = _described(name, about)
        require(8 + length + last <= size, f"it is cut short: tensor {name[:60]} ends at byte {8 + length + last} of {size}")
        if name.startswith(prefix):
            require(dtype in _TYPES, f"tensor {name[:60]} is of type {dtype[:20]}, which is not read here")
            kind = np.dtype(_TYPES[dtype])
            require(prod(shape) * kind.itemsize == last - first, f"tensor {name[:60]} of shape {shape} has {last - first} bytes")
            file.seek(8 + length + first)
            numbers = np.frombuffer(file.read(last - first), kind)
            arrays[name] = (widened(numbers) if dtype == "BF16" else numbers).reshape(shape).copy()
    total, held = sum(array.nbytes for array in arrays.values()), 2 * (size - length)
    require(total <= held, "its tensors overlap")
    return arrays


def widened(upper: np.ndarray) -> np.ndarray:
    """bfloat16, given as its 16 bits, as float32, of which it is the upper half; NumPy has no type for it."""
    return (upper.astype(np.uint32) << 16).view(np.float32)


def _header(text):
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as error:
        require(False, f"the header of this safetensors file is damaged: {error}")
    require(isinstance(header, dict), "the header of this safetensors file is no object")
    return header


def _described(name, about):
    what = f"tensor {name[:60]} is described in an unknown way"
    require(isinstance(about, dict) and {"dtype", "shape", "data_offsets"} <= set(about), what)
    dtype, shape, offsets = about["dtype"], about["shape"], about["data_offsets"]
    numbers = [*shape, *offsets] if isinstance(shape, list) and isinstance(offsets, list) else [None]
    require(isinstance(dtype, str) and all(type(number) is int and 0 <= number < 2**48 for number in numbers), what)
    require(len(shape) <= DIMENSIONS and len(offsets) == 2 and offsets[0] <= offsets[1], what)
    return dtype, tuple(shape), *offsets
