"""Every command of every project: its page needs no TensorFlow, and every flag on it has a sentence."""

import importlib
import json
import subprocess
import sys

import pytest

from longrun.config import known_fields
from tests.places import ROOT

PROJECTS = sorted(path.parent.name for path in ROOT.glob("*/__main__.py"))
PAGES = """
import contextlib, importlib, io, json, sys
from longrun.cli.signature import read

module, pages = importlib.import_module("{project}.__main__"), {{}}
mute = []
for name, command in module.COMMANDS.items():
    with contextlib.redirect_stdout(io.StringIO()) as page:
        try:
            code = module.main([name, "--help"])
        except SystemExit as leaving:
            code = leaving.code
    pages[name] = [code, page.getvalue()]
    if isinstance(command, str):
        mute += [f"{{name}} {{flag.name}}" for flag in read(command).flags if not flag.help]
print(json.dumps([pages, mute, sorted({{"tensorflow", "keras"}} & set(sys.modules))]))
"""


@pytest.mark.parametrize("project", PROJECTS)
def test_pages_need_no_tensorflow_and_every_flag_has_a_sentence(project):
    done = subprocess.run([sys.executable, "-c", PAGES.format(project=project)], cwd=ROOT, capture_output=True, text=True)
    assert done.stderr == ""
    pages, mute, imported = json.loads(done.stdout)
    assert (mute, imported) == ([], [])
    assert ("train" in pages) == (project != "longrun")  # The house itself has nothing to train.
    for name, (code, page) in pages.items():
        assert code == 0 and page.startswith(f"usage: python -m {project} {name} "), name


@pytest.mark.parametrize("project", PROJECTS)
def test_every_setting_of_every_preset_has_a_sentence(project):
    table = importlib.import_module(f"{project}.__main__").COMMANDS
    modules = {command.presets for command in table.values() if getattr(command, "presets", "")}
    kinds = {type(preset()) for module in modules for preset in importlib.import_module(module).PRESETS.values()}
    assert bool(kinds) == (project != "longrun")
    assert [field.name for kind in kinds for field in known_fields(kind).values() if not field.help] == []
