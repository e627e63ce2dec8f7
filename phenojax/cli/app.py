"""The commands together, and what becomes of an exception: one line and exit code 2 for what the user can mend."""

from __future__ import annotations

import inspect
import logging
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated, TextIO

import typer

from phenojax.cli import (
    compare,
    discover,
    doctor,
    embed,
    explain,
    models,
    nearest,
    ontology,
    output,
    rank,
    report,
    score,
    screen,
    similarity,
    simulate,
    weights,
)
from phenojax.errors import PhenojaxError

USAGE_ERROR = 2
INTERRUPTED = 130

app = typer.Typer(
    name="phenojax",
    help="Do the carriers of each gene share a recognisable phenotype? Research use only; does not diagnose.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"phenojax {version('phenojax')}")
        raise typer.Exit


@app.callback()
def _root(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    pass


app.command("screen")(screen.screen)
app.command("compare")(compare.compare)
app.command("score")(score.score)
app.command("discover")(discover.discover)
app.command("similarity")(similarity.similarity)
app.command("nearest")(nearest.nearest)
app.command("rank")(rank.rank)
app.command("embed")(embed.embed)
app.command("explain")(explain.explain)
app.command("simulate")(simulate.simulate)
app.command("report")(report.report)
app.add_typer(models.app, name="models")
app.add_typer(ontology.app, name="ontology")
app.add_typer(weights.app, name="weights")
app.command("doctor")(doctor.doctor)


def _flowed(docstring: str) -> str:
    """Give each paragraph as one line, which the help breaks where the terminal ends, not where the source does."""
    paragraphs = inspect.cleandoc(docstring).split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


for _commands in (app, models.app, ontology.app, weights.app):
    for _command in _commands.registered_commands:
        _command.help = _flowed(getattr(_command.callback, "__doc__", None) or "")


class _StderrNow(logging.StreamHandler[TextIO]):
    """Writes to what sys.stderr is at the moment: a progress bar stands in for it while it runs."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:
        return sys.stderr

    @stream.setter
    def stream(self, value: TextIO) -> None:
        del value


class _Printable(logging.Formatter):
    """Shows what a terminal would obey; the lines of a traceback stay lines."""

    def format(self, record: logging.LogRecord) -> str:
        return "\n".join(output.printable(line) for line in super().format(record).split("\n"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: without the program's name; None for those of the process.

    Returns:
        The exit code: 0; 2 for anything that the user can mend, told in one line on stderr; 130 after Ctrl-C. An
        exception that is nobody's input is let through with its traceback.
    """
    logger, handler = logging.getLogger("phenojax"), _StderrNow()
    handler.setFormatter(_Printable("phenojax: %(levelname)s: %(message)s"))
    logger.addHandler(handler)
    try:
        return _run(arguments)
    finally:
        logger.removeHandler(handler)


def _run(arguments: Sequence[str] | None) -> int:
    try:
        code = app(arguments, prog_name="phenojax")
    except SystemExit as stop:  # typer's own usage errors, --help, and what it makes of Ctrl-C
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except PhenojaxError as error:
        return _complain(str(error))
    except BrokenPipeError:  # `phenojax ... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        if error.filename is None:
            raise
        return _complain(f"{error.filename}: {error.strerror or error}")
    if code == INTERRUPTED:
        sys.stderr.write("phenojax: interrupted; no file is left half-written\n")
    return code if isinstance(code, int) else 0


def _complain(message: str) -> int:
    sys.stderr.write(f"phenojax: error: {output.printable(' '.join(message.split()))}\n")
    return USAGE_ERROR
