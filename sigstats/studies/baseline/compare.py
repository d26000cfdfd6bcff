"""The path from a table to an answer without a knob: runs -> tests -> rule, for each treatment."""

from collections.abc import Mapping
from typing import Any, Literal

from sigstats.data.memory import says_need
from sigstats.detection import signature_stands_alone, versions
from sigstats.errors import OptionError, SignatureError, knows_keywords, unknown_option
from sigstats.shapes.against import AGAINST, Better
from sigstats.signature.fields import Aggregate, Correction, MetricScale
from sigstats.signature.signature import Signature
from sigstats.studies.baseline.against import against, group_of
from sigstats.studies.baseline.corrections import correction_made, sides_of
from sigstats.studies.baseline.evidence import ask, control_tests, tests_of
from sigstats.studies.baseline.judge import together
from sigstats.studies.baseline.notes import not_dunnett, notes_on
from sigstats.studies.baseline.result import Comparison
from sigstats.studies.baseline.table import RunsTable, read
from sigstats.verdict.decision import Provenance

DESIGNS: dict[object, str] = {"auto": "auto", True: "repeated", False: "independent"}


@knows_keywords
@says_need
@signature_stands_alone
def compare(
    data: Any,  # noqa: ANN401 - any data frame that narwhals knows
    signature: Signature | None = None,
    *,
    metric: str | None = None,
    seed: str | None = None,
    condition: str | None = None,
    treatment: object = None,
    baseline: object = None,
    claim: Literal["higher", "lower", "equivalent", "not_worse"] = "higher",
    min_effect: float | str | None = None,
    better: Better = "higher",
    paired: bool | Literal["auto"] = "auto",
    control: object = None,
    item: str | None = None,
    over: object = "seed",
    correction: Correction = "holm",
    metric_scale: MetricScale = "linear",
    quiet_fraction: float = 0.5,
    alpha: float = 0.05,
    where: Mapping[str, Any] | None = None,
    aggregate: Aggregate | None = None,
) -> Comparison:
    """Decide whether treatments are higher or lower than a baseline, equivalent to it, or not worse.

    Parameters
    ----------
    data : data frame
        One row per run, or per run and item: pandas, polars, pyarrow or any other frame that narwhals knows.
    signature : Signature or None
        What was claimed, with ``shape="higher"`` and a `baseline`; instead of the keywords below.
    metric, seed, condition : str or None
        Columns; None means the column that has the word itself as its name.
    treatment : str or list of str or None
        Conditions about which something is claimed; None means all but the baseline and the controls.
    baseline : str
        The condition that they are compared with.
    claim : {"higher", "lower", "equivalent", "not_worse"}
        What is claimed of the mean of each treatment.
    min_effect : float, str or None
        Smallest difference that would matter, in units of the metric, in (0, inf), or as a part of the baseline's mean,
        as in ``"2%"``. The margin of "equivalent" and "not_worse", which need one.
    better : {"higher", "lower"}
        Which values are better, for "not_worse".
    paired : {"auto"} or bool
        Whether runs with one label belong together; "auto" pairs labels that recur.
    control : str or list of str or None
        Conditions that should not differ from the baseline, such as a placebo: the treatment's gain must exceed theirs.
    item : str or None
        Column of what was repeated within a run: test items, prompts, environments, folds.
    over : {"seed", "item"} or both in a list
        What the claim generalises over: new runs on these items, new items with these runs, or both.
    correction : {"holm", "dunnett", "none"}
        Correction for several treatments. "holm" holds whatever the variances are; "dunnett" is exact for normal runs
        of one variance; where sample variances differ by more than a factor of 4, Holm's takes its place, with a note.
    metric_scale : {"linear", "log", "logit"}
        Scale on which the metric is analysed.
    quiet_fraction : float
        Part of the treatment's gain that a quiet control stays below, in (0, 1).
    alpha : float
        Error rate of each one-sided claim, in (0, 0.5).
    where : mapping or None
        Rows to use: values, lists or inclusive ranges by column; never an expression.
    aggregate : {None, "mean", "median", "min", "max"}
        How several rows of one run become one value, where no `item` is named; None refuses them.

    Returns
    -------
    Comparison
        Status, reasons, numbers and reports, for each treatment and together.

    Raises
    ------
    TableError
        If the data cannot be used.
    SignatureError
        If the claim makes no sense or does not fit the table.

    See Also
    --------
    sigstats.detect : Claims along a knob, also one that was only on or off.

    Notes
    -----
    *Method.* Differences of runs that share a label are taken within them, and tested by Student's t; fresh runs by
    Welch's t, with Cochran's degrees of freedom where few runs stand against more. New runs *and* items: crossed random
    effects, the variance by two-way analysis of variance. Margins that are a part of the baseline's mean are tested by
    Fieller's method. Nothing is claimed from fewer than 3 runs (or items, where the claim is about new ones).

    *Assumptions.* Runs are independent of each other, their means near normal below about 6 runs.

    *What would fool it.* Items taken for runs; runs picked after their results were seen; a baseline with less tuning.

    References
    ----------
    .. [1] B. L. Welch, "The generalization of Student's problem when several different population variances are
           involved", Biometrika 34 (1947). https://doi.org/10.1093/biomet/34.1-2.28
    .. [2] D. J. Schuirmann, "A comparison of the two one-sided tests procedure and the power approach", Journal of
           Pharmacokinetics and Biopharmaceutics 15 (1987). https://doi.org/10.1007/BF01068419
    .. [3] S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6
           (1979).

    Examples
    --------
    >>> import pandas as pd
    >>> runs = {"adamw": [0.71, 0.70, 0.73, 0.72], "muon": [0.76, 0.74, 0.78, 0.75]}
    >>> rows = [(name, seed, value) for name, values in runs.items() for seed, value in enumerate(values)]
    >>> frame = pd.DataFrame(rows, columns=["condition", "seed", "metric"])
    >>> found = compare(frame, baseline="adamw", claim="higher")
    >>> found.status
    <Status.PRESENT: 'present'>
    >>> round(found.rows[0].difference.value, 4)
    0.0425
    """
    if signature is None:
        if claim not in AGAINST:
            raise OptionError(unknown_option("claim", claim, AGAINST))
        if not any(paired is each or paired == each for each in DESIGNS):
            raise OptionError(f"`paired` is {paired!r}; it must be 'auto', True or False.")
        if better != "higher" and claim != "not_worse":
            raise OptionError(
                f"`better` is {better!r}, which only the claim 'not_worse' needs; {claim!r} says its direction itself."
            )
        signature = Signature(
            metric=metric,
            seed=seed,
            condition=condition,
            shape={"name": claim, "better": better} if claim == "not_worse" else claim,
            treatment=treatment,
            baseline=baseline,
            control=control,
            min_effect=min_effect,
            design=DESIGNS[paired],  # type: ignore[arg-type]
            item=item,
            over=over,
            correction=correction,
            metric_scale=metric_scale,
            quiet_fraction=quiet_fraction,
            alpha=alpha,
            where=where,
            aggregate=aggregate,
        )
    if not signature.shape.against_baseline:
        raise SignatureError(
            f"the shape {signature.shape.name!r} runs along a knob; `compare` decides claims on a baseline "
            f"{tuple(sorted(AGAINST))}. Use sigstats.detect."
        )
    return _compared(read(data, signature), signature)


def _compared(table: RunsTable, signature: Signature) -> Comparison:
    """Return the answer for each treatment, and for all together."""
    others = {signature.baseline, *(signature.control or ())}
    treatments = [name for name in table.conditions if name not in others]
    question = ask(table, signature, treatments)
    tests = {name: tests_of(question, name) for name in treatments}
    controls = {name: control_tests(question, name) for name in treatments}
    correction = correction_made(question, signature)
    sides = sides_of(question, tests, controls, signature, correction)
    rows = tuple(
        against(table, question, name, tests[name], controls[name], sides[name], signature)
        for name in treatments
    )
    status, reasons = together([(row.status, row.reasons) for row in rows])
    return Comparison(
        status=status,
        reasons=reasons,
        notes=(*table.notes, *notes_on(question, rows), *not_dunnett(signature, correction, len(rows))),
        rows=rows,
        groups=tuple(group_of(table, name, signature) for name in table.conditions),
        population=question.population,
        correction=correction,
        unit=table.metric,
        signature=signature,
        provenance=Provenance(
            data_hash=table.data_hash, n_rows=table.n_rows, entropy=None, versions=versions()
        ),
    )
