"""A bar is shown to whoever can see it, after two seconds, and to nobody else."""

import sys
import types

import pytest

from sigstats.data import progress as bars


class Handle:
    def __init__(self, shown):
        self.shown = [shown]

    def update(self, shown):
        self.shown.append(shown)


@pytest.fixture
def notebook(monkeypatch):
    """Let the program believe that it runs in a notebook; return what is displayed there."""
    handles = []

    def display(shown, *, display_id):
        assert display_id
        handles.append(Handle(shown))
        return handles[-1]

    shell = type("ZMQInteractiveShell", (), {"kernel": object()})()
    ipython = types.ModuleType("IPython")
    ipython.get_ipython = lambda: shell
    inner = types.ModuleType("IPython.display")
    inner.display = display
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", inner)
    return handles


def test_a_notebook_shows_a_bar_below_the_cell_and_takes_it_away(notebook, monkeypatch, capsys):
    monkeypatch.setattr(bars, "PATIENCE", 0.0)
    monkeypatch.setattr(bars, "PAUSE", 0.0)
    with bars.progress("<b>runs</b>", 2) as advance:
        advance()
        advance()
    (handle,) = notebook
    said = [each._repr_html_() for each in handle.shown]
    assert 'value="1" max="2"' in said[0]
    assert "&lt;b&gt;runs" in said[0]
    assert "2 of 2" in said[1]
    assert said[-1] == ""
    assert capsys.readouterr() == ("", "")


def test_quick_work_shows_nothing(notebook):
    with bars.progress("runs", 1) as advance:
        advance()
    assert notebook == []


def test_a_file_gets_nothing(capsys, monkeypatch):
    monkeypatch.setattr(bars, "PATIENCE", 0.0)
    with bars.progress("runs", 1) as advance:
        advance()
    assert capsys.readouterr() == ("", "")
