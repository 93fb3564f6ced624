"""One self-contained HTML page: input, target, answer, difference, confidence, attention; with a slider over checkpoints."""

import html
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from arc.grids.pictures import PALETTE
from arc.grids.tasks import Pair, Task
from arc.measure import evaluate
from arc.measure.attention import Attention, of_evaluation
from arc.measure.evaluate import Evaluation
from arc.network import answerer
from arc.skills import SKILLS
from arc.training.data import unseen
from longrun.errors import UserError
from longrun.run.output import check_output, write_output

EMPTY = "#FFFFFF"
EACH_CELL = 10_000
"""Up to so many weights of a case, the page holds those of each cell of the answer, not only their mean."""
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>{title}</title><style>
:root{{color-scheme:light dark}}
body{{font:15px/1.5 system-ui,sans-serif;max-width:1100px;margin:0 auto;padding:1.5rem;background:light-dark(#fff,#16181d)}}
canvas{{display:block;border:1px solid light-dark(#999,#555);image-rendering:pixelated}}
figure{{margin:0}}figcaption,p{{color:light-dark(#57606a,#a3abb5)}}figcaption{{font-size:12px}}
.grids{{display:flex;flex-wrap:wrap;gap:10px 16px;align-items:flex-end;margin-bottom:10px}}
h2{{font-size:1rem;margin:1.5rem 0 .5rem}}h2 b{{margin-left:.5em}}
.ok{{color:light-dark(#1a7f37,#6fc495)}}.no{{color:light-dark(#b3261e,#ff9a92)}}
#bar{{position:sticky;top:0;background:inherit;padding:.5rem 0}}</style>
<h1>{title}</h1><p>In the difference white is right and red is wrong; in confidence and attention dark is high. Attention is that to the
input, as a mean over the answer's cells, or of the cell of the answer under the pointer. Where the model is shown demonstrations, they
follow, each grid with the attention to it.</p>
<div id="bar"><input type="range" id="slider" min="0" max="{last}" value="{last}" aria-label="checkpoint"> <span id="label"></span></div>
<div id="all"></div>
<script>
const data={data},palette={palette},names={names};
function made(kind,text,...inside){{const one=document.createElement(kind);one.append(text,...inside);return one}}
function draw(rows,colour){{const c=document.createElement("canvas"),s=9;c.width=rows[0].length*s;c.height=rows.length*s;
const g=c.getContext("2d");rows.forEach((r,y)=>[...r].forEach((v,x)=>{{g.fillStyle=colour(v);g.fillRect(x*s,y*s,s-1,s-1)}}));return c}}
const cell=v=>palette[v==="#"?10:+v],grey=v=>`hsl(0,0%,${{100-9*v}}%)`,mark=v=>v==="1"?"#e33":"#fff";
function line(all,figures){{const place=made("div","");place.className="grids";all.append(place);
for(const [words,canvas] of figures)place.append(made("figure",canvas,made("figcaption",words)))}}
function show(k){{const point=data[k],all=document.getElementById("all");all.replaceChildren();
const text=`step ${{point.step}}: exact match ${{point.exact.toFixed(3)}} (floor ${{point.floor.toFixed(3)}})`;
document.getElementById("label").textContent=text;
for(const one of point.cases){{const told=made("b",one.right?"right":"wrong");told.className=one.right?"ok":"no";
all.append(made("h2",names[one.task]||one.task,told));const answer=draw(one.answer,cell);
const figures=[["input",draw(one.input,cell)],["target",draw(one.target,cell)],["answer",answer],["difference",draw(one.wrong,mark)],
["confidence",draw(one.sure,grey)],["second attempt",draw(one.second,cell)]];
if(!one.attention){{line(all,figures);continue}}
let seen=draw(one.attention.mean,grey);line(all,[...figures,["attention",seen]]);const each=one.attention.each;
const look=rows=>{{const next=draw(rows,grey);seen.replaceWith(next);seen=next}};
if(each)answer.onmousemove=e=>look((each[Math.floor(e.offsetY/9)]||[])[Math.floor(e.offsetX/9)]||one.attention.mean);
if(each)answer.onmouseleave=()=>look(one.attention.mean);
const shown=one.attention.shown.map(([rows,weights],index)=>[[index%2?"output":"input",draw(rows,cell)],["attention",draw(weights,grey)]]);
if(shown.length)line(all,shown.flat())}}}}
const slider=document.getElementById("slider");slider.oninput=()=>show(+slider.value);show({last});
</script></html>
"""


def report(run: str, /, *, count: int = 2, output: str = "") -> None:
    """Draw one HTML page with answers, differences, confidence and attention at every kept checkpoint of a run.

    run: The run folder.
    count: Unseen instances of each skill on the page.
    output: Path of the page; empty: RUN/answers.html.

    Example:
        python -m arc report checkpoints/arc/quick --count 1
    """
    folder = Path(run)
    if count < 1:
        raise UserError(f"the page needs at least one instance of each skill, not {count}")
    if not (folder / "checkpoints").is_dir():
        raise FileNotFoundError(f"{folder} is no run folder: it has no checkpoints")
    path = Path(output) if output else folder / "answers.html"
    check_output(path)
    points: dict[int, Point] = {}
    for kind in ("every", "last"):
        for index in sorted(folder.glob(f"checkpoints/{kind}/ckpt-*.index")):
            found = answerer.load(index.with_suffix(""))
            tasks = unseen(found.config, count)
            judged = evaluate.evaluate(found, tasks)
            points[found.step] = Point(found.step, judged, tasks, of_evaluation(found, tasks, judged))
    if not points:
        raise FileNotFoundError(f"{folder}/checkpoints holds no checkpoint yet")
    write_output(path, page(f"arc {folder.name}", [points[step] for step in sorted(points)]))
    print(path)


class Point(NamedTuple):
    """A checkpoint on the slider: its step and evaluation, and, task id -> for each instance, the task and where the model looked."""

    step: int
    evaluation: Evaluation
    tasks: Mapping[str, Sequence[Task]] = {}
    attention: Mapping[str, Sequence[Attention]] = {}


def page(title: str, points: Sequence[Point]) -> str:
    """The page for checkpoints, whose evaluations may be of different instances."""
    data = []
    for point in points:
        found, cases = point.evaluation, []
        for task_id, pairs in found.pairs.items():
            for index, (pair, answer) in enumerate(zip(pairs, found.answers[task_id], strict=True)):
                case = _case(task_id, pair, answer)
                if task_id in point.attention:
                    looked = point.attention[task_id][index]
                    case["attention"] = _attention(pair, answer.attempts[0], point.tasks[task_id][index].train, looked)
                cases.append(case)
        data.append({"step": point.step, "exact": found.estimate("exact").value, "floor": found.best_floor("exact")[1], "cases": cases})
    names = {entry.id: f"{entry.id} {entry.name} ({entry.category}): {entry.rule}" for entry in SKILLS.values()}
    values = {name: _script(value) for name, value in (("data", data), ("palette", [*PALETTE, EMPTY]), ("names", names))}
    return _PAGE.format(title=html.escape(title), last=len(data) - 1, **values)


def _case(task_id, pair, answer):
    first, target = answer.attempts[0], pair.output
    height, width = np.maximum(first.shape, target.shape)
    wrong = np.ones((height, width), np.int8)
    both = np.s_[: min(first.shape[0], target.shape[0]), : min(first.shape[1], target.shape[1])]
    wrong[both] = first[both] != target[both]
    sure = np.clip(answer.confidence[: first.shape[0], : first.shape[1]] * 9.99, 0, 9).astype(np.int8)
    grids = {"input": pair.input, "target": target, "answer": first, "wrong": wrong, "sure": sure, "second": answer.attempts[1]}
    return {"task": task_id, "right": bool(not wrong.any()), **{name: _rows(grid) for name, grid in grids.items()}}


def _attention(pair: Pair, answer: np.ndarray, demonstrations: Sequence[Pair], looked: Attention) -> dict:
    """Digits 0..9 for the cells of grids: "mean" and, unless it is too much, "each" of the answer's cells, on the query; "shown" with each
    grid of the demonstrations. The darkest cell of a picture is its largest weight."""
    side = round(len(looked.query) ** 0.5)
    height, width = answer.shape
    weights = looked.query.reshape(side, side, side, side)[:height, :width, : pair.input.shape[0], : pair.input.shape[1]]
    found = {"mean": _digits(weights.mean(axis=(0, 1))), "shown": []}
    if weights.size <= EACH_CELL:
        found["each"] = [[_digits(cell) for cell in row] for row in weights]
    grids = [grid for one in demonstrations for grid in (one.input, one.output)]
    for grid, on_cells in zip(grids, looked.demonstrations, strict=False):
        part = on_cells.reshape(side, side)[: grid.shape[0], : grid.shape[1]]
        found["shown"].append([_rows(grid), _digits(part)])
    return found


def _digits(weights):
    return _rows(np.clip(weights / max(weights.max(), 1e-12) * 9.99, 0, 9).astype(np.int8))


def _rows(grid):
    """A string for each row; "#" is a hole."""
    return ["".join("#" if cell > 9 else str(cell) for cell in row) for row in grid]


def _script(value):
    # Inside <script> a closing tag would end the page's code.
    return json.dumps(value).replace("</", "<\\/")
