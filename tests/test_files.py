import pathlib
import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_gan.files import atomic, remove, write_text


def names(folder):
    return sorted(entry.name for entry in folder.iterdir())


def test_a_file_appears_only_when_the_block_ends(tmp_path):
    path = tmp_path / "note.txt"
    with atomic(path) as part:
        part.write_text("whole")
        assert not path.exists()
    assert path.read_text() == "whole"
    assert names(tmp_path) == ["note.txt"]


def test_the_part_is_hidden_in_the_same_folder_with_the_same_suffixes(tmp_path):
    with atomic(tmp_path / "archive.tar.gz") as part:
        assert part.parent == tmp_path
        assert part.name.startswith(".")
        assert part.suffixes[-2:] == [".tar", ".gz"]
        part.touch()


def test_two_writers_of_one_path_do_not_share_a_part(tmp_path):
    with atomic(tmp_path / "x") as first, atomic(tmp_path / "x") as second:
        assert first != second
        first.write_text("first")
        second.write_text("second")
    assert (tmp_path / "x").read_text() == "first"  # the outer block ends last
    assert names(tmp_path) == ["x"]


def test_a_file_is_replaced_and_stands_until_then(tmp_path):
    path = tmp_path / "note.txt"
    path.write_text("old")
    with atomic(path) as part:
        part.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_failed_block_leaves_the_old_file_and_nothing_else(tmp_path, error):
    path = tmp_path / "note.txt"
    path.write_text("old")
    with pytest.raises(error, match="half way"), atomic(path) as part:
        part.write_text("ha")
        raise error("half way")
    assert path.read_text() == "old"
    assert names(tmp_path) == ["note.txt"]


def test_a_block_that_fails_before_it_writes_leaves_nothing(tmp_path):
    with pytest.raises(RuntimeError, match="early"), atomic(tmp_path / "note.txt"):
        raise RuntimeError("early")
    assert names(tmp_path) == []


def test_a_folder_appears_whole(tmp_path):
    path = tmp_path / "model" / "1"
    with atomic(path) as part:
        (part / "variables").mkdir(parents=True)
        (part / "variables" / "data").write_text("w")
        assert not path.exists()
    assert (path / "variables" / "data").read_text() == "w"
    assert names(path.parent) == ["1"]


def test_a_failed_folder_leaves_nothing(tmp_path):
    with pytest.raises(RuntimeError, match="half way"), atomic(tmp_path / "model") as part:
        part.mkdir()
        (part / "data").write_text("w")
        raise RuntimeError("half way")
    assert names(tmp_path) == []


@pytest.mark.parametrize("kind", ["file", "empty folder", "full folder"])
def test_a_folder_never_takes_the_place_of_something(tmp_path, kind):
    path = tmp_path / "model"
    if kind == "file":
        path.write_text("old")
    else:
        path.mkdir()
    if kind == "full folder":
        (path / "old").write_text("old")
    with pytest.raises(FileExistsError, match=r"`path` must be free.*Received: path=.*model"), atomic(path) as part:
        part.mkdir()
        (part / "new").write_text("new")
    assert names(tmp_path) == ["model"]
    assert path.is_file() or not (path / "new").exists()


def test_missing_parents_are_made(tmp_path):
    write_text(tmp_path / "a" / "b" / "c.txt", "deep")
    assert (tmp_path / "a" / "b" / "c.txt").read_text() == "deep"


def test_paths_may_be_strings(tmp_path):
    write_text(str(tmp_path / "note.txt"), "text")
    with atomic(str(tmp_path / "other.txt")) as part:
        assert isinstance(part, pathlib.Path)
        part.write_text("other")
    assert names(tmp_path) == ["note.txt", "other.txt"]


@settings(max_examples=25, deadline=None, derandomize=True)
@given(old=st.text(max_size=20), new=st.text(max_size=20))
def test_text_is_utf8_whatever_it_is(tmp_path_factory, old, new):
    path = tmp_path_factory.mktemp("text") / "note.txt"
    write_text(path, old)
    write_text(path, new)
    assert path.read_bytes() == new.encode("utf-8")


def test_a_folder_is_moved_aside_before_it_is_removed(tmp_path, monkeypatch):
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "model").write_text("whole")
    seen = []

    def rmtree(path):
        seen.append((names(tmp_path), names(path)))
        real(path)

    real = shutil.rmtree
    monkeypatch.setattr(shutil, "rmtree", rmtree)
    remove(tmp_path / "1")
    ((beside, inside),) = seen
    assert (len(beside), beside[0][:5], inside) == (1, ".old-", ["model"])
    assert names(tmp_path) == []
