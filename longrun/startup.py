"""Imports TensorFlow without its start-up notes, which no environment variable silences; anything else it says still comes through.

Imported first by the package, so that a command's first lines are its own.
"""

import os
import re
import sys
import tempfile

_NOTES = re.compile(
    r"All log messages before absl|oneDNN custom operations|Could not find cuda drivers|optimized to use available CPU instructions"
    r"|To enable the following instructions|cuda_platform|Unable to register cu(DNN|BLAS|FFT)"
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
            import tensorflow  # noqa: F401
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
