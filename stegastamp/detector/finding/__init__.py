"""From a frame to quads: the network's maps, contours, lines, edges."""
