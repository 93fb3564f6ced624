"""ARC: a transformer ablation done right. Grid tasks, skills that generate them, models, floors and audits.

`arc.grids`, `arc.skills` and `arc.measure.floors` are plain NumPy and import no TensorFlow.
"""
