"""Keys: what is one, what is made, and who may read it."""

import hashlib
import stat

import pytest

from longrun.errors import UserError
from stegastamp.__main__ import main
from stegastamp.message.key import LONGEST, Key, key_of
from stegastamp.message.new_key import make

SECRET = bytes(range(16))


def derived(source):
    return key_of(source).derived("text")


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b"\n\n"])
def test_a_file_its_bytes_and_a_key_are_the_same_key_whatever_its_line_ends(tmp_path, end):
    (tmp_path / "key").write_bytes(SECRET + end)
    assert {derived(source) for source in (tmp_path / "key", str(tmp_path / "key"), SECRET + end, Key(SECRET))} == {derived(SECRET)}


def test_every_other_byte_counts():
    others = (SECRET + b" ", SECRET[:-1] + b"\x10", b"\n" + SECRET, SECRET + b"\0")
    assert len({derived(SECRET), *map(derived, others), Key(SECRET).derived("texts")}) == 6


def test_what_is_derived_stays_what_it_is():
    root = hashlib.blake2b(SECRET, digest_size=64, person=b"stegastamp.key.1").digest()
    assert derived(SECRET) == hashlib.blake2b(b"text", key=root, digest_size=64).digest()


def test_no_key_is_none():
    assert key_of(None) is None and key_of("") is None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "has 0 bytes"),
        (b"\n" * 40, "has 0 bytes"),
        (SECRET[:15], "has 15 bytes"),
        (b"ab" * LONGEST, "a key has 16 to 1048576"),
        (bytes(32), "is one byte over and over"),
    ],
    ids=["empty", "empty lines", "short", "long", "zeros"],
)
def test_what_is_no_key_is_refused_in_one_line(tmp_path, content, words):
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(UserError) as caught:
        key_of(tmp_path / "key")
    assert words in str(caught.value) and str(caught.value).startswith(f"key {tmp_path}/key ") and "\n" not in str(caught.value)


def test_a_key_that_is_no_file_is_one_line(tmp_path, capsys):
    for path, words in ((tmp_path / "none", f"key {tmp_path}/none does not exist"), (tmp_path, "Is a directory")):
        assert main(["decode", "photo.jpg", "--key", str(path)]) == 2
        errors = capsys.readouterr().err
        assert errors.startswith("stegastamp decode: ") and words in errors and errors.count("\n") == 1


def test_a_new_key_is_random_private_and_replaces_nothing(tmp_path, capsys):
    first, second = tmp_path / "first", tmp_path / "second"
    make(str(first))
    assert main(["key", str(second)]) == 0
    assert len(first.read_text()) == 65 and first.read_text() != second.read_text()
    assert [stat.S_IMODE(path.stat().st_mode) for path in (first, second)] == [0o600] * 2
    printed = capsys.readouterr().out
    assert "| text7 | 4 bytes of UTF-8 | 5 of 99 bits | 32 bits | 2.3e-10 |" in printed and first.read_text().strip() not in printed
    before = first.read_bytes()
    assert (main(["key", str(first)]), capsys.readouterr()) == (2, ("", f"stegastamp key: {first} exists; --overwrite replaces it\n"))
    assert first.read_bytes() == before
