"""Networks in ONNX files, opened with onnxruntime: what uses a released model needs no TensorFlow.

Beside NAME.keras lies NAME.onnx or, packed, NAME.onnx.gz. Weights that half precision holds exactly are stored in it; all
is computed in float32, as Keras does.
"""

import functools
import gzip
import os
import zlib
from pathlib import Path

import numpy as np

from longrun.errors import UserError
from longrun.fleet import processors

LARGEST = 2**30
"""Most bytes that a file may unpack to."""
_BROKEN = ("Fail", "InvalidArgument", "InvalidGraph", "InvalidProtobuf", "NotImplemented", "RuntimeException")
"""What onnxruntime raises for bytes that are no network."""


class Network:
    """One network: arrays in by name, arrays out by name. path: an .onnx or .onnx.gz file.

    It is opened when it is first asked: who reads a stamp waits for no encoder. Raises OSError or UserError then.
    """

    def __init__(self, path: Path | str):
        self.path = Path(path)
        self._required: dict[str, tuple[int | None, ...]] | None = None

    def __call__(self, **arrays: np.ndarray) -> dict[str, np.ndarray]:
        """Outputs by name. Raises ValueError for arrays that do not fit."""
        session = self._session
        names = [output.name for output in session.get_outputs()]
        try:
            return dict(zip(names, session.run(names, arrays), strict=True))
        except _state().InvalidArgument as error:
            raise ValueError(f"{self.path}: {_first_line(error)}") from error

    @property
    def inputs(self) -> dict[str, tuple[int | None, ...]]:
        """Name -> shape, None where a length is free."""
        return _shapes(self._session)

    @property
    def facts(self) -> dict[str, str]:
        """What was written into the file beside the network."""
        return dict(self._session.get_modelmeta().custom_metadata_map)

    def require(self, **shapes: tuple[int | None, ...]) -> None:
        """The inputs that its manifest speaks of. One that takes others is refused, with a UserError, when it is opened."""
        self._required = shapes

    @functools.cached_property
    def _session(self):
        import onnxruntime  # Here, so that a training does not wait for it.

        onnxruntime.set_default_logger_severity(4)  # What is wrong is raised.
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = _threads()
        # Threads that wait spend no processor time; many processes share a machine.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            session = onnxruntime.InferenceSession(_content(self.path), options, providers=["CPUExecutionProvider"])
        except tuple(getattr(_state(), name) for name in _BROKEN) as error:
            raise UserError(f"{self.path} is no network that onnxruntime opens: {_first_line(error)}") from error
        if self._required is not None and (found := _shapes(session)) != self._required:
            raise UserError(f"{self.path} takes {_in_words(found)}, and its manifest says {_in_words(self._required)}")
        return session


def _state():
    from onnxruntime.capi import onnxruntime_pybind11_state

    return onnxruntime_pybind11_state


def _shapes(session):
    return {one.name: tuple(size if isinstance(size, int) else None for size in one.shape) for one in session.get_inputs()}


def _content(path):
    if path.suffix != ".gz":
        return path.read_bytes()
    try:
        with gzip.open(path) as file:
            content = file.read(LARGEST + 1)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise UserError(f"{path} is damaged: {_first_line(error)}") from error
    if len(content) > LARGEST:
        raise UserError(f"{path} unpacks to more than {LARGEST} bytes")
    return content


def _threads():
    """As many as this process may use; fewer where OMP_NUM_THREADS says so."""
    said = os.environ.get("OMP_NUM_THREADS", "")
    if said.isdigit() and int(said) > 0:
        return int(said)
    return processors()


def _first_line(error):
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]


def _in_words(shapes):
    return ", ".join(f"{name} {'x'.join('N' if size is None else str(size) for size in shape)}" for name, shape in sorted(shapes.items()))
