"""Ask signatures of every key, and say which findings stand together."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

import numpy as np

from sigstats.data.memory import need_stated, says_need
from sigstats.data.parallel import n_processes
from sigstats.data.table.frames import adopt
from sigstats.data.table.intake import need_of_rows
from sigstats.data.table.keyed.keys import Keys, check_columns, find_keys
from sigstats.data.table.keyed.reduce import BoolArray
from sigstats.errors import OptionError, SignatureError, unknown_option
from sigstats.signature.keywords import takes_signature
from sigstats.signature.signature import Signature
from sigstats.stats import checks
from sigstats.studies.screen.correction import CORRECTIONS, Correction, Found, calibrated, found
from sigstats.studies.screen.result import Screen
from sigstats.studies.screen.rows import CODE, UNKNOWN, Rows, interleaved
from sigstats.studies.screen.tables import Tables, at_rate, is_ray
from sigstats.verdict.rules import Status

Engine = Literal["local", "dask", "ray", "spark"]
FEWEST_NULL = 19  # so that a p-value of .05 is within reach
ENGINES: tuple[Engine, ...] = get_args(Engine)


@takes_signature
@says_need
def screen(
    data: Any,  # noqa: ANN401 - any data frame that narwhals knows
    signature: Signature | Sequence[Signature],
    *,
    by: str | Sequence[str],
    fdr: float = 0.05,
    correction: Correction = "bh",
    n_jobs: int = 1,
    engine: Engine = "local",
    null: Mapping[str, Any] | None = None,
) -> Screen:
    """Ask one or more signatures of every task, layer or other key, and say which findings stand together.

    Each key is judged as `sigstats.detect` judges its rows. Of thousands of keys, some would show a signature by
    chance; *discoveries* are those that remain after correction for how many were asked.

    Parameters
    ----------
    data : data frame
        One row per key, run and level: pandas, polars, pyarrow; or a lazy polars, duckdb, dask or spark frame, which
        its own engine reduces to one value per run and level.
    signature : Signature or list of Signature
        What was predicted, of every key.
    by : str or list of str
        Columns that tell keys apart, such as ``["task", "model"]``.
    fdr : float
        The share of discoveries that may be false, in expectation, in (0, 1); with ``correction="holm"``, the
        probability that any is. It holds for *present* and for *absent* each, over all keys and signatures.
    correction : {"bh", "by", "holm"}
        "bh" (Benjamini-Hochberg) keeps the share where keys are independent or depend positively on each other, as keys
        that share runs mostly do. "by" (Benjamini-Yekutieli) keeps it whatever the dependence, and finds less. "holm"
        keeps the probability of any false discovery, whatever the dependence.
    n_jobs : int
        Processes; -1 for all processors. With another engine, the number of parts in which the data are judged.
    engine : {"local", "dask", "ray", "spark"}
        What judges the data: this machine, or parts of the data on a cluster, each with all rows of its keys. The
        answer is the same.
    null : mapping or None
        Keys in which nothing can be there, by a column of `by` and its value or values, as in ``{"layer": "random"}``:
        at least 19. They are no discoveries; a key counts as *present* by the larger of its p-value and its rank among
        those of these keys.

    Returns
    -------
    Screen
        A row per key and signature, with reports; `Screen.verdict` gives the whole verdict on one.

    Raises
    ------
    OptionError
        If a column is not there, or an option is not valid.
    InputError
        If one of the signatures can be asked of no key: the error of the first one.

    Notes
    -----
    The p-value of a row is that of all that *present* claims: the primary clause by each of its lines, the required
    clauses, every treatment, a quiet control. The largest counts, so that a discovery is of the whole claim. A
    discovery is a key whose verdict is *present* on its own and whose adjusted p-value is at most `fdr`. The same is
    done for *absent*. Keys that cannot be analysed count as asked, with p-value 1.

    The interval of a key that was selected because it stands out misses too often. `selective_low` and `selective_high`
    are intervals of which, among all discoveries, an expected share of at most ``2 * alpha`` miss, as it is for
    intervals of keys that were not selected (false coverage rate).

    *Null keys.* The p-value of a key rests on the spread between its seeds. Where keys show more than that although
    nothing is there - items or batches that all seeds of a key share - null keys show how much. The smallest calibrated
    p-value is one over their number plus one, so that many are needed. They are assumed to differ from the others only
    in that nothing is there. *Absent* is not calibrated.

    *Assumptions.* Those of `sigstats.detect` for every key. With "bh", keys that are independent or positively
    dependent.

    *What would fool it.* Keys or signatures that were tried and left out; the same rows under several keys.

    References
    ----------
    .. [1] Y. Benjamini, Y. Hochberg, "Controlling the false discovery rate", Journal of the Royal Statistical Society
           B 57(1), 289-300, 1995. https://doi.org/10.1111/j.2517-6161.1995.tb02031.x
    .. [2] Y. Benjamini, D. Yekutieli, "The control of the false discovery rate in multiple testing under dependency",
           Annals of Statistics 29(4), 1165-1188, 2001. https://doi.org/10.1214/aos/1013699998
    .. [3] Y. Benjamini, D. Yekutieli, "False discovery rate-adjusted multiple confidence intervals for selected
           parameters", Journal of the American Statistical Association 100(469), 71-81, 2005.
           https://doi.org/10.1198/016214504000001907

    Examples
    --------
    >>> import pandas as pd
    >>> wiggle = [0.0, 0.1, -0.1, 0.05]
    >>> rows = [
    ...     (task, s, x, (task < 2) * x * (1 + 0.1 * s) + wiggle[(s + x + task) % 4])
    ...     for task in range(6) for s in range(6) for x in range(6)
    ... ]
    >>> frame = pd.DataFrame(rows, columns=["task", "seed", "knob", "metric"])
    >>> found = screen(frame, Signature(shape="increasing"), by="task")
    >>> found.table().query("discovery")["task"].tolist()
    [0, 1]
    """
    signatures, columns = _signatures(signature), _columns(by)
    _refuse_roles(signatures, columns)
    checks.fraction("fdr", fdr, example=0.05)
    checks.processes("n_jobs", n_jobs)
    if correction not in CORRECTIONS:
        raise OptionError(unknown_option("correction", correction, CORRECTIONS))
    if engine not in ENGINES:
        raise OptionError(unknown_option("engine", engine, ENGINES))
    with need_stated(lambda: need_of_rows(adopt(data).frame)):
        judging = (
            _Local(data, columns, n_jobs) if engine == "local" else _Parts(data, columns, n_jobs, engine)
        )
        rows = interleaved(judging.rows(signatures))
    n = len(signatures)
    for at, each in enumerate(signatures):
        if (rows.status[at::n] == UNKNOWN).all():
            judging.explain(each)
    known = null_keys(null, judging.keys)
    asked = ~np.repeat(known, len(signatures))
    pvalues = calibrated(rows.pvalue.reshape(-1, n), known).ravel()
    said = {status: rows.status == CODE[status] for status in (Status.PRESENT, Status.ABSENT)}
    present = found(pvalues, said[Status.PRESENT], rate=fdr, correction=correction, asked=asked)
    absent = found(rows.absent_pvalue, said[Status.ABSENT], rate=fdr, correction=correction, asked=asked)
    low, high = _selective(judging, signatures, rows, (present, absent))
    return Screen(
        by=columns,
        keys=judging.keys,
        signatures=signatures,
        fdr=fdr,
        correction=correction,
        rows=rows,
        null=~asked,
        calibrated_pvalue=pvalues,
        adjusted_pvalue=present.adjusted,
        discovery=present.discovery,
        adjusted_absent_pvalue=absent.adjusted,
        absent_discovery=absent.discovery,
        selective_low=low,
        selective_high=high,
        fallbacks=judging.fallbacks(signatures),
        engine=engine,
        _data=data,
    )


def _signatures(given: object) -> tuple[Signature, ...]:
    several = (given,) if isinstance(given, Signature) else given
    if (
        not isinstance(several, Sequence)
        or not several
        or not all(isinstance(each, Signature) for each in several)
    ):
        raise SignatureError(
            f"`signature` is {type(given).__name__} {given!r}; it must be a Signature, or a list of them. Read one "
            "with Signature.from_toml, or make one of keywords."
        )
    return tuple(several)


def _columns(by: object) -> tuple[str, ...]:
    several = [by] if isinstance(by, str) else by
    if not isinstance(several, Sequence) or not several or not all(isinstance(each, str) for each in several):
        raise OptionError(f"`by` is {by!r}; it must be a column or a list of columns, such as by=['task'].")
    return tuple(dict.fromkeys(several))


def _refuse_roles(signatures: Sequence[Signature], columns: Sequence[str]) -> None:
    """Refuse keys that would part runs or curves; by condition, each condition is asked on its own."""
    for role in ("seed", "knob", "metric"):
        asked = [each for each in signatures if role != "knob" or not each.shape.against_baseline]
        names = {getattr(each, role) or role for each in asked}
        for column in columns:
            if column in names:
                raise OptionError(
                    f"`by` names {column!r}, which is the `{role}` of a signature: no key would have whole curves of "
                    "several seeds. Name only columns that tell sweeps apart, such as by=['task']."
                )


def null_keys(null: Mapping[str, Any] | None, keys: Keys) -> BoolArray:
    """Return which keys are those in which nothing can be there."""
    at = np.zeros(len(keys), dtype=bool)
    if null is None:
        return at
    if not isinstance(null, Mapping) or not null or not set(null) <= set(keys.columns):
        raise OptionError(
            f"`null` is {null!r}; it must map columns of `by`, {keys.columns}, to values, as in "
            f"null={{{keys.columns[0]!r}: ['random']}}."
        )
    at[:] = True
    for column, value in null.items():
        own = keys.column(keys.columns.index(column))
        wanted = list(value) if isinstance(value, list | tuple | set | frozenset | range) else [value]
        at &= np.isin(own, np.array(wanted, dtype=object))
    if at.sum() < FEWEST_NULL or at.all():
        raise OptionError(
            f"`null` names {int(at.sum())} of {len(keys)} keys; it must name {FEWEST_NULL} or more, and leave others: "
            "the smallest p-value that they allow is one over their number plus one."
        )
    return at


def _selective(
    judging: "_Local | _Parts", signatures: tuple[Signature, ...], rows: Rows, kinds: Sequence[Found]
) -> tuple[Any, Any]:
    """Return intervals of the discoveries that allow for their selection, NaN elsewhere."""
    low, high = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    n = len(signatures)
    for kind in kinds:
        for place, signature in enumerate(signatures):
            at = place + n * np.flatnonzero(kind.discovery[place::n])
            low[at], high[at] = rows.take(at).stretched(signature, kind.share)
        others = kind.discovery & np.isnan(rows.df)
        if others.any():
            # Intervals that are not of t are asked for again.
            wider = tuple(at_rate(each, kind.share) for each in signatures)
            again = interleaved(judging.rows(wider, [others[at::n] for at in range(n)]))
            low[others], high[others] = again.low[others], again.high[others]
    return low, high


class _Local:
    """Judging on this machine."""

    def __init__(self, data: Any, by: tuple[str, ...], n_jobs: int) -> None:  # noqa: ANN401 - see screen
        self.tables = Tables(data, by, n_jobs=n_jobs)
        self.keys: Keys = self.tables.keys

    def rows(self, signatures: Sequence[Signature], only: Sequence[BoolArray] | None = None) -> list[Rows]:
        """Return the rows of every signature."""
        asked = [None] * len(signatures) if only is None else only
        return [self.tables.judge(each, some) for each, some in zip(signatures, asked, strict=True)]

    def fallbacks(self, signatures: Sequence[Signature]) -> int:
        """Return how many keys were read one by one, over all signatures."""
        return sum(int(self.tables.of(each).singles.size) for each in signatures)

    def explain(self, signature: Signature) -> None:
        """Raise what keeps the first key from being analysed."""
        self.tables.first_error(signature)


class _Parts:
    """Judging of parts of the data by another engine."""

    def __init__(self, data: Any, by: tuple[str, ...], n_jobs: int, engine: str) -> None:  # noqa: ANN401 - see screen
        self.data, self.by, self.engine = data, by, engine
        if not is_ray(data):
            check_columns(by, adopt(data).labels)
        self.n_parts = n_jobs if n_jobs > 0 else n_processes(n_jobs, 10**9)
        self._keys: Keys | None = None

    def rows(self, signatures: Sequence[Signature], only: Sequence[BoolArray] | None = None) -> list[Rows]:
        """Return the rows of every signature."""
        import importlib

        import narwhals as nw

        from sigstats.studies.screen.engines import part

        judge = importlib.import_module(f"sigstats.studies.screen.engines.{self.engine}").judge
        wanted = None if only is None else part.selected(self.keys, only)
        task = part.Task(by=self.by, signatures=tuple(signatures), only=wanted)
        frame = judge(self.data, task, self.n_parts)
        adopted = nw.from_native(frame, eager_only=True)
        if self._keys is None:
            self._keys = find_keys(adopted, self.by)
        places, asked = self._keys.of_rows(adopted), frame[part.ASKED].to_numpy()
        return [
            part.rows_from(frame[asked == at], places[asked == at], len(self._keys))
            for at in range(len(signatures))
        ]

    @property
    def keys(self) -> Keys:
        """The keys, which are known once all parts were judged."""
        if self._keys is None:
            raise RuntimeError("the parts were not judged yet")
        return self._keys

    def fallbacks(self, signatures: Sequence[Signature]) -> None:
        """Return None: parts do not tell which keys they read one by one."""

    def explain(self, signature: Signature) -> None:
        """Raise what keeps the first key from being analysed."""
        Tables(self.data, self.by).first_error(signature)
