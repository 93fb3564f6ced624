"""ARC: a transformer ablation done right. Grid tasks, skills that generate them, models, floors and audits.

`arc.tasks`, `arc.augment`, `arc.skills`, `arc.floors` and `arc.pictures` are plain NumPy and import no TensorFlow.
"""
