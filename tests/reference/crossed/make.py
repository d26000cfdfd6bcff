"""Known answers for hierarchical_slopes with items: statsmodels' fit, and a Gibbs sampler that shares no code with it.

Run ``python tests/reference/crossed/make.py`` after make.R, which writes rows.csv. Takes a minute; writes
statsmodels.csv and gibbs.csv. The sampler draws all means of a model at once (they are normal), then each variance
from its inverse gamma distribution, and the half-Cauchy priors by auxiliary variables (E. Makalic and D. F. Schmidt, "A
simple sampler for the horseshoe estimator", 2016, https://doi.org/10.1109/LSP.2015.2503725).
"""

import warnings
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).parent
SCALES = {"run": 0.5, "item": 0.8, "rest": 0.6}  # of the half-Cauchy priors
CHAINS, KEPT, BURNED = 400, 2_500, 300


def tables(rows):
    """Return the least-squares slope of each run on each item, one table per condition."""
    found = {}
    for condition, mine in rows.groupby("condition"):
        block = mine.pivot_table(index=["run", "item"], columns="level", values="score")
        x = np.linspace(-0.5, 0.5, block.shape[1])
        slopes = pd.Series(block.to_numpy() @ x / (x @ x), index=block.index)
        found[condition] = slopes.unstack("item")
    return found


def by_statsmodels(table):
    """Return the variances and the mean of the crossed model, by restricted maximum likelihood."""
    import statsmodels.formula.api as smf

    cells = table.stack().rename("slope").reset_index()
    parts = {"run": "0 + C(run)", "item": "0 + C(item)"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = smf.mixedlm("slope ~ 1", cells, groups=np.ones(len(cells)), vc_formula=parts, re_formula="0")
        fit = model.fit(reml=True, method="powell", maxiter=10_000, gtol=1e-12)
    named = dict(zip(model.exog_vc.names, fit.vcomp, strict=True))
    return {
        "mean": fit.fe_params.iloc[0],
        "se": fit.bse_fe.iloc[0],
        **named,
        "rest": fit.scale,
    }


def design_of_one(table):
    """Return y, the design of mean, runs and items, and which variance each column and row belongs to."""
    n_runs, n_items = table.shape
    run, item = (each.ravel() for each in np.indices(table.shape))
    columns = [
        np.ones(run.size),
        *np.equal.outer(np.arange(n_runs), run),
        *np.equal.outer(np.arange(n_items), item),
    ]
    return (
        table.to_numpy().ravel(),
        np.array(columns, dtype=float).T,
        [None, *["run"] * n_runs, *["item"] * n_items],
        np.array(["rest"] * run.size),
    )


def design_of_two(first, second):
    """Return the same for a difference: each item's level in both is free, and its difference is drawn."""
    n_items = first.shape[1]
    ys, blocks, rows = [], [], []
    for sign, own, table in ((0.5, 0, first), (-0.5, 1, second)):
        run, item = (each.ravel() for each in np.indices(table.shape))
        of_item = np.equal.outer(item, np.arange(n_items)).astype(float)
        of_run = np.zeros((run.size, len(first) + len(second)))
        of_run[np.arange(run.size), run + own * len(first)] = 1.0
        blocks.append(np.column_stack([np.full(run.size, sign), of_run, sign * of_item, of_item]))
        ys.append(table.to_numpy().ravel())
        rows += [f"rest {own}"] * run.size
    runs = ["run 0"] * len(first) + ["run 1"] * len(second)
    return (
        np.concatenate(ys),
        np.concatenate(blocks),
        [None, *runs, *["item"] * n_items, *[None] * n_items],
        np.array(rows),
    )


def gibbs(y, design, kinds, rows, rng):
    """Return draws of the first coefficient and of the standard deviations, shape (chains, draws)."""
    names = [each for each in dict.fromkeys(kinds) if each] + list(dict.fromkeys(rows))
    scale = {name: SCALES[name.split()[0]] for name in names}
    variance = {name: np.full(CHAINS, scale[name] ** 2) * rng.uniform(0.5, 2.0, CHAINS) for name in names}
    helper = {name: np.full(CHAINS, scale[name] ** 2) for name in names}
    kept = {name: np.empty((CHAINS, KEPT)) for name in ("mean", "these", *names)}
    grams = {
        name: (design[rows == name].T @ design[rows == name], design[rows == name].T @ y[rows == name])
        for name in set(rows)
    }
    places = {name: [k for k, kind in enumerate(kinds) if kind == name] for name in names}
    for step in range(-BURNED, KEPT):
        precision = sum(grams[name][0] / variance[name][:, None, None] for name in grams)
        score = sum(grams[name][1] / variance[name][:, None] for name in grams)
        for name, where in places.items():
            if where:
                precision[:, where, where] += 1.0 / variance[name][:, None]
        root = np.linalg.cholesky(precision)
        half = np.linalg.solve(root, score[..., None]) + rng.standard_normal((CHAINS, design.shape[1], 1))
        beta = np.linalg.solve(np.swapaxes(root, 1, 2), half)[..., 0]
        left = y - beta @ design.T
        for name in names:
            where = places[name]
            squares = (beta[:, where] ** 2).sum(axis=1) if where else (left[:, rows == name] ** 2).sum(axis=1)
            count = len(where) or int((rows == name).sum())
            variance[name] = (0.5 * squares + 1.0 / helper[name]) / rng.standard_gamma(
                0.5 * (count + 1), CHAINS
            )
            helper[name] = (1.0 / variance[name] + scale[name] ** -2.0) / rng.standard_gamma(1.0, CHAINS)
        if step >= 0:
            kept["mean"][:, step] = beta[:, 0]
            kept["these"][:, step] = beta[:, 0] + beta[:, places["item"]].mean(axis=1)
            for name in names:
                kept[name][:, step] = np.sqrt(variance[name])
    return kept


def summaries(case, kept):
    """Return one row for each number, with its Monte Carlo standard error from the chains."""
    rows = []
    for name, draws in kept.items():
        measures = {"median": np.median(draws, axis=1)}
        if name in ("mean", "these"):
            measures |= {
                "mean": draws.mean(axis=1),
                "square": (draws**2).mean(axis=1),
                "positive": (draws > 0).mean(axis=1),
            }
        ends = np.quantile(draws, [0.05, 0.95])
        measures |= {f"below {end:.6f}": (draws <= end).mean(axis=1) for end in ends}
        rows += [
            {
                "case": case,
                "parameter": name,
                "number": number,
                "value": each.mean(),
                "error": each.std(ddof=1) / CHAINS**0.5,
            }
            for number, each in measures.items()
        ]
    return rows


def main():
    """Write both files."""
    found = tables(pd.read_csv(HERE / "rows.csv"))
    fits = [{"case": case, **by_statsmodels(table)} for case, table in found.items()]
    pd.DataFrame(fits).to_csv(HERE / "statsmodels.csv", index=False, float_format="%.10g")
    rng = np.random.default_rng(616)
    rows = [
        row for case, table in found.items() for row in summaries(case, gibbs(*design_of_one(table), rng))
    ]
    rows += summaries("new - old", gibbs(*design_of_two(found["new"], found["old"]), rng))
    pd.DataFrame(rows).to_csv(HERE / "gibbs.csv", index=False, float_format="%.8g")


if __name__ == "__main__":
    main()
