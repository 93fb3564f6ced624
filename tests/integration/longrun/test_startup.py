"""The quiet import of TensorFlow: its start-up notes are dropped, and nothing else is."""

import importlib
import os
import subprocess
import sys

import pytest
import tensorflow  # noqa: F401 - the real one is taken away and put back: it has to be there, whichever tests ran before

from longrun import startup
from tests.places import ROOT

NOTES = """I0000 00:00:1795244740.454291   10665 port.cc:153] oneDNN custom operations are on. You may see slightly different results.
WARNING: All log messages before absl::InitializeLog() is called are written to STDERR
"""


NO_DRIVER = "E0000 00:00:1795724371.000790 20508 cuda_platform.cc:52] failed call to cuInit: INTERNAL: CUDA error: UNKNOWN ERROR (303)\n"
MODULE = """
import os
os.write(2, {text!r})
{ending}
class config:
    def list_physical_devices(kind):
        os.write(2, {listing!r})
"""


def importing(text, monkeypatch, tmp_path, ending="", listing=""):
    """Import a module that calls itself tensorflow and writes to file descriptor 2, past sys.stderr: `text`, and on listing devices."""
    (tmp_path / "tensorflow.py").write_text(MODULE.format(text=text.encode(), ending=ending, listing=listing.encode()))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "tensorflow")
    sys.meta_path.insert(0, startup._Quiet())
    importlib.import_module("tensorflow")


def test_notes_are_dropped_and_warnings_come_through(monkeypatch, tmp_path, capfd):
    importing(f"{NOTES}E0000 cannot open libcuda.so\n", monkeypatch, tmp_path)
    assert capfd.readouterr() == ("", "E0000 cannot open libcuda.so\n")
    print("still there", file=sys.stderr)
    assert capfd.readouterr().err == "still there\n"


def test_an_import_that_fails_says_what_it_said(monkeypatch, tmp_path, capfd):
    with pytest.raises(ImportError, match="no such machine"):
        importing("E0000 no AVX\n", monkeypatch, tmp_path, "raise ImportError('no such machine')")
    assert capfd.readouterr().err == "E0000 no AVX\n"


def test_no_gpu_is_no_error(monkeypatch, tmp_path, capfd):
    hidden = NO_DRIVER.replace("UNKNOWN ERROR (303)", "CUDA_ERROR_NO_DEVICE: no CUDA-capable device is detected")
    importing("", monkeypatch, tmp_path, listing=NO_DRIVER + hidden)
    assert capfd.readouterr() == ("", "")


def test_a_driver_that_fails_is_one(monkeypatch, tmp_path, capfd):
    broken = NO_DRIVER.replace("UNKNOWN ERROR (303)", "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH")
    importing("", monkeypatch, tmp_path, listing=broken + "E0000 out of memory\n")
    assert capfd.readouterr() == ("", f"{broken}E0000 out of memory\n")


def test_a_command_on_a_machine_without_a_gpu_says_nothing_of_one():
    """The real TensorFlow, as a user's shell starts it: without the settings of the tests."""
    settings = ("TF_CPP_MIN_LOG_LEVEL", "CUDA_VISIBLE_DEVICES")
    environment = {name: value for name, value in os.environ.items() if name not in settings}
    code = "import longrun, tensorflow; tensorflow.config.list_physical_devices(); print(int(tensorflow.constant(1) + 1))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("2\n", 0)
    assert "cuInit" not in done.stderr


@pytest.mark.parametrize("project", sorted(path.parent.name for path in ROOT.glob("*/presets.py")))
def test_no_projects_presets_import_tensorflow_and_so_forestall_the_quiet_import(project):
    code = f"import sys, {project}.presets; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0
