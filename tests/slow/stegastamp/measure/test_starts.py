"""bench --start runs every command that it times."""

from stegastamp.measure.starts import bench_starts


def test_every_row_is_printed(capsys):
    bench_starts(rounds=1, files=2)
    rows = [line.split(" | ")[0] for line in capsys.readouterr().out.splitlines() if line.startswith("| ")]
    assert rows[1:3] == ["| encode, 1 megapixel JPEG", "| decode it"] and rows[-2:] == ["| encode 2 of them", "| decode 2 of them"]
