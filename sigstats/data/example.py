"""Small tables that come with the package, so that every page of the documentation can be followed without a download.

Some hold published runs, with their licences beside them; the others are simulated by `docs/make_example_data.py`.
"""

from importlib import resources

import pandas as pd

from sigstats.errors import OptionError, unknown_option

INDEX = "index"


def example_data(name: str | None = None) -> pd.DataFrame:
    """Return a small table that comes with the package, or the list of all of them.

    Parameters
    ----------
    name : str, optional
        Which table, such as ``"mazes"``. Without a name, the list: one row per table, with what it holds, the columns
        that `detect` asks for, and where the numbers come from.

    Returns
    -------
    pandas.DataFrame
        One row per run and level of the knob, as in `detect`; or the list of the tables.

    Raises
    ------
    OptionError
        If there is no table of this name.

    See Also
    --------
    simulate_sweep : Sweeps of any size, with a truth of your choice.

    Examples
    --------
    >>> import sigstats as ss
    >>> ss.example_data()["name"].to_list()
    ['mazes', 'learning_rates', 'crops', 'warmup', 'questions', 'heads']
    >>> ss.example_data("crops").head(2)
        images  seed  crops  accuracy
    0  cropped     0      1    0.6109
    1  cropped     0      2    0.6346
    """
    names = _read(INDEX)["name"].to_list()
    if name is not None and name not in names:
        raise OptionError(unknown_option("name", name, names))
    return _read(name or INDEX)


def _read(name: str) -> pd.DataFrame:
    file = resources.files("sigstats.data").joinpath("example_tables", f"{name}.csv")
    with file.open(encoding="utf-8") as text:
        return pd.read_csv(text, keep_default_na=False)
