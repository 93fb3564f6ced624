from .network.reasoner import Reasoner as Reasoner
from .network.reasoner import load as load
