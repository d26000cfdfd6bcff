"""Make one small sweep in each kind of file that docs/howto/tables.md reads: python tests/data/table/make_ways.py."""

import gzip
import json
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "readers"))
from workbooks import packed, xlsx  # noqa: E402

TARGET = HERE / "samples/ways"
MODELS, SEEDS, WIDTHS = ["mlp", "cnn"], [0, 1, 2], [16, 32, 64, 128]


def main():
    rng = np.random.default_rng(0)
    gain = np.array([[[0.05]], [[0.0]]]) * np.arange(4)
    values = np.round(0.6 + gain + rng.normal(0, 0.01, (2, 3, 4)), 4)
    cells = [(m, s, k) for m in range(2) for s in range(3) for k in range(4)]
    rows = [[MODELS[m], SEEDS[s], WIDTHS[k], float(values[m, s, k])] for m, s, k in cells]
    header = ["model", "seed", "width", "accuracy"]
    text = "".join(",".join(map(str, row)) + "\n" for row in [header, *rows])
    tree = {
        model: {
            str(seed): {str(width): float(values[m, s, k]) for k, width in enumerate(WIDTHS)}
            for s, seed in enumerate(SEEDS)
        }
        for m, model in enumerate(MODELS)
    }
    TARGET.mkdir(parents=True, exist_ok=True)
    (TARGET / "results.xlsx").write_bytes(xlsx(Notes=[["Sweep of June", None]], Sweep=[header, *rows]))
    (TARGET / "results.zip").write_bytes(packed({"sweep.csv": text, "old/sweep.csv": text}))
    (TARGET / "results.json").write_text(json.dumps(tree) + "\n")
    np.savez(TARGET / "results.npz", accuracy=values, model=MODELS, seed=SEEDS, width=WIDTHS)
    for s, seed in enumerate(SEEDS):
        one = [f"{WIDTHS[k]},{values[0, s, k]}\n" for k in range(4)]
        data = gzip.compress("".join(["width,accuracy\n", *one]).encode(), mtime=0)
        (TARGET / f"seed_{seed}.csv.gz").write_bytes(data)


if __name__ == "__main__":
    main()
