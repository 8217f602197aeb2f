"""Binary formats of tables, a module each, found by themselves; any other file is read as text.

A module has ``MAGIC``, the bytes that its files begin with; ``WORDS``, what people call the format;
and ``open_batches(path)``, which returns the names of the columns and the rows as Arrow batches.
"""

import importlib
import pkgutil
from functools import cache
from types import ModuleType


@cache
def formats() -> tuple[ModuleType, ...]:
    """Return every module of this folder."""
    found = pkgutil.iter_modules(__path__, f"{__name__}.")
    return tuple(importlib.import_module(module.name) for module in found)
