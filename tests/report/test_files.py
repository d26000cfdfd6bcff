import os
import stat
import sys

import pytest

from sigstats.errors import OutputError
from sigstats.report import files

posix = pytest.mark.skipif(sys.platform == "win32", reason="permissions of a POSIX file system")


def test_a_report_is_written_as_utf8(tmp_path):
    """The text arrives whole, and nothing else is left in the directory."""
    path = files.write_report(tmp_path / "report.html", "größer\n")
    assert path.read_bytes() == "größer\n".encode()
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_exists_is_kept(tmp_path):
    """Without permission to overwrite, the old report stays."""
    path = tmp_path / "report.html"
    path.write_text("old")
    with pytest.raises(OutputError, match="exists already"):
        files.write_report(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@posix
def test_overwriting_keeps_the_permissions(tmp_path):
    """A private report stays private."""
    path = tmp_path / "report.html"
    path.write_text("old")
    path.chmod(0o600)
    files.write_report(path, "new", overwrite=True)
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@posix
def test_a_new_report_follows_the_umask_and_is_never_open_to_all(tmp_path):
    """Nobody but the owner and the group can ever write it."""
    path = files.write_report(tmp_path / "report.html", "new")
    assert stat.S_IMODE(path.stat().st_mode) & ~0o664 == 0


@posix
@pytest.mark.parametrize("kind", ["directory", "link", "dangling", "pipe"])
def test_only_regular_files_are_replaced(kind, tmp_path):
    """A directory, a link or a device is refused, also when overwriting is allowed."""
    path, target = tmp_path / "report.html", tmp_path / "target"
    if kind == "directory":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        if kind == "link":
            target.write_text("kept")
        path.symlink_to(target)
    with pytest.raises(OutputError, match="directory, link or device"):
        files.write_report(path, "new", overwrite=True)
    assert target.exists() == (kind == "link")


@pytest.mark.parametrize("name", ["missing/report.html", "nul\x00.html", "n" * 300])
def test_a_path_that_cannot_be_written_is_an_error_with_a_remedy(name, tmp_path):
    """The message names the path and what to do."""
    with pytest.raises(OutputError, match="choose another path"):
        files.write_report(tmp_path / name, "new")
    assert list(tmp_path.iterdir()) == []


def test_a_failure_midway_leaves_the_old_report(tmp_path, monkeypatch):
    """When the disk is full, the old report is whole and no part of the new one is left."""
    path = tmp_path / "report.html"
    path.write_text("old")

    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(OutputError, match="No space left on device"):
        files.write_report(path, "new", overwrite=True)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_appears_meanwhile_is_kept(tmp_path, monkeypatch):
    """Two writers at once: the first one's report stays."""
    path = tmp_path / "report.html"
    check = files._mode_of_existing

    def slow(target, *, overwrite):
        found = check(target, overwrite=overwrite)
        target.write_text("theirs")
        return found

    monkeypatch.setattr(files, "_mode_of_existing", slow)
    with pytest.raises(OutputError, match="exists already"):
        files.write_report(path, "ours")
    assert path.read_text() == "theirs"


def test_a_file_system_without_links_is_written_too(tmp_path, monkeypatch):
    """Where hard links are not known, a rename does."""

    def unknown(_source, _target):
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(files.os, "link", unknown)
    assert files.write_report(tmp_path / "report.html", "new").read_text() == "new"
