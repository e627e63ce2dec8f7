"""Who is most like each individual, by terms or by terms and face, with those left out who are like it anyway."""

from phenojax.matchmaking.neighbours import Method, nearest

__all__ = ["Method", "nearest"]
