"""Releasing a finished detector."""

import json
from dataclasses import replace
from pathlib import Path

import cv2

from longrun import result_table
from longrun.release.models import commands, drawing
from stegastamp.detector.finding import search
from stegastamp.detector.measure import evaluate
from stegastamp.pictures.codec import released


def release(run: str, folder: str, stamps: str = "", count: int = 100, plain: int = 200) -> None:
    """Copy a finished run's network in half precision to a folder of released weights, with manifest, curves and EVALUATION.md.

    EVALUATION.md holds what `evaluate-detector` measures of the copied file on the photos that the run held out. Raises ValueError for an
    unfinished run.
    """
    source, target = Path(run), Path(folder)
    if not (source / "result.json").exists():
        raise ValueError(f"{source} is no finished run: it has no result.json")
    detector, outcome = search.load(source), json.loads((source / "result.json").read_text())
    search.save(target, detector, outcome)
    measured = evaluate.judge(str(target), "", stamps, count, plain, False)
    # Where photos and stamps lay is of no use elsewhere; without them the held-out photos are those inside scikit-image.
    detector.config = replace(detector.config, images="", held_out="", stamps="")
    search.save(target, detector, outcome)
    drawing(source / "curves.png", target / "curves.png")
    # As PNG it would take more room than the network.
    cv2.imwrite(str(target / "found.jpg"), cv2.imread(str(source / "found.png")), [cv2.IMWRITE_JPEG_QUALITY, 85])
    text = f"""# {detector.preset}, step {detector.step}

Trained by

```
{commands(source)}
```

Measured on the photos of its folder that the training did not see, stamped by {Path(stamps or released()).name}, by
`python -m stegastamp evaluate-detector {target} --count {count} --plain {plain} --images HELD_OUT`:

{result_table(measured)}

True quads green, found magenta:

![found](found.jpg)

![curves of the training](curves.png)
"""
    (target / "EVALUATION.md").write_text(text)
    size = sum(path.stat().st_size for path in target.iterdir()) / 1e6
    print(f"released to {target}, {size:.1f} MB")
