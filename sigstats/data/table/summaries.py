"""Rows that are no runs: means, deviations and totals that stand in a column of seeds."""

import re
import unicodedata
from collections.abc import Iterable
from pathlib import PurePosixPath

# Words are compared without case and accents. Words of other languages are those that spreadsheets write.
SUMMARY = frozenset({
    "agg", "aggregate", "aggregated", "all", "average", "averaged", "avg", "best", "ci", "confidence", "conf",
    "count", "deviation", "ensemble", "err", "error", "gmean", "geomean", "hmean", "iqm", "iqr", "lower", "mad", "max",
    "maximum", "mean", "means", "median", "min", "minimum", "overall", "percentile", "quantile", "quartile", "range",
    "sd", "se", "sem", "stat", "std", "stddev", "stderr", "stdev", "sum", "summary", "total", "totals", "upper", "var",
    "variance", "worst", "ø", "σ", "μ", "subtotal",
    "durchschnitt", "gesamt", "gesamtergebnis", "gesamtsumme", "insgesamt", "mittel", "mittelwert", "stabw", "stdabw",
    "standardabweichung", "standardfehler", "summe", "varianz", "spannweite", "anzahl",
    "ecart", "ecartype", "ecarttype", "mediane", "moyenne", "somme", "nombre",
    "desviacion", "media", "mediana", "promedio", "suma", "maximo", "minimo", "varianza", "cuenta", "recuento",
    "deviazione", "massimo", "somma", "totale", "desvio", "soma", "gemiddelde", "totaal", "srednia",
    "итого", "максимум", "медиана", "минимум", "отклонение", "среднее", "среднии", "сумма", "всего",
    "平均", "平均值", "平均値", "均值", "标准差", "標準差", "標準偏差", "中位数", "中央値", "方差", "分散", "合计",
    "合計", "总计", "總計", "总和", "最大值", "最大値", "最小值", "最小値", "평균", "표준편차", "합계",
})  # fmt: skip
# Words that may stand beside them; digits may as well.
BESIDE = frozenset({
    "a", "abs", "absolute", "across", "arithmetic", "bound", "by", "de", "del", "des", "dev", "der", "die", "estandar",
    "geometric", "geom", "grand", "harmonic", "hi", "high", "interval", "le", "la", "lo", "low", "n", "of", "over", "p",
    "padrao", "pm", "q", "quadratic", "row", "run", "runs", "sample", "score", "seed", "seeds", "standard", "tension",
    "the", "trial", "trials", "trimmed", "truncated", "type", "up", "value", "weighted", "values", "квадратичное",
    "стандартное", "tipica", "general",
})  # fmt: skip
ALONE = frozenset({"s.d.", "±", "+/-", "+-", "n runs", "n seeds", "# seeds", "# runs"})
WORD = re.compile(r"[^\W\d_]+")
PERCENT = re.compile(r"[0-9]{1,3}([.,][0-9]+)?\s*(%|th|st|nd|rd)([ _-]*(percentile|quantile|quartile))?")
QUANTILE = re.compile(r"([pq])[ _.]?0*(\d{1,3}(?:[.,]\d+)?)")
USUAL_QUANTILES = frozenset(
    {"1", "2.5", "2,5", "3", "5", "10", "25", "50", "75", "90", "95", "97.5", "97,5", "99"}
)
ENDINGS = frozenset({
    ".csv", ".tsv", ".tab", ".txt", ".dat", ".json", ".jsonl", ".ndjson", ".parquet", ".pq", ".feather", ".arrow",
    ".ipc", ".xlsx", ".xlsm", ".xls", ".ods", ".npz", ".npy", ".gz", ".bz2", ".xz", ".zst", ".zip",
})  # fmt: skip
LONG = 60


def is_summary_name(name: str, beside: Iterable[str] = ()) -> bool:
    """Return whether an id names a summary over runs, such as 'mean', 'ci95', 'run_mean.csv' or 'std (5 seeds)'.

    Of a path, one part is enough. `beside` are further words that say nothing, as names of runs share them.
    """
    if len(name) > LONG and "/" not in name:
        return False
    known = BESIDE | set(beside)
    return any(_is_summary(part, known) for part in _plain(name).split("/"))


def summaries_among(names: Iterable[str]) -> list[str]:
    """Return the names of a column that are summaries over runs, where the names of runs may share words."""
    names = list(names)
    words = [set(WORD.findall(_plain(name))) for name in names]
    shared = set.intersection(*words) - SUMMARY if len(words) > 1 else set()
    quantiles = [QUANTILE.fullmatch(_plain(name)) for name in names]
    # Among runs named p0, p1, p2 ... p50 is a run.
    usual = all(found[2] in USUAL_QUANTILES for found in quantiles if found)
    some = usual and 0 < sum(found is not None for found in quantiles) < len(names)
    # Among runs named a, b, c ... n is a run; among others it is their number.
    letters = [name for name in names if len(name) == 1 and name.isalpha()]
    counts = {"n"} if len(letters) == 1 and len(names) > 1 else set()
    return [
        name
        for name, found in zip(names, quantiles, strict=True)
        if is_summary_name(name, shared) or (some and found) or name.strip().casefold() in counts
    ]


def may_be_summary(name: str) -> bool:
    """Return whether an id could name a summary, whatever the other names of its column are."""
    parts = [
        each for part in _plain(name).split("/") for each in (part.strip(), part.replace(".", "").strip())
    ]
    odd = any(each in ALONE or PERCENT.fullmatch(each) or QUANTILE.fullmatch(each) for each in parts)
    return odd or "n" in parts or any(word in SUMMARY for each in parts for word in WORD.findall(each))


def _plain(name: str) -> str:
    """Return a name in small letters, without accents and the endings of files."""
    path = PurePosixPath(name.strip())
    while path.suffix.casefold() in ENDINGS and path.stem:
        path = path.with_suffix("")
    text = unicodedata.normalize("NFKD", str(path).casefold())
    return unicodedata.normalize("NFC", "".join(mark for mark in text if not unicodedata.combining(mark)))


def _is_summary(name: str, beside: set[str] | frozenset[str]) -> bool:
    if name.strip() in ALONE or PERCENT.fullmatch(name.strip()):
        return True
    if "." in name and _is_summary(name.replace(".", ""), beside):
        return True  # s.d. and std.err.
    words = WORD.findall(name)
    known = all(word in SUMMARY or word in beside for word in words)
    return known and any(word in SUMMARY for word in words)
