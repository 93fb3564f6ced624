"""Networks in ONNX files, opened with onnxruntime: what uses a released model needs no TensorFlow.

Beside NAME.keras lies NAME.onnx or, packed, NAME.onnx.gz. Weights that half precision holds exactly are stored in it; all
is computed in float32, as Keras does.
"""

import gzip
import os
import zlib
from pathlib import Path

import numpy as np

from longrun.errors import UserError

LARGEST = 2**30
"""Most bytes that a file may unpack to."""
_BROKEN = ("Fail", "InvalidArgument", "InvalidGraph", "InvalidProtobuf", "NotImplemented", "RuntimeException")
"""What onnxruntime raises for bytes that are no network."""


class Network:
    """One network: arrays in by name, arrays out by name. path: an .onnx or .onnx.gz file. Raises OSError or UserError."""

    def __init__(self, path: Path | str):
        import onnxruntime  # Here, so that a training does not wait for it.

        onnxruntime.set_default_logger_severity(3)
        state = onnxruntime.capi.onnxruntime_pybind11_state
        self._misfit = state.InvalidArgument
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = _threads()
        # Threads that wait spend no processor time; many processes share a machine.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        broken = (UnicodeDecodeError, *(getattr(state, name) for name in _BROKEN))
        try:
            # What it falls back to is the same once more, with a word on standard output.
            given = {"providers": ["CPUExecutionProvider"], "enable_fallback": 0}
            self._session = onnxruntime.InferenceSession(_content(Path(path)), options, **given)
        except broken as error:
            raise UserError(f"{path} is no network that onnxruntime opens: {_first_line(error)}") from error
        self._outputs = [output.name for output in self._session.get_outputs()]
        self.inputs: dict[str, tuple[int | None, ...]] = {
            one.name: tuple(size if isinstance(size, int) else None for size in one.shape) for one in self._session.get_inputs()
        }
        """Name -> shape, None where a length is free."""
        self.facts: dict[str, str] = dict(self._session.get_modelmeta().custom_metadata_map)
        """What was written into the file beside the network."""
        self.path = Path(path)

    def __call__(self, **arrays: np.ndarray) -> dict[str, np.ndarray]:
        """Outputs by name. Raises ValueError for arrays that do not fit."""
        try:
            return dict(zip(self._outputs, self._session.run(self._outputs, arrays), strict=True))
        except self._misfit as error:
            raise ValueError(f"{self.path}: {_first_line(error)}") from error

    def require(self, **shapes: tuple[int | None, ...]) -> None:
        """Raises UserError where the network takes other inputs than these."""
        if self.inputs != shapes:
            raise UserError(f"{self.path} takes {_in_words(self.inputs)}, and its manifest says {_in_words(shapes)}")


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
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _first_line(error):
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]


def _in_words(shapes):
    return ", ".join(f"{name} {'x'.join('N' if size is None else str(size) for size in shape)}" for name, shape in sorted(shapes.items()))
