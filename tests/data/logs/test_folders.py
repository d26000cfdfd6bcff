"""Folders are walked without following links, and files opened without waiting."""

import os
from pathlib import Path

import pytest

from sigstats.data.logs.folders import Walk, name_below, open_file, read_bytes
from sigstats.data.logs.model import LogError


def walked(root, **options):
    walk = Walk(root=root, **options)
    return {name_below(folder, root): names for folder, names in walk.folders()}, walk


def test_folders_come_in_order_with_their_sorted_names(tmp_path):
    for name in ("b/2", "a/1", "a/0"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "b" / "file").touch()
    found, _ = walked(tmp_path)
    assert list(found) == [tmp_path.name, "a", "a/0", "a/1", "b", "b/2"]
    assert found["b"] == ("2", "file")


def test_links_are_listed_and_not_followed(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.csv").write_text("step,loss\n1,1\n")
    root = tmp_path / "root"
    root.mkdir()
    (root / "loop").symlink_to(root)
    (root / "out").symlink_to(outside)
    (root / "file.csv").symlink_to(outside / "secret.csv")
    found, walk = walked(root)
    assert found == {"root": ()}
    assert sorted(path.name for path in walk.links) == ["file.csv", "loop", "out"]


def test_depth_and_number_of_entries_are_bounded(tmp_path):
    (tmp_path / "a/b/c").mkdir(parents=True)
    found, walk = walked(tmp_path, max_depth=1)
    assert list(found) == [tmp_path.name, "a"]
    assert [path.name for path in walk.cut] == ["b"]
    for number in range(10):
        (tmp_path / f"{number}.csv").touch()
    found, walk = walked(tmp_path, max_entries=5)
    assert sum(map(len, found.values())) <= 5
    assert walk.cut


def test_closed_folders_are_not_entered(tmp_path):
    (tmp_path / "a/b").mkdir(parents=True)
    walk = Walk(root=tmp_path)
    walk.closed.add(tmp_path / "a")
    assert [folder for folder, _ in walk.folders()] == [tmp_path]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_cannot_be_listed_is_a_problem(tmp_path):
    locked = tmp_path / "locked"
    locked.mkdir(mode=0)
    try:
        _, walk = walked(tmp_path)
        assert [path for path, _ in walk.unreadable] == [locked]
    finally:
        locked.chmod(0o700)


def test_a_folder_that_vanished_is_a_problem(tmp_path):
    _, walk = walked(tmp_path / "gone")
    assert walk.unreadable[0][0] == tmp_path / "gone"


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda path: path.mkdir(), "UNREADABLE NOT_A_FILE"),
        (os.mkfifo, "NOT_A_FILE"),
        (lambda path: path.symlink_to(__file__), "UNREADABLE"),
        (lambda _: None, "UNREADABLE"),
        (lambda path: path.write_bytes(b"12345"), "TOO_LARGE"),
    ],
    ids=["folder", "pipe", "link", "nothing", "large"],
)
def test_only_regular_files_up_to_a_size_are_opened(tmp_path, make, code):
    make(tmp_path / "x")
    with pytest.raises(LogError) as caught:
        read_bytes(tmp_path / "x", max_bytes=4)
    assert caught.value.code in code.split()


def test_a_file_is_opened_read_only(tmp_path):
    (tmp_path / "x").write_bytes(b"12")
    with open_file(tmp_path / "x") as handle:
        assert not handle.writable()
        assert handle.read() == b"12"


def test_names_are_places_below_the_root():
    assert name_below(Path("/r/a/b"), Path("/r")) == "a/b"
    assert name_below(Path("/r/"), Path("/r")) == "r"
    assert name_below(Path("/elsewhere/x"), Path("/r")) == "x"
