import json
import re

import numpy as np
import pytest

from arc import __main__ as commands
from arc.evaluate import Evaluation
from arc.html import page
from arc.solver import Answer
from arc.tasks import Pair


def evaluation(answer):
    pair = Pair(np.array([[1, 2]], np.int8), np.array([[2, 1]], np.int8))
    given = Answer((np.array(answer, np.int8), pair.output), np.full((10, 10), 0.5))
    return Evaluation({"</script>": (pair,)}, {"</script>": [given]}, {"</script>": {"exact": [0.0]}})


def test_the_page_holds_every_checkpoint_and_nothing_from_elsewhere():
    text = page("arc <quick>", [(100, evaluation([[2, 10, 3]])), (200, evaluation([[2, 1]]))])
    assert "arc &lt;quick&gt;" in text and 'max="1"' in text and text.count("</script>") == 1
    assert not re.search(r"https?://|src=|href=", text)
    data = json.loads(re.search(r"const data=(\[.*?\]),palette", text)[1].replace("<\\/", "</"))
    assert [point["step"] for point in data] == [100, 200]
    first, second = (point["cases"][0] for point in data)
    assert (first["answer"], first["wrong"], first["sure"], first["right"]) == (["2#3"], ["011"], ["444"], False)
    assert second["right"] and second["wrong"] == ["00"]


@pytest.mark.parametrize("folders", [(), ("checkpoints",)])
def test_a_folder_without_checkpoints_is_refused(folders, tmp_path, capsys):
    for name in folders:
        (tmp_path / name).mkdir()
    assert commands.main(["report", str(tmp_path)]) == 2
    assert "checkpoint" in capsys.readouterr().err
