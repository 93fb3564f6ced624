"""onnxruntime and Keras on a thousand crops: the numbers of docs/stegastamp/use.md, printed with `pytest -s`."""

import pytest

from tests.fixtures.runtimes import compare


@pytest.mark.parametrize("name", ["base", "uuid"])
def test_stamps_are_the_same(name):
    found = compare(name, 1000)
    print(f"\n{name}: {found}")
    assert (found["bits"], found["decisions"]) == (0, 0)
    assert found["logits"] < 1e-3 and found["levels"] <= 1
