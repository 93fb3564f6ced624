"""Lyapunov functions of the Syracuse map: functions V of a few features of n that are to fall at every step n -> T(n).

Exact arithmetic: syracuse (Python integers), limbs and valuations (arrays). What a network sees: features. What is measured: evalset,
scores, verification. What needs no training: closed_forms and clock, and frontier, which says how far any function can go.
"""
