"""Every format is described, has a sample, and is found in it."""

from pathlib import Path

import pytest

from sigstats import read_runs
from sigstats.data.logs.formats import registry

SAMPLES = Path(__file__).parents[1] / "samples"


@pytest.mark.parametrize("form", registry.formats(), ids=lambda form: form.name)
def test_every_format_says_who_writes_it_what_is_read_and_what_is_not(form):
    assert all((form.title, form.written_by, form.reads, form.leaves))


@pytest.mark.long
@pytest.mark.parametrize("form", registry.formats(), ids=lambda form: form.name)
def test_every_format_is_found_in_its_sample(form):
    runs = read_runs(SAMPLES / form.name)
    assert form.name in {source.format.name for source in runs.sources}
    assert any(each.format == form.name for each in runs.outlines)


def test_no_sample_is_read_by_a_format_that_was_not_meant():
    """A file of one format must not look like one of another."""
    for folder in sorted(
        path for path in SAMPLES.iterdir() if path.name in {f.name for f in registry.formats()}
    ):
        sources = [each for each in read_runs(folder).sources if each.path.name != "expected.json"]
        found = {source.format.name for source in sources}
        assert found == {folder.name}, folder.name
