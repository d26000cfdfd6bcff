"""Check the card in this folder, draw its figure and write its report."""

from pathlib import Path

import sigstats as ss

HERE = Path(__file__).parent


def main() -> None:
    """Write figure.png and report.html beside this file."""
    card = ss.Card.from_toml(HERE / "card.toml")
    (signature,) = card.signatures
    verdict = ss.detect(card.sweep(signature), signature)
    print(verdict.summary(full=True))
    verdict.plot().savefig(HERE / "figure.png", dpi=110)
    (HERE / "report.html").write_text(verdict.to_html(), encoding="utf-8")


if __name__ == "__main__":
    main()
