"""The command line: each command parses, calls the library, writes. Nothing is computed here."""

from phenojax.cli.app import main

__all__ = ["main"]
