"""The runs in a folder of training logs, as an object that reads on demand, one run at a time."""

import functools
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from sigstats.data.logs import overview_frames
from sigstats.data.logs.folders import name_below
from sigstats.data.logs.formats.registry import chosen
from sigstats.data.logs.labels import without_match
from sigstats.data.logs.model import LogProblem, Run
from sigstats.data.logs.nearby import Nearby
from sigstats.data.logs.normalise import RunSelection, as_selection, normalised
from sigstats.data.logs.overview_frames import Outline
from sigstats.data.logs.search import FoundSources, LogSource, read_ahead, search
from sigstats.data.logs.sweep.options import as_sweep_options
from sigstats.data.logs.sweep.table import sweep_table
from sigstats.data.progress import progress
from sigstats.data.table.frames import plural
from sigstats.errors import OptionError
from sigstats.stats import checks

__all__ = ["Runs", "read_runs"]

MOST_KEPT = 2_000_000  # values


def read_runs(
    path: str | os.PathLike[str],
    *,
    format: str = "auto",  # noqa: A002 - the usual word
    metrics: str | Sequence[str] | None = None,
    config: str | Sequence[str] | None = None,
    step: str | None = None,
    pattern: str | None = None,
    levels: Sequence[str | None] | None = None,
    extra: Any = None,  # noqa: ANN401 - a mapping or any data frame
    n_jobs: int = 1,
) -> "Runs":
    r"""Find the training runs in a folder of logs.

    Parameters
    ----------
    path : str or path-like
        A folder with logs at any depth, or one file of logs. Nothing is written into it, symbolic links are not
        followed, and nothing is executed.
    format : str, default "auto"
        The format of the logs; by default, every folder is searched for all formats.
    metrics : str or sequence of str, optional
        The metrics to keep, as names or patterns with ``*``, such as ``"eval/*"``; by default all.
    config : str or sequence of str, optional
        The settings to keep, in the same way.
    step : str, optional
        A metric to count the steps by, such as ``"epoch"`` or ``"tokens"``.
    pattern : str, optional
        A regular expression with named groups that is searched in a run's name; each group becomes a setting.
    levels : sequence of (str or None), optional
        Names for the folders on the path of a run, from the left; each becomes a setting, None skips one.
    extra : mapping or data frame, optional
        Settings that the logs lack: by run name, or as a frame with a column ``run``.
    n_jobs : int, default 1
        How many processes read the files, at most one per file and processor; -1 uses all processors. The answer is
        the same for any number. More than one pays for many or large files that are no plain text, such as event
        files: a second goes into their start, and plain text is read by several threads in any case.

    Returns
    -------
    Runs
        Reads the files on demand.

    Raises
    ------
    OptionError
        If the folder does not exist, or an option is not valid.

    Notes
    -----
    *Assumptions.* The settings of a run are those in its log, and in files such as ``config.yaml`` in its folder or one
    above. Names, folders and `extra` take precedence where they differ, which is listed as a problem.

    *What would fool it.* Logs of one run in two formats, in separate folders, count as two runs. A knob that is not
    among the settings, such as a change of the code between runs, is not seen.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> for rate in ("0.1", "0.2"):
    ...     for seed in range(3):
    ...         _ = (folder / f"lr{rate}_seed{seed}.csv").write_text(f"step,loss\n1,0.5\n2,{rate}{seed}\n")
    >>> runs = read_runs(folder, pattern=r"lr(?P<lr>[0-9.]+)_seed(?P<seed>\d+)")
    >>> runs.sweep(knob="lr", metric="loss", seed="seed", at="last").head(3)
        lr  loss  seed           run
    0  0.1  0.10     0  lr0.1_seed0
    1  0.1  0.11     1  lr0.1_seed1
    2  0.1  0.12     2  lr0.1_seed2
    """
    if not isinstance(path, str | os.PathLike) or not os.fspath(path) or "\0" in str(path):
        raise OptionError(f"`path` is {path!r}; it must be the path of a folder or a file.")
    given = {"metrics": metrics, "config": config, "step": step}
    selection = as_selection({**given, "pattern": pattern, "levels": levels, "extra": extra})
    formats = chosen(format)
    jobs = checks.processes("n_jobs", n_jobs)
    return Runs(search(Path(path), formats), selection, n_jobs=jobs)


class Runs:
    r"""The training runs in a folder.

    Made by `read_runs`. Files are read on demand: `sweep` and `each` hold one run at a time, `frame` holds all of
    them. `config`, `metrics`, `problems` and `frame` read the files once and keep the result, and the runs too if they
    hold at most two million values: `sweep` then reads nothing again, and later changes of the files do not show.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.jsonl").write_text('{"_meta": {"lr": 0.1}}\n{"step": 1, "loss": 0.5}\n')
    >>> runs = read_runs(folder)
    >>> runs.frame
      run metric  step  value
    0   a   loss   1.0    0.5
    >>> for problem in runs.problems:
    ...     str(problem)
    'UNFINISHED (a): the run did not finish; kept up to where it ended'
    'NO_SEED (1 run): none of the settings is a seed; a sweep counts each run as a separate seed'
    """

    def __init__(self, found: FoundSources, selection: RunSelection, *, n_jobs: int = 1) -> None:
        self._found = found
        self._n_jobs = n_jobs
        self._selection = selection
        self._kept: tuple[Run | LogProblem, ...] | None = None  # all that was read, if it is small enough

    def __repr__(self) -> str:
        formats = sorted({source.format.name for source in self._found.sources})
        return (
            f"Runs({os.fspath(self._found.root)!r}: {len(self._found.sources)} sources, {', '.join(formats)})"
        )

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the sources. No run is read for it."""
        import pandas as pd

        from sigstats.data.table.shown import fragment

        rows = [
            {"source": name_below(each.path, self._found.root), "format": each.format.name}
            for each in self._found.sources
        ]
        title = f"{plural(len(rows), 'source')} of training runs in {os.fspath(self._found.root)}"
        return fragment(title, pd.DataFrame(rows, columns=["source", "format"]), ())

    @property
    def sources(self) -> tuple[LogSource, ...]:
        """The files and folders that hold runs, with their formats."""
        return self._found.sources

    def each(self) -> Iterator[Run]:
        """Read the runs one after the other.

        Yields
        ------
        Run
            With rising steps, labels among the settings, and its problems. Sources that cannot be read are
            skipped here and listed in `problems`.
        """
        yield from (run for run in self._read() if isinstance(run, Run))

    def _read(self, *, keep: bool = False) -> Iterator[Run | LogProblem]:
        """Yield what the files hold; what was kept is not read again."""
        if self._kept is not None:
            yield from self._kept
            return
        kept: list[Run | LogProblem] = []
        size = 0
        for each in self._read_files():
            if keep:
                size += (
                    sum(series.values.size for series in each.series.values()) if isinstance(each, Run) else 1
                )
                keep = size <= MOST_KEPT
                kept.append(each)
            yield each
        self._kept = tuple(kept) if keep else None

    def _read_files(self) -> Iterator[Run | LogProblem]:
        names: set[str] = set()
        own = (source.path for source in self._found.sources if not source.format.many)
        nearby = Nearby(own, self._found.jobs, self._found.root)
        with progress("reading logs", len(self._found.sources)) as advance:
            for source, results in read_ahead(self._found.sources, self._found.root, self._n_jobs):
                for found in results:
                    if isinstance(found, Run):
                        run = nearby.with_settings(found, source.path, jobs_only=source.format.many)
                        yield self._own_name(run, source, names)
                    else:
                        yield found
                advance()
        yield from nearby.without_runs()

    def _own_name(self, run: Run, source: LogSource, names: set[str]) -> Run:
        """Return the normalised run under a name that no other run has."""
        name = run.name
        if name in names:
            place = name_below(source.path, self._found.root)
            options = (place, f"{place} ({run.format})", *(f"{place} ({n})" for n in range(2, 1_000_000)))
            run = overview_frames.renamed(run, next(each for each in options if each not in names))
        names.add(run.name)
        return normalised(run, self._selection)

    @functools.cached_property
    def _survey(self) -> tuple[tuple[Outline, ...], tuple[LogProblem, ...]]:
        """The outlines of all runs, and the problems outside them."""
        outlines: list[Outline] = []
        problems: list[LogProblem] = list(self._found.problems)
        for found in self._read(keep=True):
            if isinstance(found, Run):
                outlines.append(overview_frames.outline(found))
            else:
                problems.append(found)
        strangers = without_match(self._selection.labels.extra, (each.name for each in outlines))
        problems += [
            LogProblem(
                code="NO_RUN", run=name, message="`extra` names a run that does not exist", done="ignored"
            )
            for name in strangers
        ]
        if not outlines:
            problems.append(self._found.unread.nothing(self._found.wanted))
        return tuple(outlines), tuple(problems)

    @property
    def outlines(self) -> tuple[Outline, ...]:
        """Each run without its values: format, state, settings, and the steps of its metrics."""
        return self._survey[0]

    @property
    def problems(self) -> tuple[LogProblem, ...]:
        """All irregularities: of sources, within runs, and between runs."""
        outlines, problems = self._survey
        within = (problem for each in outlines for problem in each.problems)
        return (*problems, *within, *overview_frames.problems_between(outlines))

    @property
    def metrics(self) -> tuple[str, ...]:
        """The names of all metrics, sorted."""
        return tuple(sorted({name for each in self.outlines for name in each.metrics}))

    @property
    def config(self) -> pd.DataFrame:
        """The settings as a frame: one row per run, after the columns ``run``, ``format`` and ``state``."""
        return overview_frames.config_frame(self.outlines)

    @functools.cached_property
    def frame(self) -> pd.DataFrame:
        """All values as a tidy frame: ``run``, ``metric``, ``step``, ``value``, one row per logged value.

        It is long because metrics are logged at different steps: a wide frame could not distinguish a value of NaN from
        one that was not logged. ``frame.pivot(index=["run", "step"], columns="metric", values="value")`` makes it wide.
        """
        return overview_frames.long_frame(run for run in self._read(keep=True) if isinstance(run, Run))

    @property
    def items(self) -> pd.DataFrame:
        """The scores of single items (questions, samples), where a format has them, read anew each time.

        One row per run, metric and item: ``run``, ``metric``, ``item``, ``value``; ``runs.items.merge(runs.config)``
        adds the settings. ``attrs["problems"]`` lists the runs whose items could not be read.
        """
        return overview_frames.item_frame(self.each())

    def sweep(
        self,
        *,
        knob: str,
        metric: str | None = None,
        seed: str | None = None,
        condition: str | None = None,
        at: Any = None,  # noqa: ANN401 - a word, a number or a tuple; checked
        after: Sequence[Any] | None = None,
        count_from: str = "start",
        align: str = "exact",
        grid: int | Sequence[float] = 20,
        censored: str = "inf",
        missing: str = "keep",
        unfinished: str = "keep",
        columns: Sequence[str] = (),
    ) -> pd.DataFrame:
        """Return a sweep table: the input of `sigstats.detect`.

        Parameters
        ----------
        knob : str
            A setting; or ``"step"`` (or the `step` given to `read_runs`), for one row per run and step.
        metric : str, optional
            A metric. With ``at=("first", ...)``, only the name of the column, by default ``"first_step"``.
        seed : str, optional
            A setting, or ``"run"`` for the run's name. By default the only setting that is called ``seed``, else the
            run's name; the choice is recorded.
        condition : str, optional
            A setting, or ``"run"``.
        at : str, float or tuple, optional
            How a run becomes one number, if the knob is a setting: ``"last"`` (the default), ``("last", 10)`` for
            the mean of ten, ``"max"``, ``"min"``, ``"best"`` (one of the two, by the metric's name), a step, a window
            ``(low, high)`` of steps, or ``("first", metric, value)`` for the first step at which a metric reaches a
            value; ``("first", metric, ">=", value)`` gives the side.
        after : tuple, optional
            ``(metric, value)`` or ``(metric, relation, value)``: only what follows the moment when the
            metric first reaches the value is used.
        count_from : {"start", "event"}
            Whether steps are counted from the start of a run, or from the event in `after`.
        align : {"exact", "nearest", "interpolate", "bin"}
            How to treat steps that differ between runs; if `at` is a step, how to treat a step that was not logged.
        grid : int or sequence of float
            For all but "exact": how many steps, or which; for "bin": the number of intervals, or their edges.
        censored : {"inf", "rank", "drop"}
            How to treat runs that never reached the value in `at`. By default they are infinite, which `detect`
            refuses; "rank" turns the metric into ranks, in which they share the last.
        missing : {"keep", "censored"}
            Whether a value of NaN is kept, or means "never" and is treated as `censored` says.
        unfinished : {"keep", "drop"}
            Whether runs that failed or did not finish are in the table.
        columns : sequence of str
            Further settings to include in the table.

        Returns
        -------
        pandas.DataFrame
            Columns under the names given, and ``run``; ``censored`` where values can be. ``attrs["notes"]`` lists
            what was decided and counted, ``attrs["left_out"]`` which runs were left out and why.

        Raises
        ------
        OptionError
            If an option is not valid, or none of the runs can be used.
        """
        given = {key: value for key, value in locals().items() if key != "self"}
        options = as_sweep_options(self._selection.step, given)
        if not self._found.sources:
            problem = self.problems[-1]
            raise OptionError(f"this folder does not hold any runs: {problem.message}. See `Runs.problems`.")
        return sweep_table(self._read(), options)

    def candidates(self) -> Mapping[str, tuple[Any, ...]]:
        """Return the settings in which runs differ, with their values: knobs, seeds and conditions are among them.

        Returns
        -------
        mapping of str to tuple
            Values, sorted; None for runs without the setting.
        """
        return overview_frames.varying_settings(self.outlines)
