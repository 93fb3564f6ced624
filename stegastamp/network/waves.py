"""The waves that every mark of a network with a localiser carries: plain numbers, for code that needs no network."""

WAVES = ((12, 0), (16, 0), (21, 0), (0, 12), (0, 16), (0, 21), (14, 14), (14, -14))
"""Cycles per side along x and y. Higher ones meet less of the picture, but their phases turn more than once over the displacements;
what they leave open the beats between neighbours settle."""
PHASE = 2.4
"""Between one wave and the next, the golden angle in radians, so that their crests do not meet."""
CENTRE = 0.5 / 128
"""Pixel centres of the network that drew them: what is pixel 0 of 128 in a wave lies half a pixel inside the mark."""
