import json
import re

import numpy as np
import pytest

from arc import __main__ as commands
from arc.grids.tasks import Pair, Task
from arc.measure import html
from arc.measure.attention import Attention
from arc.measure.evaluate import Evaluation
from arc.measure.html import Point, page
from arc.network.answerer import Answer


def evaluation(answer):
    pair = Pair(np.array([[1, 2]], np.int8), np.array([[2, 1]], np.int8))
    given = Answer((np.array(answer, np.int8), pair.output), np.full((10, 10), 0.5))
    return Evaluation({"</script>": (pair,)}, {"</script>": [given]}, {"</script>": {"exact": [0.0]}})


def data_of(text):
    return json.loads(re.search(r"const data=(\[.*\]),palette", text)[1].replace("<\\/", "</"))


def test_the_page_holds_every_checkpoint_and_nothing_from_elsewhere():
    text = page("arc <quick>", [Point(100, evaluation([[2, 10, 3]])), Point(200, evaluation([[2, 1]]))])
    assert "arc &lt;quick&gt;" in text and 'max="1"' in text and text.count("</script>") == 1
    assert not re.search(r"https?://|src=|href=", text)
    data = data_of(text)
    assert [point["step"] for point in data] == [100, 200]
    first, second = (point["cases"][0] for point in data)
    assert (first["answer"], first["wrong"], first["sure"], first["right"]) == (["2#3"], ["011"], ["444"], False)
    assert second["right"] and second["wrong"] == ["00"]


def test_attention_is_shown_for_each_cell_of_the_answer_and_on_each_demonstration(monkeypatch):
    point = evaluation([[2, 1]])
    query = np.zeros((100, 100), np.float32)
    query[0, 1], query[1, 0] = 0.8, 0.4
    shown = np.zeros((2, 100), np.float32)
    shown[1, 10] = 0.5
    task = Task("</script>", (Pair(np.array([[3]]), np.array([[4], [5]])),), ())
    looked = Point(1, point, {"</script>": [task]}, {"</script>": [Attention(query, shown)]})
    case = data_of(page("", [looked]))[0]["cases"][0]["attention"]
    assert case["mean"] == ["49"] and case["each"] == [[["09"], ["90"]]]
    assert case["shown"] == [[["3"], ["0"]], [["4", "5"], ["0", "9"]]]
    monkeypatch.setattr(html, "EACH_CELL", 3)
    assert "each" not in data_of(page("", [looked]))[0]["cases"][0]["attention"]


@pytest.mark.parametrize("folders", [(), ("checkpoints",)])
def test_a_folder_without_checkpoints_is_refused(folders, tmp_path, capsys):
    for name in folders:
        (tmp_path / name).mkdir()
    assert commands.main(["report", str(tmp_path)]) == 2
    assert "checkpoint" in capsys.readouterr().err
