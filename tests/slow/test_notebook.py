"""docs/five-minutes.ipynb: every cell runs, and the training learns."""

import nbformat
from nbclient import NotebookClient

from tests.places import ROOT


def test_the_notebook_runs(tmp_path):
    notebook = nbformat.read(ROOT / "docs" / "five-minutes.ipynb", as_version=4)
    NotebookClient(notebook, timeout=900, resources={"metadata": {"path": str(tmp_path)}}).execute()
    said = ["".join(output.get("text", "") for output in cell.get("outputs", [])) for cell in notebook.cells]
    accuracy = [float(line.split()[4]) for line in next(text for text in said if "bit accuracy" in text and "floor" in text).splitlines()]
    assert accuracy[-1] > 0.9
