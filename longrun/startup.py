"""Imports TensorFlow without its start-up notes, which no environment variable silences; anything else it says still comes through.

`longrun` imports this first and TensorFlow itself not at all: a command that needs no TensorFlow does not wait for it, and one that
does finds it quiet, wherever it is imported. Devices are listed for the first time here as well: where there is no GPU, that is
when TensorFlow says that it cannot find one, in words of an error.
"""

import importlib.abc
import importlib.machinery
import os
import re
import sys
import tempfile
from contextlib import contextmanager

_NOTES = re.compile(
    r"All log messages before absl|oneDNN custom operations|Could not find cuda drivers|optimized to use available CPU instructions"
    r"|To enable the following instructions|Unable to register cu(DNN|BLAS|FFT)"
    # No driver (303), or no device that may be seen: a machine without a GPU. A driver that is there and fails is another matter.
    r"|failed call to cuInit: .*(\(303\)|CUDA_ERROR_NO_DEVICE)"
)


@contextmanager
def _without_notes():
    try:
        terminal = os.dup(2)
    except OSError:  # No stderr at all.
        yield
        return
    with tempfile.TemporaryFile() as notes:
        sys.stderr.flush()
        os.dup2(notes.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(terminal, 2)
            os.close(terminal)
            notes.seek(0)
            for line in notes.read().decode(errors="replace").splitlines():
                if not _NOTES.search(line):
                    print(line, file=sys.stderr)


class _Quiet(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds TensorFlow once, and has its own loader do the work with stderr held back."""

    def find_spec(self, name, path=None, target=None):
        if name != "tensorflow":
            return None
        sys.meta_path.remove(self)
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None:
            self._loader, spec.loader = spec.loader, self
        return spec

    def create_module(self, spec):
        return self._loader.create_module(spec)

    def exec_module(self, module):
        module.__spec__.loader = module.__loader__ = self._loader
        with _without_notes():
            self._loader.exec_module(module)
            module.config.list_physical_devices("CPU")


if "tensorflow" not in sys.modules:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    sys.meta_path.insert(0, _Quiet())
