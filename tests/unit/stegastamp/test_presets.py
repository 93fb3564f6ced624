import inspect
import re

import pytest

from stegastamp import presets
from tests.places import ROOT

REPORTED = {
    "log-8bit": ("68.75 %", "11 of 16 bits", "p = .11"),
    "log-64bit": ("55.47 %", "71 of 128 bits", "p = .13"),
    "log-256bit": ("51.56 %", "264 of 512 bits", "p = .25"),
    "log-unet": ("51.56 %", "264 of 512 bits", "p = .25"),
    "log-curriculum": ("0.5006", "0.6109", "entropies"),
    "log-100bit": (".617 to .506", ".552 to .439", "collapse"),
    "collapse-demo": ("0.6931", "L2=0.0000", "ln 2"),
}
DURATION = r"\b(a|an|[\d.,]+) (ms|seconds?|minutes?|hours?)\b"
METRIC = r"(bit accuracy|message loss|held out)[^:;]*?\d*\.\d+|\d+\.\d+ dB"


def described(name):
    return " ".join(inspect.getdoc(presets.PRESETS[name]).split())


@pytest.mark.parametrize("name", presets.PRESETS)
def test_every_preset_has_its_command_time_and_metric(name):
    text = described(name)
    command = re.search(r"\./train\.sh stegastamp [\w-]+|shell/\w+\.sh", text)[0]
    # The command starts this preset, by itself or through a script.
    assert re.search(rf"stegastamp {name}( |$)", (ROOT / command).read_text() if command.startswith("shell/") else command, re.MULTILINE)
    assert re.search(DURATION, text) and re.search(METRIC, text)


@pytest.mark.parametrize("name", [name for name in presets.PRESETS if name.startswith("log-") or name == "collapse-demo"])
def test_presets_of_the_original_run_say_what_it_reported_and_what_that_was(name):
    text = described(name)
    assert "The original run reported" in text
    assert [number for number in REPORTED[name] if number not in text] == []


@pytest.mark.parametrize("text", ["./train.sh stegastamp tiny: a minute", "bit accuracy above .9, whenever"])
def test_the_patterns_find_nothing_where_there_is_nothing(text):
    assert not (re.search(DURATION, text) and re.search(METRIC, text))
