"""Text of others: every encoding that editors and spreadsheets write, and what is no text called by its name."""

import gzip
import io
import zipfile

import pytest

from longrun.errors import UserError
from longrun.text_file import NoText, read_text

TEXT = "quizzes;solutions\r\n\xe9"


def written(folder, data):
    path = folder / "made.csv"
    path.write_bytes(data)
    return path


def zipped(data):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("made.csv", data)
    return file.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_every_encoding_with_a_mark_is_read(tmp_path, encoding):
    assert read_text(written(tmp_path, TEXT.encode(encoding))) == TEXT


def test_big_endian_too(tmp_path):
    assert read_text(written(tmp_path, b"\xfe\xff" + TEXT.encode("utf-16-be"))) == TEXT


def test_other_encodings_are_read_where_the_caller_names_one(tmp_path):
    path = written(tmp_path, TEXT.encode("latin-1"))
    assert read_text(path, otherwise="latin-1") == TEXT
    with pytest.raises(NoText, match=r"made\.csv is no text: .* at byte 19"):
        read_text(path)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "Git LFS pointer"),
        (b"\n <!DOCTYPE html>\n<title>404</title>", "HTML page"),
        (b"<HTML></HTML>", "HTML page"),
        (gzip.compress(b"1,2", mtime=0), "gzip archive"),
        (zipped(b"1,2"), "zip archive"),
        (b"1,2\0", "zero byte"),
    ],
)
def test_what_is_no_text_is_called_by_its_name(tmp_path, data, what):
    with pytest.raises(NoText, match=rf"made\.csv .*{what}") as caught:
        read_text(written(tmp_path, data), otherwise="latin-1")
    assert isinstance(caught.value, UserError) and "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.csv does not exist"):
        read_text(tmp_path / "none.csv")
