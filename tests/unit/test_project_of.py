"""test_inference.py finds the project of a checkpoint, or says in one line why it cannot."""

import importlib.util

import pytest

from tests.places import ROOT

SPEC = importlib.util.spec_from_file_location("inference_script", ROOT / "test_inference.py")
script = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(script)


@pytest.mark.parametrize("content", ['{"project": "arc"}', '{"config": {"project": "arc"}}'])
def test_the_project_is_read_from_the_folder_or_one_above(tmp_path, content):
    inner = tmp_path / "checkpoints" / "last"
    inner.mkdir(parents=True)
    (tmp_path / "config.json").write_text(content)
    (inner / "ckpt-3.index").touch()
    assert script.project_of(tmp_path) == script.project_of(inner / "ckpt-3") == "arc"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("[1, 2]", "no config.json or manifest.json names its project"),
        ('"arc"', "no config.json or manifest.json names its project"),
        ('{"config": ["arc"]}', "no config.json or manifest.json names its project"),
        ('{"project": ["arc"]}', "no config.json or manifest.json names its project"),
        ('{"project', "manifest.json is damaged: Unterminated string"),
        ('{"project": "chess"}', "is a checkpoint of the unknown project 'chess'"),
    ],
)
def test_what_names_no_project_is_one_line(tmp_path, capsys, content, line):
    (tmp_path / "manifest.json").write_text(content)
    assert script.main([str(tmp_path)]) == 2
    output, errors = capsys.readouterr()
    assert output == "" and errors.count("\n") == 1 and errors.startswith("test_inference: ") and line in errors
