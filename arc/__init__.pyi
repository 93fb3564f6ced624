from .network.answerer import load as load
from .solving.solve import solve as solve
