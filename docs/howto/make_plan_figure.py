"""Draw the figure of the page on planning: ``python docs/howto/make_plan_figure.py`` writes plan.png beside it."""

from pathlib import Path

import sigstats as ss

HERE = Path(__file__).parent


def main() -> None:
    """Draw the plan that the page begins with."""
    claim = ss.Signature(shape="increasing", control="control", min_effect=2.0)
    found = ss.plan(claim, noise=1.0, seeds=3, levels=8, replications=200)
    found.plot().savefig(HERE / "plan.png", dpi=110)


if __name__ == "__main__":
    main()
