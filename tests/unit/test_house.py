"""The rules that hold the house together. Each test lists every place that breaks its rule."""

import configparser
import re
from pathlib import Path

from tests.fixtures import house
from tests.places import ROOT

TRACKED_MEGABYTES = 40
TRAINING_LINES = 60
FILE_LINES = 250
FOLDER_FILES = 16
SOURCES = {path: path.read_text(encoding="utf-8") for path in house.python_files(ROOT)}
NAMES = {path: house.module_name(path, ROOT) for path in SOURCES}
PRODUCT = {path: source for path, source in SOURCES.items() if NAMES[path].split(".")[0] in house.PACKAGES}


def offenders(rule, sources=SOURCES) -> list[str]:
    """Every file that breaks a rule, with what breaks it. rule(path, source) -> what is wrong, or nothing."""
    return [f"{path.relative_to(ROOT)}: {wrong}" for path, source in sources.items() if (wrong := rule(path, source))]


def test_imports_run_one_way():
    assert offenders(lambda path, source: house.import_violations(source, NAMES[path], path.name == "__init__.py")) == []


def test_no_module_imports_one_that_imports_it():
    found = {NAMES[path]: house.imported_modules(source, NAMES[path], path.name == "__init__.py") for path, source in PRODUCT.items()}
    # `from arc.grids import tasks` names arc.grids.tasks, `from arc.grids.tasks import load` names arc.grids.tasks.load.
    imports = {module: {name if name in found else name.rpartition(".")[0] for name in names} for module, names in found.items()}
    assert house.circles(imports) == []


def test_keras_is_never_reached_through_tensorflow():
    assert offenders(lambda _, source: house.legacy_keras(source)) == []


def test_nothing_is_unpickled():
    assert offenders(lambda _, source: house.unpickling(source)) == []


def test_no_bug_is_swallowed():
    assert offenders(lambda _, source: house.swallowed_errors(source), PRODUCT) == []


def test_public_modules_have_docstrings():
    assert offenders(lambda path, source: not (_is_private(NAMES[path]) or house.has_docstring(source)), PRODUCT) == []


def test_files_are_named_for_what_they_hold():
    assert offenders(lambda path, _: house.is_vague(path.relative_to(ROOT))) == []


def test_no_two_names_of_a_folder_differ_by_an_ending_only():
    folders = {path.parent for path in PRODUCT}
    pairs = {folder: house.twins(path.stem for path in PRODUCT if path.parent == folder) for folder in sorted(folders)}
    assert {str(folder.relative_to(ROOT)): found for folder, found in pairs.items() if found} == {}


def test_a_training_is_readable_in_one_sitting():
    lengths = {path: house.longest_function(source, "train") for path, source in PRODUCT.items()}
    assert {str(path.relative_to(ROOT)): lines for path, lines in lengths.items() if lines > TRAINING_LINES} == {}


def test_a_file_holds_one_idea():
    lengths = {str(path.relative_to(ROOT)): source.count("\n") for path, source in PRODUCT.items()}
    assert {name: lines for name, lines in lengths.items() if lines > FILE_LINES} == {}


def test_a_folder_is_a_room():
    assert house.crowded((path.relative_to(ROOT) for path in PRODUCT), FOLDER_FILES) == []


def test_the_house_is_not_empty():
    assert {"longrun.step.seeding", "tests.unit.test_house"} <= set(NAMES.values())


def test_the_picture_of_the_house_is_true():
    """docs/house.md: a line `name/` for each room, and every room has its line."""
    picture = re.search(r"```text\n(.*?)```", (ROOT / "docs" / "house.md").read_text(encoding="utf-8"), re.S)[1]
    above, drawn = [], set()
    for line in picture.splitlines():
        if name := re.match(r"( *)([\w.]+)/", line):
            above = [*above[: len(name[1]) // 2], name[2]]
            drawn.add("/".join(above))
    rooms = {str(path.parent.relative_to(ROOT)) for path in PRODUCT}
    assert {room for room in drawn if room.split("/")[0] in house.PACKAGES} == rooms
    assert [room for room in drawn if not (ROOT / room).is_dir()] == []


def test_every_package_is_known_and_installed():
    here = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    assert here <= set(house.PACKAGES)
    include = _setup()["options.packages.find"]["include"].split()
    assert set(include) == {name for package in house.PACKAGES for name in (package, f"{package}.*")}


def test_console_scripts_name_what_exists():
    lines = _setup()["options.entry_points"]["console_scripts"].split("\n")
    scripts = dict((part.strip() for part in line.split("=")) for line in lines if line)
    for target in scripts.values():
        module, function = target.split(":")
        source = (ROOT / Path(*module.split("."))).with_suffix(".py").read_text(encoding="utf-8")
        assert house.defines_function(source, function), target
    assert set(scripts) == {path.parent.name for path in ROOT.glob("*/__main__.py")}


def test_tracked_checkpoints_are_small():
    files = house.tracked_checkpoint_files(ROOT)
    assert ROOT / "checkpoints" / "README.md" in files
    assert sum(file.stat().st_size for file in files) <= TRACKED_MEGABYTES * 1e6


def _is_private(module: str) -> bool:
    return any(part.startswith("_") and part != "__main__" for part in module.split(".")[1:])


def _setup() -> configparser.ConfigParser:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    return setup
