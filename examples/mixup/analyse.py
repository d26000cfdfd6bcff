"""Check every signature of the card in this folder; draw a figure and write a report for each."""

from pathlib import Path

import sigstats as ss

HERE = Path(__file__).parent


def main() -> None:
    """Write figure-NAME.png and report-NAME.html for each signature beside this file, and figure-idea.png for all."""
    card = ss.Card.from_toml(HERE / "card.toml").check()
    print(card)
    card.plot().savefig(HERE / "figure-idea.png", dpi=110)
    for verdict in card.verdicts:
        print(verdict.signature.name, verdict, sep=" | ")
        name = verdict.signature.name.replace(" ", "-")
        verdict.plot().savefig(HERE / f"figure-{name}.png", dpi=110)
        (HERE / f"report-{name}.html").write_text(verdict.to_html(), encoding="utf-8")


if __name__ == "__main__":
    main()
