"""The page's folder: formats as matrices, what is refused, and a server that lets the page use threads."""

import threading
import urllib.request
import uuid

import numpy as np
import pytest

from longrun.errors import UserError
from stegastamp.message.formats import FORMATS
from stegastamp.web import site


@pytest.mark.parametrize("name", FORMATS)
def test_a_matrix_says_what_the_format_says(name):
    form = FORMATS[name]
    facts = site.facts_of(form)
    message = uuid.UUID(int=12345 << 90) if form.bits == 256 else "Ab1"
    data = np.unpackbits(np.frombuffer(message.bytes if form.bits == 256 else message.encode().ljust(form.code.data_bits // 8), np.uint8))
    rows = np.array([[int(bit) for bit in row] for row in facts["generator"]])
    word = (data @ rows + [int(bit) for bit in facts["offset"]]) % 2
    assert np.array_equal(word, form.encode(message))
    assert facts["dataBits"] == len(rows)


def test_nothing_is_overwritten_but_a_page(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    for overwrite in (False, True):
        with pytest.raises(UserError, match="not empty|something else"):
            site.web(str(tmp_path), overwrite=overwrite)
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_without_npm_one_line_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(site.shutil, "which", lambda name: None)
    with pytest.raises(UserError, match="npm is not installed"):
        site.web(str(tmp_path / "page"))


def test_the_server_isolates_the_page(tmp_path):
    (tmp_path / "page.mjs").write_text("export {}")
    with site.server(tmp_path, 0) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        with urllib.request.urlopen(f"http://127.0.0.1:{running.server_port}/page.mjs") as answer:
            headers = answer.headers
        running.shutdown()
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin" and headers["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert headers["Content-Type"] == "text/javascript"
