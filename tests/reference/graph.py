"""Reachability in a graph of plain sets: slow, obvious, and never shipped."""

from __future__ import annotations

from collections.abc import Mapping


def ancestors(parents: Mapping[str, set[str]], term: str) -> set[str]:
    """Every term that some chain of parents reaches, without the term itself."""
    found: set[str] = set()
    waiting = [term]
    while waiting:
        for parent in parents[waiting.pop()]:
            if parent not in found:
                found.add(parent)
                waiting.append(parent)
    return found


def descendants(parents: Mapping[str, set[str]], term: str) -> set[str]:
    """Every term that has `term` among its ancestors."""
    return {other for other in parents if term in ancestors(parents, other)}


def children(parents: Mapping[str, set[str]], term: str) -> set[str]:
    return {other for other, above in parents.items() if term in above}
