"""ARC: a transformer ablation done right. Grid tasks, skills that generate them, models, floors and audits.

`arc.grids`, `arc.skills` and `arc.measure.floors` are plain NumPy and import no TensorFlow.

`arc.solve` answers a set of tasks by training on each one; `arc.load` opens a trained model.
"""

import lazy_loader

# On first use: a network's library takes its time to import, and many commands need none.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
