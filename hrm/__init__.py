"""hrm: recurrent reasoners that refine an answer segment by segment, and the safeguards that prove they read their input.

`python -m hrm train` trains one; `python -m hrm evaluate CHECKPOINT` judges it beside its floors.

    import hrm
    reasoner = hrm.load("checkpoints/released/hrm/sudoku9")    # reasoner.think(tokens, identifier).answer
"""

import lazy_loader

# On first use: a network's library takes its time to import, and many commands need none.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
