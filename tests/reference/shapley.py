"""Shapley values by their definition, over all subsets or all of some orders: slow, obvious, and never shipped."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations

from reference.similarity import Parents, closure, set_similarity

Game = Callable[[tuple[int, ...]], float]


def over_subsets(n_players: int, game: Game) -> list[float]:
    """Players are 0 .. n_players - 1, and a coalition is the tuple of its players, ascending."""
    out = []
    for player in range(n_players):
        others = [other for other in range(n_players) if other != player]
        total = 0.0
        for size in range(n_players):
            share = math.factorial(size) * math.factorial(n_players - size - 1) / math.factorial(n_players)
            for some in combinations(others, size):
                total += share * (game(tuple(sorted((*some, player)))) - game(some))
        out.append(total)
    return out


def along_orders(n_players: int, game: Game, orders: Iterable[Sequence[int]]) -> list[float]:
    """The mean over orders of what a player adds to those before it."""
    sums, count = [0.0] * n_players, 0
    for order in orders:
        count += 1
        for place, player in enumerate(order):
            sums[player] += game(tuple(sorted(order[: place + 1]))) - game(tuple(sorted(order[:place])))
    return [total / count for total in sums]


def leave_one_out(n_players: int, game: Game) -> list[float]:
    everyone = tuple(range(n_players))
    return [game(everyone) - game(tuple(other for other in everyone if other != player)) for player in everyone]


def closure_game(
    parents: Parents, weights: Sequence[float], values: Sequence[float], terms: Sequence[int], empty: float
) -> Game:
    """What some of the terms are worth: the sum of values over their closure / the root of the sum of weights."""

    def worth(players: tuple[int, ...]) -> float:
        above = closure(parents, [terms[p] for p in players])
        weight = sum(weights[t] for t in above)
        return sum(values[t] for t in above) / math.sqrt(weight) if weight > 0 else empty

    return worth


def match_game(
    parents: Parents,
    ic: Sequence[float],
    terms: Sequence[int],
    others: Sequence[Sequence[int]],
    coefficients: Sequence[float],
    combine: str,
) -> Game:
    """What some of the terms are worth: the weighted sum of their Resnik similarities to the others."""

    def worth(players: tuple[int, ...]) -> float:
        some = [terms[p] for p in players]
        scores = (set_similarity(parents, ic, some, other, combine) for other in others)
        return sum(a * score for a, score in zip(coefficients, scores, strict=True))

    return worth
