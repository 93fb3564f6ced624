"""One self-contained HTML page: input, target, answer, difference and confidence of each cell, with a slider over checkpoints."""

import html
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from arc import evaluate, solver
from arc.data import unseen
from arc.evaluate import Evaluation
from arc.pictures import PALETTE
from arc.skills import SKILLS
from longrun import write_atomically

EMPTY = "#FFFFFF"
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<style>body{{font:14px sans-serif;margin:2em}}canvas{{margin:2px 8px 2px 0;border:1px solid #999;image-rendering:pixelated}}
.ok{{color:#080}}.no{{color:#b00}}h3{{margin:1em 0 .2em}}#bar{{position:sticky;top:0;background:#fff;padding:.5em 0}}</style>
<h1>{title}</h1><p>Columns: input, target, answer, difference (white: right, red: wrong), confidence (dark: sure), second attempt.</p>
<div id="bar"><input type="range" id="slider" min="0" max="{last}" value="{last}"> <span id="label"></span></div><div id="all"></div>
<script>
const data={data},palette={palette},names={names};
function draw(rows,colour){{const c=document.createElement("canvas"),s=9;c.width=rows[0].length*s;c.height=rows.length*s;
const g=c.getContext("2d");rows.forEach((r,y)=>[...r].forEach((v,x)=>{{g.fillStyle=colour(v);g.fillRect(x*s,y*s,s-1,s-1)}}));return c}}
const cell=v=>palette[v==="#"?10:+v],grey=v=>`hsl(0,0%,${{100-9*v}}%)`,mark=v=>v==="1"?"#e33":"#fff";
function show(k){{const point=data[k],all=document.getElementById("all");all.replaceChildren();
const text=`step ${{point.step}}: exact match ${{point.exact.toFixed(3)}} (floor ${{point.floor.toFixed(3)}})`;
document.getElementById("label").textContent=text;
for(const one of point.cases){{const h=document.createElement("h3");h.textContent=names[one.task]||one.task;h.className=one.right?"ok":"no";
all.append(h);for(const [rows,colour] of [[one.input,cell],[one.target,cell],[one.answer,cell],
[one.wrong,mark],[one.sure,grey],[one.second,cell]])all.append(draw(rows,colour))}}}}
const slider=document.getElementById("slider");slider.oninput=()=>show(+slider.value);show({last});
</script></html>
"""


def report(run: str, count: int = 2, output: str = "") -> Path:
    """Write the page for every checkpoint that a run has kept; returns its path (RUN/answers.html unless told otherwise)."""
    folder = Path(run)
    if count < 1:
        raise ValueError(f"the page needs at least one instance of each skill, not {count}")
    if not (folder / "checkpoints").is_dir():
        raise FileNotFoundError(f"{folder} is no run folder: it has no checkpoints")
    points = {}
    for kind in ("every", "last"):
        for index in sorted(folder.glob(f"checkpoints/{kind}/ckpt-*.index")):
            found = solver.load(index.with_suffix(""))
            points[found.step] = evaluate.evaluate(found, unseen(found.config, count))
    if not points:
        raise FileNotFoundError(f"{folder}/checkpoints holds no checkpoint yet")
    path = Path(output) if output else folder / "answers.html"
    write_atomically(path, page(f"arc {folder.name}", [(step, points[step]) for step in sorted(points)]))
    return path


def page(title: str, points: Sequence[tuple[int, Evaluation]]) -> str:
    """The page for evaluations (step, evaluation), which may be of different instances."""
    data = []
    for step, found in points:
        cases = [
            _case(task_id, pair, answer)
            for task_id, pairs in found.pairs.items()
            for pair, answer in zip(pairs, found.answers[task_id], strict=True)
        ]
        data.append({"step": step, "exact": found.estimate("exact").value, "floor": found.best_floor("exact")[1], "cases": cases})
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
    rows = {name: ["".join("#" if cell > 9 else str(cell) for cell in row) for row in grid] for name, grid in grids.items()}
    return {"task": task_id, "right": bool(not wrong.any()), **rows}


def _script(value):
    # Inside <script> a closing tag would end the page's code.
    return json.dumps(value).replace("</", "<\\/")
