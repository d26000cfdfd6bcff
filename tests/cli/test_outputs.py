"""Files that commands write: a figure in the format of its name, and nothing over what is read."""

from pathlib import Path

import pytest

from sigstats.cli import outputs
from sigstats.errors import InputError, OptionError

SIGNATURES = {b"\x89PNG": ".png", b"%PDF": ".pdf", b"<?xml": ".svg"}


CARD = """
[[signature]]
name = "{name}"
data = "sweep.csv"
shape = "increasing"
"""


@pytest.fixture
def own(tmp_path):
    """Return a folder with data and cards."""
    (tmp_path / "sweep.csv").touch()
    (tmp_path / "one.toml").write_text(CARD.format(name="rises"))
    (tmp_path / "two.toml").write_text(CARD.format(name="rises") + CARD.format(name="again"))
    return tmp_path


@pytest.mark.parametrize("which", ["one.toml", "sweep.csv", "one.toml.lock"])
def test_nothing_is_written_over_what_is_read(own, which):
    """Not the card, not its lock, not the data that it names, not even with --force."""
    (own / "one.toml.lock").touch()
    read = outputs.inputs_of(str(own / "one.toml"))
    with pytest.raises(OptionError, match="is the card or its data"):
        outputs.refuse((own / which,), read, force=True)


def test_nothing_in_a_folder_of_data_is_replaced(tmp_path):
    """A log that is read is not replaced; a new file may stand beside it."""
    log = tmp_path / "logs" / "one.csv"
    log.parent.mkdir()
    log.touch()
    with pytest.raises(OptionError, match="is the card or its data"):
        outputs.refuse((log,), (log.parent,), force=True)
    outputs.refuse((log.parent / "report.html",), (log.parent,), force=False)


def test_two_answers_do_not_share_a_file(tmp_path):
    with pytest.raises(OptionError, match="another of the files"):
        outputs.refuse((tmp_path / "a.svg", tmp_path / "x" / ".." / "a.svg"), (), force=False)


def test_a_file_that_exists_is_kept_unasked(own):
    with pytest.raises(InputError, match="pass --force"):
        outputs.refuse((own / "two.toml",), (), force=False)


class Picture:
    """Stands for a result."""

    def plot(self):
        from matplotlib.figure import Figure

        return Figure()


@pytest.mark.long
@pytest.mark.parametrize(("start", "ending"), SIGNATURES.items())
def test_a_figure_has_the_format_of_its_name(start, ending):
    assert outputs.drawn([Picture()], Path(f"a{ending.upper()}")).startswith(start)


def test_one_answer_is_drawn(own):
    """Of several, one must be chosen; that is said before anything is computed."""
    with pytest.raises(OptionError, match="choose one with --signature"):
        outputs.check_picture(Path("a.png"), str(own / "two.toml"))
    outputs.check_picture(Path("a.png"), str(own / "two.toml"), "rises")
    with pytest.raises(OptionError, match=r"must end in one of \('.pdf', '.png', '.svg'\)"):
        outputs.check_picture(Path("a.gif"))
