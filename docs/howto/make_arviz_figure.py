"""Draw the figure of arviz.md with the page's own code: ``python docs/howto/make_arviz_figure.py``."""

import os
import re
import shutil
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def blocks() -> list[str]:
    """Return the Python blocks of the page, up to the one that saves the figure."""
    found = re.findall(
        r"^```python\n(.*?)^```$", (HERE / "arviz.md").read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    last = next(at for at, text in enumerate(found) if "savefig" in text)
    return found[: last + 1]


def main() -> None:
    """Run the blocks where the examples are, and keep the figure."""
    import matplotlib as mpl

    mpl.use("Agg")
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "examples").symlink_to(ROOT / "examples")
        os.chdir(folder)
        scope: dict[str, object] = {}
        for text in blocks():
            exec(compile(text, "arviz.md", "exec"), scope)  # noqa: S102 - our own page
        shutil.copy("forest.png", HERE / "arviz_forest.png")
        os.chdir(here)


if __name__ == "__main__":
    main()
