"""``phenojax doctor``: what this installation is made of, and what it lacks."""

from __future__ import annotations

import platform
import re
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import typer

from phenojax.cli import options, output
from phenojax.cli.doctor_faces import examine_faces, faces_line, versions_line
from phenojax.errors import PhenojaxError

PACKAGES = (
    "phenojax",
    "jax",
    "jaxlib",
    "numba",
    "numpy",
    "scipy",
    "pyarrow",
    "plotly",
    "jinja2",
    "openpyxl",
    "rich",
    "typer",
)
CPU_FLAGS = ("sse4_2", "avx", "fma", "avx2", "avx512f", "avx512bw", "avx512vl", "asimd", "sve")


def doctor(json: options.Json = False) -> None:
    """Print versions, devices, CPU features in use, ontology release, what is missing. Exit code 1 on a fault."""
    facts, faults = examine()
    if json:
        output.print_json({**facts, "faults": faults})
    else:
        _print(facts, faults)
    if faults:
        raise typer.Exit(1)


def examine() -> tuple[dict[str, Any], list[str]]:
    """Look at every part; a part that does not work is a fault, never an exception."""
    faults: list[str] = []
    versions = {"python": platform.python_version(), **{name: _version(name) for name in PACKAGES}}
    faults += [f"{name} is not installed; install phenojax again" for name, found in versions.items() if found is None]
    return {
        "versions": versions,
        "platform": {"system": platform.platform(), "executable": sys.executable},
        "devices": _devices(faults),
        "cpu": {"features": _cpu_features(), "instruction_set": _instruction_set(faults)},
        "ontology": _ontology(faults),
        "faces": examine_faces(faults),
        "missing_extras": _missing_extras(),
    }, faults


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _devices(faults: list[str]) -> list[str]:
    try:
        import jax

        return [f"{device.platform}:{device.id} {device.device_kind}" for device in jax.devices()]
    except (ImportError, RuntimeError) as error:
        faults.append(f"JAX does not start: {error}")
        return []


def _cpu_features() -> list[str]:
    """List the vector instructions that the kernel reports; empty where it does not say."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    except OSError:
        return []
    flags = re.search(r"^(?:flags|Features)\s*:(.*)$", text, re.MULTILINE)
    present = set(flags[1].split()) if flags else set()
    return [flag for flag in CPU_FLAGS if flag in present]


def _instruction_set(faults: list[str]) -> str | None:
    try:
        from phenojax.similarity.instruction_set import instruction_set

        return instruction_set()
    except ImportError as error:
        faults.append(f"the compiled core does not load: {error}; install phenojax again")
    except PhenojaxError as error:
        faults.append(str(error))
    return None


def _ontology(faults: list[str]) -> dict[str, Any] | None:
    try:
        from phenojax.ontology import load_ontology

        ontology = load_ontology()
    except (ImportError, PhenojaxError) as error:
        faults.append(f"the bundled ontology does not load: {error}")
        return None
    return {"version": ontology.version, "terms": ontology.n_terms, "licence": ontology.licence}


def _missing_extras() -> dict[str, list[str]]:
    """List the packages of each extra of phenojax that are not installed."""
    missing: dict[str, list[str]] = {}
    for requirement in metadata.requires("phenojax") or []:
        parts = re.fullmatch(r"\s*([\w.-]+).*;.*extra\s*==\s*['\"]([\w-]+)['\"].*", requirement)
        if parts and _version(parts[1]) is None:
            missing.setdefault(parts[2], []).append(parts[1])
    return missing


def _print(facts: dict[str, Any], faults: list[str]) -> None:
    extras = "; ".join(f"{extra} lacks {', '.join(names)}" for extra, names in facts["missing_extras"].items())
    lines = {
        "versions": ", ".join(f"{name} {found or 'MISSING'}" for name, found in facts["versions"].items()),
        "system": facts["platform"]["system"],
        "python": facts["platform"]["executable"],
        "JAX devices": ", ".join(facts["devices"]) or "none",
        "CPU features": " ".join(facts["cpu"]["features"]) or "not reported",
        "core uses": facts["cpu"]["instruction_set"] or "nothing",
        "ontology": _ontology_line(facts["ontology"]),
        "faces use": versions_line(facts["faces"]),
        "face weights": faces_line(facts["faces"]),
        "extras": extras or "complete",
    }
    for name, words in lines.items():
        typer.echo(f"{name:<13} {words}")
    for fault in faults:
        typer.echo(f"FAULT: {fault}", err=True)
    typer.echo("in order" if not faults else f"{len(faults)} fault(s)")


def _ontology_line(ontology: dict[str, Any] | None) -> str:
    return "none" if ontology is None else f"HPO {ontology['version']}, {ontology['terms']:,} terms (bundled)"
