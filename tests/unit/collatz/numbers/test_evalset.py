import csv
import hashlib

import numpy as np
import pytest

from collatz.numbers import evalset
from collatz.numbers.evalset import make_evaluation_set, read_evaluation_set
from longrun import UserError


def test_the_original_file_byte_for_byte(evaluation_csv):
    digest = hashlib.sha256(evaluation_csv.read_bytes()).hexdigest()
    assert digest == "a1cccffac2c5f83ff5cbd764a3188fc4b2cf21f63971facf9f09c31c4790dc39"


def test_reading_it(evaluation_csv):
    rows = read_evaluation_set(evaluation_csv)
    assert len(rows) == 50_000
    assert int(rows.growth.sum()) == 24_930
    assert rows.numbers[:, 1].tolist() == [315881, 0]
    assert (rows.weight.min(), rows.weight.max()) == (np.float32(1.4771), np.float32(5.8627))


HEADER = "n,t1,is_growth,sigma_n,max_n,w_expansion\n"


BOTH_KINDS = HEADER + "7,11,1,16,52,1.9\n9,7,0,19,52,1.8\n"


def write(tmp_path, content):
    path = tmp_path / "rows.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("n,t1,is_growth\n7,11,1\n", r"rows.csv line 1: missing column w_expansion"),
        ("", r"rows.csv line 1: missing column n, t1, is_growth, w_expansion"),
        (HEADER, r"rows.csv has no rows"),
        (HEADER + "7,11,1,16,52,1.9\n9,8,1,1,1,1.5\n", r"line 3: t1 of n = 9 is 8, it must be 7"),
        (HEADER + "7,11,0,16,52,1.9\n", r"line 2: is_growth of n = 7 is 0, it must be 1"),
        (HEADER + "7,11,1,16,52,1.9\n7,11,1,16,52,1.9\n", r"line 3: n = 7 is a duplicate of line 2"),
        (HEADER + "8,1,0,16,52,1.9\n", r"line 2: n = 8 is even"),
        (HEADER + "-7,1,0,16,52,1.9\n", r"line 2: n = -7 is not positive"),
        (HEADER + f"{(1 << 128) + 1},1,0,16,52,1.9\n", r"line 2: n = \d+ is not below 2\^128"),
        (HEADER + "seven,11,1,16,52,1.9\n", r"line 2: n is 'seven', not an integer"),
        (HEADER + "7\n", r"line 2: t1 is None, not an integer"),
        (HEADER + "7,11,1,16,52,nan\n", r"line 2: w_expansion is 'nan', not a positive number"),
        (HEADER + "7,11,1,16,52,1e39\n", r"line 2: w_expansion is '1e39', not a positive number from 1e-9 to 1e9"),
        (HEADER + "7,11,1,16,52,0\n", r"line 2: w_expansion is '0', not a positive number"),
        (HEADER + "7,11,1,16,52\n", r"line 2: w_expansion is None"),
        (HEADER + "1,1,0,0,1,1\n", r"line 2: n = 1 has no step to judge"),
        (HEADER + "7,11,1,16,52,1.9\n", r"rows.csv has no decay steps"),
        (HEADER + "9,7,0,19,52,1.8\n", r"rows.csv has no growth steps"),
        (HEADER.encode() + b"7,11,1,16,52,1.9\xff\n", r"rows.csv is not in UTF-8: byte 0xff"),
        (HEADER + "7" * 140_000 + ",11,1,16,52,1.9\n", r"rows.csv is no CSV file: field larger than field limit"),
        (HEADER + "7" * 5000 + ",11,1,16,52,1.9\n", r"line 2: n is '7{50}'\.\.\., not an integer"),
    ],
)
def test_bad_files_name_the_line(tmp_path, text, message):
    with pytest.raises(UserError, match=message) as raised:
        read_evaluation_set(write(tmp_path, text))
    assert "\n" not in str(raised.value)


def test_other_columns_are_not_needed(tmp_path):
    rows = read_evaluation_set(write(tmp_path, "w_expansion,n,t1,is_growth\n1.5,7,11,1\n1.8,9,7,0\n"))
    assert len(rows) == 2


def test_a_byte_order_mark_is_no_part_of_a_name(tmp_path):
    assert len(read_evaluation_set(write(tmp_path, b"\xef\xbb\xbf" + BOTH_KINDS.encode()))) == 2


def test_a_set_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = write(tmp_path, BOTH_KINDS)

    def fail(number):
        raise KeyboardInterrupt

    monkeypatch.setattr(evalset, "collatz_orbit_statistics", fail)
    with pytest.raises(KeyboardInterrupt):
        make_evaluation_set(path, samples=5)
    assert path.read_text() == BOTH_KINDS and list(tmp_path.iterdir()) == [path]


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere.csv"):
        read_evaluation_set(tmp_path / "nowhere.csv")


def test_small_sets_are_distinct_and_right(tmp_path):
    path = tmp_path / "small.csv"
    make_evaluation_set(path, samples=31, max_bits=6, seed=1)
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    assert sorted(int(row["n"]) for row in rows) == list(range(3, 64, 2))
    seven = next(row for row in rows if row["n"] == "7")
    assert (seven["t1"], seven["is_growth"], seven["sigma_n"], seven["max_n"], seven["w_expansion"]) == (
        "11",
        "1",
        "16",
        "52",
        "1.8709",
    )


@pytest.mark.parametrize(("samples", "max_bits", "message"), [(32, 6, "there are 31"), (0, 6, "samples is 0"), (5, 129, "max_bits is 129")])
def test_impossible_sets(tmp_path, samples, max_bits, message):
    with pytest.raises(UserError, match=message):
        make_evaluation_set(tmp_path / "never.csv", samples, max_bits)
