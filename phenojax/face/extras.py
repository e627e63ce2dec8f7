"""The extras that photographs need, said by `phenojax._extras`."""

from phenojax._extras import MODULES, Extra, missing, optional, require

__all__ = ["MODULES", "Extra", "missing", "optional", "require"]
