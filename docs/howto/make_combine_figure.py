"""Draw the figure of the page on combining studies: ``python docs/howto/make_combine_figure.py``."""

from pathlib import Path

import pandas as pd

import sigstats as ss

HERE = Path(__file__).parent
DATA = HERE.parents[1] / "examples" / "replications" / "procgen.csv"


def main() -> None:
    """Write the figure."""
    table = pd.read_csv(DATA)
    columns = {"knob": "million_steps", "metric": "mean_return", "seed": "run", "condition": "split"}
    verdicts = {
        str(game): ss.detect(
            rows, **columns, treatment="train", control="test", shape="increasing", min_effect=1
        )
        for game, rows in table.groupby("game")
    }
    ss.combine(verdicts, of="contrast").plot().savefig(HERE / "combine_forest.png", dpi=130)


if __name__ == "__main__":
    main()
