"""Where the smaller copies of a picture lie, one copy after the other, in numbers without a sign as dlib has them."""

from __future__ import annotations

WRAP = 1 << 64


def mmod_layout(height: int, width: int, padding: int, outer: int) -> tuple[list[tuple[int, int, int, int]], int, int]:
    """top, left, height, width of each copy; height and width of all."""
    sides = [(height, width)]
    while True:
        h, w = sides[-1][0] * 5 // 6, sides[-1][1] * 5 // 6
        if h < 5 or w == 0:
            break
        sides.append((h, w))
    rows_of_all = sum(h + padding for h, _ in sides) - 2 * padding
    rows = before = 0
    for h, w in sides:
        room = (width - before - padding) % WRAP
        if w <= room and 2 * (rows - height) % WRAP >= (rows_of_all - height) % WRAP:
            break
        rows += h + padding
        before = w
    rows -= padding
    places = []
    y = outer
    rest = list(sides)
    while rest and y < rows + outer:
        h, w = rest.pop(0)
        places.append((y, outer, h, w))
        y += h + padding
    y -= padding
    while rest:
        h, w = rest.pop(0)
        if y - h < outer + height:
            break
        places.append((y - h, outer + width - w, h, w))
        y -= h + padding
    return places, rows + 2 * outer, width + 2 * outer
