"""Imports TensorFlow without its start-up notes, which no environment variable silences; anything else it says still comes through.

Imported first by the package, so that a command's first lines are its own. Devices are listed for the first time here as well: where
there is no GPU, that is when TensorFlow says that it cannot find one, in words of an error.
"""

import os
import re
import sys
import tempfile

_NOTES = re.compile(
    r"All log messages before absl|oneDNN custom operations|Could not find cuda drivers|optimized to use available CPU instructions"
    r"|To enable the following instructions|Unable to register cu(DNN|BLAS|FFT)"
    # No driver (303), or no device that may be seen: a machine without a GPU. A driver that is there and fails is another matter.
    r"|failed call to cuInit: .*(\(303\)|CUDA_ERROR_NO_DEVICE)"
)


def _import_quietly() -> None:
    try:
        terminal = os.dup(2)
    except OSError:  # No stderr at all.
        return
    with tempfile.TemporaryFile() as notes:
        sys.stderr.flush()
        os.dup2(notes.fileno(), 2)
        try:
            import tensorflow

            tensorflow.config.list_physical_devices("CPU")
        finally:
            os.dup2(terminal, 2)
            os.close(terminal)
            notes.seek(0)
            for line in notes.read().decode(errors="replace").splitlines():
                if not _NOTES.search(line):
                    print(line, file=sys.stderr)


if "tensorflow" not in sys.modules:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    _import_quietly()
