"""What `import stegastamp` and the others offer is there, and is imported when it is first used."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from tests.places import ROOT

PROJECTS = ("stegastamp", "hrm", "arc", "collatz")


@pytest.mark.parametrize("project", PROJECTS)
def test_every_name_has_a_home(project):
    package = importlib.import_module(project)
    stub = ast.parse((ROOT / project / "__init__.pyi").read_text(encoding="utf-8"))
    homes = {name.asname: node.module for node in stub.body for name in node.names}
    assert sorted(package.__all__) == sorted(homes) != []
    for name, home in homes.items():
        source = (ROOT / project / Path(*home.split("."))).with_suffix(".py").read_text(encoding="utf-8")
        assert f"\ndef {name}(" in source or f"\nclass {name}" in source
    with pytest.raises(AttributeError, match=f"No {project} attribute nothing"):
        _ = package.nothing
    assert (ROOT / project / "py.typed").is_file()


def test_packages_import_nothing_large():
    code = f"import sys, {', '.join(PROJECTS)}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"tensorflow", "keras", "numpy", "onnxruntime", "cv2", "tyro"} & set(done.stdout.split())
