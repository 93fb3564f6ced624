"""All three models for an epoch, which takes longer than the other tests of them together."""

from arc import __main__ as commands


def test_all_three_models_are_tried(capsys):
    assert commands.main(["smoke", "--steps", "4", "--pairs", "5", "--batch-size", "4"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5 and all("| yes |" in line for line in lines[2:])
