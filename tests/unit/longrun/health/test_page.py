"""docs/guards.md has every guard: what it sees, what it cannot see, what it costs."""

import ast
import re

import pytest

from tests.places import ROOT

HEALTH = ROOT / "longrun" / "health"
NO_GUARDS = {"Guard", "Health"}


def guards() -> list[str]:
    """Classes that check a line, and functions that make such a guard or its quantity."""
    found = []
    for path in sorted(HEALTH.glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            checks = isinstance(node, ast.ClassDef) and any(getattr(part, "name", "") == "check" for part in node.body)
            inherits = isinstance(node, ast.ClassDef) and any(getattr(base, "id", "") == "OutOfRange" for base in node.bases)
            makes = isinstance(node, ast.FunctionDef) and node.name.endswith("_guard")
            if (checks or inherits or makes) and node.name not in NO_GUARDS:
                found.append(node.name)
    return [*found, "Answers", "dead_units"]


def test_the_guards_are_found():
    assert {"NonFinite", "AtFloor", "Movement", "Resumed", "CutByNoise", "Watch", "critic_guard"} <= set(guards())


@pytest.mark.parametrize("name", guards())
def test_the_page_says_what_it_sees_what_it_cannot_and_its_cost(name):
    page = (ROOT / "docs" / "guards.md").read_text(encoding="utf-8").split("## The guards", 1)[1].split("\n## ", 1)[0]
    sections = [section for section in page.split("\n### ")[1:] if re.search(rf"\b{name.removesuffix('_guard')}\b", section)]
    assert sections, f"{name} has no section"
    text = " ".join(sections[0].split())
    for what in (r"\b[Ss]ees?\b", r"(Cannot|can) see", r"\b[Cc]osts?\b"):
        assert re.search(what, text), f"{name}: nothing that matches {what}"
