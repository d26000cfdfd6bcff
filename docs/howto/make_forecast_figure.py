"""Draw the figure of forecast.md with the page's own code: ``python docs/howto/make_forecast_figure.py``."""

import os
import re
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def main() -> None:
    """Run the first Python block where the examples are, and keep the figure."""
    from PIL import Image

    text = (HERE / "forecast.md").read_text(encoding="utf-8")
    block = re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)[0]
    os.chdir(ROOT)
    names: dict[str, object] = {}
    exec(compile(block, "forecast.md", "exec"), names)  # noqa: S102 - our own page
    picture = HERE / "forecast_ntk.png"
    names["found"].plot().savefig(picture, dpi=90)  # type: ignore[attr-defined]
    Image.open(picture).convert("RGB").quantize(96).save(picture, optimize=True)


if __name__ == "__main__":
    main()
