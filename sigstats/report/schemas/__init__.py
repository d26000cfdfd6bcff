"""JSON schemas of everything that is printed as JSON; `docs/schemas.py` writes them from the classes."""

from importlib import resources

from sigstats.errors import OptionError, unknown_option

ENDING = ".json"


def names() -> list[str]:
    """Return the names of the schemas."""
    files = resources.files(__name__).iterdir()
    return sorted(each.name.removesuffix(ENDING) for each in files if each.name.endswith(ENDING))


def schema_text(name: str) -> str:
    """Return a schema."""
    if name not in names():
        raise OptionError(unknown_option("NAME", name, names()))
    return resources.files(__name__).joinpath(name + ENDING).read_text(encoding="utf-8").rstrip("\n")
