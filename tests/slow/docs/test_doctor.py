"""docs/doctor.md: its examples are healthy, the wrong one of each is caught, and the guarded fit is stopped by its cause."""

import importlib
import json
import os
import re
import subprocess
import sys

import pytest

from longrun.cli.main import main
from longrun.examination.doctor import CHECKS, examine
from tests.places import ROOT

FAULTS = {"digits": "nothing shared", "letters": "nothing leaks", "waves": "one batch by heart"}


@pytest.fixture(scope="module")
def page():
    return (ROOT / "docs" / "doctor.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def folder(page, tmp_path_factory):
    """digits.py, letters.py, waves.py, guarded_fit.py and guarded_fits.py, taken from the page."""
    found = tmp_path_factory.mktemp("page")
    blocks = re.findall(r"```python\n(.*?)```", page, re.S)
    for name, block in zip((*FAULTS, "guarded_fit", "guarded_fits"), blocks, strict=True):
        (found / f"{name}.py").write_text(block)
    sys.path.insert(0, str(found))
    yield found
    sys.path.remove(str(found))


@pytest.mark.parametrize("name", FAULTS)
def test_the_examples_are_healthy_and_their_faults_are_found(folder, name):
    module = importlib.import_module(name)
    healthy = examine(module.examined(), seconds=300)
    assert [each.check for each in healthy.sick] == [], str(healthy)
    assert [each.check for each in examine(module.sick(), only=(FAULTS[name],), seconds=300).sick] == [FAULTS[name]]


def test_the_page_names_every_check(page):
    rows = re.findall(r"^\| ([a-z ]+) \| ", page.split("## The checks")[1].split("##")[0], re.M)
    assert rows[1:] == list(CHECKS)


def test_the_command_says_what_it_found(folder, tmp_path):
    """In a process of its own: one object on stdout, exit code 3, verdicts for TensorBoard."""
    command = [sys.executable, "-m", "longrun", "doctor", "digits:sick", "--only", "nothing shared", "resume", "--kill", "--json"]
    command += ["--tensorboard", tmp_path]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([str(word) for word in command], cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 3, done.stderr
    found = json.loads(done.stdout)
    assert found["sick"] == ["nothing shared"] and 0.1 < found["verdicts"][0]["value"] < 0.3
    assert "bit for bit in another process" in found["verdicts"][1]["found"]
    assert {path.parent.name for path in tmp_path.rglob("events.*")} == {"doctor", "floors"}


def test_bad_input_is_one_line_and_exit_code_2(folder, capsys):
    assert main("longrun", {"doctor": "longrun.examination.command:doctor"}, ["doctor", "digits:nothing"]) == 2
    assert capsys.readouterr().err == "longrun doctor: digits has no function 'nothing'\n"


def test_the_guarded_fit_is_stopped_where_nothing_is_learnt(folder):
    module = importlib.import_module("guarded_fit")
    healthy = module.fit(False, str(folder / "healthy.md"))
    assert healthy.findings == [] and "found nothing" in (folder / "healthy.md").read_text()
    sick = module.fit(True, str(folder / "sick.md"))
    assert {finding.guard for finding in sick.findings} & {"skill of val_accuracy at its floor", "inputs not used"}
    assert sick.step < healthy.step and "| guard | step |" in (folder / "sick.md").read_text()


@pytest.mark.parametrize(("fit", "sound", "cause"), [("language", True, "future visible"), ("regression", False, "output constant")])
def test_the_other_guarded_fits_are_stopped_by_their_fault_alone(folder, fit, sound, cause):
    watched = getattr(importlib.import_module("guarded_fits"), fit)
    healthy, sick = watched(sound), watched(not sound)
    assert healthy.findings == []
    assert cause in {finding.guard for finding in sick.findings} and sick.step < healthy.step
