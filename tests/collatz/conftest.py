import pytest

from collatz.evalset import make_evaluation_set


@pytest.fixture(scope="session")
def evaluation_csv(tmp_path_factory):
    """The log's evaluation set of 50,000 rows, made once a run (some seconds)."""
    path = tmp_path_factory.mktemp("collatz") / "evaluation.csv"
    make_evaluation_set(path)
    return path
