"""Draw the figures of robust.md with the page's own code: ``python docs/howto/make_robust_figures.py``."""

import os
import re
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FIGURES = {"stands": "robust_peak.png", "hangs": "robust_maze.png", "turns": "robust_turn.png"}


def main() -> None:
    """Run the Python blocks where the examples are, and keep the figures."""
    from PIL import Image

    text = (HERE / "robust.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "examples").symlink_to(ROOT / "examples")
        os.chdir(folder)
        scope: dict[str, object] = {}
        for block in blocks:
            exec(compile(block, "robust.md", "exec"), scope)  # noqa: S102 - our own page
        for result, name in FIGURES.items():
            scope[result].plot().savefig(name, dpi=75)  # type: ignore[attr-defined]
            Image.open(name).convert("RGB").quantize(96).save(HERE / name, optimize=True)
        os.chdir(here)


if __name__ == "__main__":
    main()
