"""docs/security.md: its table of limits is that of the code, and what it says of files is so."""

import ast
import importlib
import re

import pytest

from tests.fixtures import house
from tests.places import ROOT

TEXT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| ([^|]+) \| ([\d,]+) \| `([\w.]+)` \|$", TEXT, re.MULTILINE)


@pytest.mark.parametrize(("what", "limit", "name"), ROWS, ids=[name for _, _, name in ROWS])
def test_a_limit_is_that_of_the_code(what, limit, name):
    module, _, constant = name.rpartition(".")
    assert getattr(importlib.import_module(module), constant) == int(limit.replace(",", "")), what


def test_every_row_of_the_table_is_held():
    table = re.search(r"\| what \| limit \| where \|\n\|---\|---\|---\|\n(.*?)\n\n", TEXT, re.DOTALL)[1]
    assert len(ROWS) == len(table.splitlines()) >= 20


def test_only_the_commands_that_are_named_reach_the_network():
    """By what modules import; the page's own server is on this machine."""
    reaching = {"urllib.request", "http.client", "requests", "socket", "ftplib", "smtplib", "http.server"}
    found = {}
    for path in house.python_files(ROOT):
        name = house.module_name(path, ROOT)
        if name.split(".")[0] in house.PACKAGES:
            modules = reaching & set(house.imported_modules(path.read_text(encoding="utf-8"), name, path.name == "__init__.py"))
            found |= {name: modules} if modules else {}
    assert set(found) == {"stegastamp.network.backbones", "stegastamp.web.site"}
    assert "`stegastamp lpips`" in TEXT and "`stegastamp web`" in TEXT


def test_models_are_opened_in_safe_mode():
    """Nothing turns it off, and nothing is given to Keras to call."""
    for path in house.python_files(ROOT):
        is_ours = house.module_name(path, ROOT).split(".")[0] in house.PACKAGES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if is_ours else ():
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                assert node.func.attr != "enable_unsafe_deserialization", path
                if node.func.attr == "load_model":
                    assert not {"safe_mode", "custom_objects"} & {keyword.arg for keyword in node.keywords}, path
