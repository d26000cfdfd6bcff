"""Draw the figures of the how-tos by situation: ``python docs/howto/make_situation_figures.py``."""

from pathlib import Path

import sigstats as ss

HERE = Path(__file__).parent
COPYING = ss.Signature(
    knob="step", metric="copying", seed="seed", condition="text", shape="increasing",
    knob_scale="log", control="random", min_effect=0.1,
)  # fmt: skip


def save(name: str, figure) -> None:  # noqa: ANN001 - a figure of matplotlib
    """Save a figure beside the pages."""
    figure.savefig(HERE / f"{name}.png", dpi=200 if name == "paper_column" else 120)


if __name__ == "__main__":
    crops = ss.detect(
        ss.example_data("crops"), knob="crops", metric="accuracy", seed="seed", condition="images",
        shape="increasing", knob_scale="log", control="repeated", min_effect=0.05,
    )  # fmt: skip
    save("paper_column", crops.plot(width="column", title=False))
    warmup = ss.detect(
        ss.example_data("warmup"), knob="warmup", metric="loss", seed="seed", condition="network",
        shape="decreasing", levels=["off", "on"], control="shallow", min_effect=0.1,
    )  # fmt: skip
    save("two_levels", warmup.plot(width="page"))
    questions = ss.compare(
        ss.example_data("questions"), metric="right", seed="run", condition="model", item="question",
        baseline="base", over=["seed", "item"],
    )  # fmt: skip
    save("items", questions.plot())
    heads = ss.screen(ss.example_data("heads"), COPYING, by="head")
    save(
        "many_signatures",
        ss.plot_grid({name: heads.verdict(name) for name in ("L2H1", "L3H0", "L0H0")}, width="page"),
    )
