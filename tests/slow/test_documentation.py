"""The documentation as a site: every link and anchor leads somewhere, every command and every name of the reference is found."""

import subprocess
import sys

from tests.places import ROOT


def test_the_site_is_built_without_a_warning(tmp_path):
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    commands = (tmp_path / "site" / "commands.html").read_text(encoding="utf-8")
    assert "stegastamp encode" in commands and "--message" in commands
