"""One HTML page, complete in itself, from a screen's result and nothing else."""

from phenojax.report.page import render, write_report

__all__ = ["render", "write_report"]
