"""The works that a methods section cites."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A work."""

    cited: str  # how a sentence names it
    work: str  # authors, title, journal, year
    doi: str


REFERENCES = {
    "berger": Reference(
        cited="Berger, 1982",
        work="R. L. Berger, Multiparameter hypothesis testing and acceptance sampling, Technometrics 24 (1982).",
        doi="10.1080/00401706.1982.10487790",
    ),
    "clopper_pearson": Reference(
        cited="Clopper and Pearson, 1934",
        work="C. J. Clopper and E. S. Pearson, The use of confidence or fiducial limits illustrated in the case of the "
        "binomial, Biometrika 26 (1934).",
        doi="10.1093/biomet/26.4.404",
    ),
    "crawford_howell": Reference(
        cited="Crawford and Howell, 1998",
        work="J. R. Crawford and D. C. Howell, Comparing an individual's test score against norms derived from small "
        "samples, The Clinical Neuropsychologist 12 (1998).",
        doi="10.1076/clin.12.4.482.7241",
    ),
    "fieller": Reference(
        cited="Fieller, 1954",
        work="E. C. Fieller, Some problems in interval estimation, Journal of the Royal Statistical Society B 16 "
        "(1954).",
        doi="10.1111/j.2517-6161.1954.tb00159.x",
    ),
    "pitman": Reference(
        cited="Pitman, 1937",
        work="E. J. G. Pitman, Significance tests which may be applied to samples from any populations, Supplement to "
        "the Journal of the Royal Statistical Society 4 (1937).",
        doi="10.2307/2984124",
    ),
    "gelman": Reference(
        cited="Gelman, 2006",
        work="A. Gelman, Prior distributions for variance parameters in hierarchical models, Bayesian Analysis 1 "
        "(2006).",
        doi="10.1214/06-BA117A",
    ),
    "goeman_solari": Reference(
        cited="Goeman and Solari, 2011",
        work="J. J. Goeman and A. Solari, Multiple testing for exploratory research, Statistical Science 26 (2011).",
        doi="10.1214/11-STS356",
    ),
    "jonckheere": Reference(
        cited="Jonckheere, 1954",
        work="A. R. Jonckheere, A distribution-free k-sample test against ordered alternatives, Biometrika 41 (1954).",
        doi="10.1093/biomet/41.1-2.133",
    ),
    "kendall": Reference(
        cited="Kendall, 1938",
        work="M. G. Kendall, A new measure of rank correlation, Biometrika 30 (1938).",
        doi="10.2307/2332226",
    ),
    "spiegelhalter": Reference(
        cited="Spiegelhalter, Freedman and Blackburn, 1986",
        work="D. J. Spiegelhalter, L. S. Freedman and P. R. Blackburn, Monitoring clinical trials: conditional or "
        "predictive power?, Controlled Clinical Trials 7 (1986).",
        doi="10.1016/0197-2456(86)90003-6",
    ),
    "welch": Reference(
        cited="Welch, 1947",
        work="B. L. Welch, The generalization of Student's problem when several different population variances are "
        "involved, Biometrika 34 (1947).",
        doi="10.1093/biomet/34.1-2.28",
    ),
}
