from .functions.lyapunov import load as load
