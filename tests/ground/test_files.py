import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_gan.ground import files
from keras_gan.ground.files import atomic, remove, write_text


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


@pytest.mark.parametrize("name", ["n" * 251 + ".png", "\u00fc" * 125 + ".png"])
def test_a_name_may_be_as_long_as_file_systems_take(tmp_path, name):
    with atomic(tmp_path / name) as part:
        assert part.suffix == ".png"
        part.write_text("whole")
    assert [path.name for path in tmp_path.iterdir()] == [name]


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
    with pytest.raises(FileExistsError, match=r"`path` must not exist.*Received: path=.*model"), atomic(path) as part:
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


# -- What is read -----------------------------------------------------------------------------------------------------


def make_pipe(path):
    os.mkfifo(path)


def make_loop(path):
    path.symlink_to(path.name)


def make_device(path):
    path.symlink_to("/dev/zero")


ODD = {
    "a pipe": (make_pipe, "a pipe"),
    "a folder": (pathlib.Path.mkdir, "a folder"),
    "a link to itself": (make_loop, "a link that leads to itself"),
    "a device": (make_device, "a device or a socket"),
}


@pytest.mark.parametrize("make", ODD)
def test_only_regular_files_are_read(tmp_path, make):
    stand, what = ODD[make]
    stand(tmp_path / "x")
    for read in (files.open_regular, files.read_text, files.read_json):
        with pytest.raises(ValueError, match=rf"x must be a regular file. Received: {what}"):
            read(tmp_path / "x")


def test_links_are_followed_only_where_they_may_be(tmp_path):
    (tmp_path / "real").write_text('{"step": 3}')
    (tmp_path / "link").symlink_to("real")
    assert files.read_json(tmp_path / "link") == {"step": 3}
    with pytest.raises(ValueError, match=r"Received: a link$"):
        files.read_json(tmp_path / "link", links=False)
    (tmp_path / "broken").symlink_to("nothing")
    for links in (True, False):
        with pytest.raises(ValueError if not links else FileNotFoundError):
            files.read_text(tmp_path / "broken", links=links)


NO_JSON = {
    "deep lists": "[" * 100_000,
    "deep objects": '{"a":' * 100_000,
    "deep, and whole": '{"a":' + "[" * 200 + "]" * 200 + "}",
    "empty": "",
    "cut": '{"step": 3',
    "two": "{}{}",
    "a list": "[1]",
    "a key twice": '{"step": 3, "more": {"epoch": 3, "epoch": 1}}',
    "a number": "3",
    "a huge integer": '{"step": 1' + "0" * 400 + "}",
    "a longer integer": '{"step": 1' + "0" * 5000 + "}",
    "an integer of 65 bits": f'{{"step": {2**64}}}',
    "half a character": r'{"name": "\ud800"}',
    "half a character as a key": r'{"\udfff": 1}',
    "no UTF-8": b'{"name": "\xff"}',
    "UTF-16": '{"step": 3}'.encode("utf-16"),
    "zeros": b"\0" * 100,
}


@pytest.mark.parametrize("name", NO_JSON)
def test_what_is_no_json_of_ours_is_told(tmp_path, name):
    text = NO_JSON[name]
    (tmp_path / "x.json").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ValueError, match=r"x.json must be (JSON|text in UTF-8).* Received: ") as error:
        files.read_json(tmp_path / "x.json")
    assert len(str(error.value)) < 500


@pytest.mark.parametrize("known", [{}, {"a": [2**64 - 1, -(2**63), 0.5, None, True, "ü😀"]}])
def test_what_is_json_is_read(tmp_path, known):
    (tmp_path / "x.json").write_text(json.dumps(known))
    assert files.read_json(tmp_path / "x.json") == known


def test_a_file_without_an_end_is_not_read_into_memory(tmp_path):
    with open(tmp_path / "x.json", "wb") as file:
        file.truncate(2**40)  # a hole, which takes no room
    with pytest.raises(ValueError, match=r"x.json must have at most 67,108,864 bytes. Received: more"):
        files.read_json(tmp_path / "x.json")


HOLD = """
import sys, time
from keras_gan.ground import files
with files.claimed(sys.argv[1]):
    print("held", flush=True)
    time.sleep(600)
"""


def test_one_process_at_a_time_holds_a_claim(tmp_path):
    path = tmp_path / "new" / "running"
    with files.claimed(path):
        assert path.is_file()
        with pytest.raises(BlockingIOError), files.claimed(path):
            pass
        assert path.is_file()
    assert not path.exists()
    with pytest.raises(KeyError), files.claimed(path):
        raise KeyError("of the block")
    assert not path.exists()


@pytest.mark.process
def test_a_killed_process_holds_nothing(tmp_path):
    path = tmp_path / "running"
    with subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        with pytest.raises(BlockingIOError), files.claimed(path):
            pass
        process.kill()
        process.wait()
    assert path.is_file()
    with files.claimed(path):
        pass
    assert not path.exists()
