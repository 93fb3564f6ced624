"""Rows of the table of faults, on one process and on several."""

from hrm import __main__ as commands


def test_the_table_is_the_same_whoever_makes_its_rows(tmp_path, capsys):
    printed = []
    for workers in ("1", "2"):
        folder = tmp_path / workers
        flags = ["--steps", "50", "--only", "none", "faint_tokens", "--folder", str(folder), "--workers", workers]
        assert commands.main(["faults", *flags]) == 0
        printed.append(capsys.readouterr().out)
        assert sorted(path.name for path in folder.iterdir()) == ["faint_tokens.json", "none.json"]
    assert printed[0] == printed[1] and printed[0].count("| PASS |") == 2
