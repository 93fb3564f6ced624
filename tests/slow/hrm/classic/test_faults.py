"""Rows of the table of faults, on one process and on several."""

from hrm import __main__ as commands


def test_the_table_is_the_same_whoever_makes_its_rows(tmp_path, capsys):
    """Without faults the input is used; one fault is enough to lose it."""
    printed = []
    for workers in ("1", "2"):
        folder = tmp_path / workers
        flags = ["--steps", "150", "--only", "none", "independent_augmentation", "--folder", str(folder), "--workers", workers]
        assert commands.main(["faults", *flags]) == 0
        printed.append(capsys.readouterr().out)
        assert sorted(path.name for path in folder.iterdir()) == ["independent_augmentation.json", "none.json"]
    assert printed[0] == printed[1]
    none, fault = (line for line in printed[0].splitlines() if line.endswith("| PASS |"))
    assert none.startswith("| none |") and fault.startswith("| independent augmentation | 0.0")
    assert "| never |" in none and "| 50 |" in fault
