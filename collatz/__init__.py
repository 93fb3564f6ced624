"""Lyapunov functions of the Syracuse map: functions V of a few features of n that should fall at every step n -> T(n)."""
