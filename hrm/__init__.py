"""hrm: recurrent reasoners that refine an answer segment by segment, and the safeguards that prove they read their input.

`python -m hrm train` trains one; `python -m hrm evaluate CHECKPOINT` judges it beside its floors.
"""
