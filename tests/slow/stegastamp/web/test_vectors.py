"""Formats, soft decision and acceptance of the page against Python's, on the same words with noise."""

import shutil

import pytest

from stegastamp.message.formats import named
from stegastamp.web import site
from tests.fixtures import web_vectors

COUNT = 5000
"""Words of each number of bits."""


@pytest.fixture(scope="module")
def script(tmp_path_factory):
    folder = tmp_path_factory.mktemp("vectors") / "page"
    shutil.copytree(site.PAGE, folder, ignore=shutil.ignore_patterns("node_modules", "dist"))
    for words in (("ci", "--no-audit", "--no-fund"), ("run", "check"), ("run", "vectors")):
        site.npm(folder, *words)
    return folder / "dist" / "vectors.mjs"


def test_the_page_decides_as_python_does(script, tmp_path):
    logits = web_vectors.made(COUNT)
    ours, theirs = web_vectors.read_by_python(logits), web_vectors.read_by_page(script, logits, tmp_path)
    accepted = 0
    for bits, readings in ours.items():
        assert len(readings) == COUNT
        for one, other in zip(readings, theirs["readings"][bits], strict=True):
            if one is None or other is None:
                assert one is other
                continue
            accepted += 1
            assert (str(one.message), one.format, one.corrected) == (other["message"], other["format"], other["corrected"])
            assert other["falseAcceptProbability"] == pytest.approx(one.false_accept_probability, rel=1e-6)
    assert 0.3 < accepted / (2 * COUNT) < 0.9


def test_the_page_says_the_same_words(script, tmp_path):
    words = iter(web_vectors.read_by_page(script, web_vectors.made(1), tmp_path)["words"])
    for name, texts in web_vectors.TEXTS.items():
        for text in texts:
            assert next(words) == "".join(map(str, named(name).encode(text)))
