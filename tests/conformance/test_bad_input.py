"""Bad input is refused at once, in words that a user understands, and leaves everything as it was."""

import re
import signal

import numpy as np
import pytest

from keras_gan import cli
from tests.conformance.bad import commands, compiling, files, games, named, parts, players, training

ROWS = [*players.ROWS, *compiling.ROWS, *training.ROWS, *parts.ROWS, *named.ROWS, *files.ROWS]
SECONDS = 60  # none hangs


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with all that the rows read."""
    folder = tmp_path_factory.mktemp("place")
    files.lay_out(folder)
    commands.lay_out(folder)
    return folder


@pytest.fixture(autouse=True)
def here(place, monkeypatch):
    """The folder is the working folder, what stands in it stays as it was, and nobody waits for ever."""
    monkeypatch.chdir(place)
    before = listing(place)
    signal.signal(signal.SIGALRM, hung)
    signal.alarm(SECONDS)
    yield
    signal.alarm(0)
    assert listing(place) == before


def hung(*_):
    raise TimeoutError("the call hangs")


def listing(folder):
    """Everything below a folder, and when it was changed."""
    return sorted((str(path), path.lstat().st_size, path.lstat().st_mtime_ns) for path in folder.rglob("*"))


def weights():
    return [game().get_weights() for game in games.GAMES]


@pytest.fixture(scope="module")
def untouched():
    """The weights of the games that the rows are tried on."""
    return weights()


def assert_readable(text):
    """One short line or two in the user's words: no graph, no Python trace, no terminal's colours, no inner names."""
    assert len(text) < 1000, text
    for mark in ("Traceback", "Graph execution error", "function_node", "in user code", "\x1b", ".part-", "  File "):
        assert mark not in text, text


@pytest.mark.parametrize(("call", "text"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_it_is_refused(call, text, untouched):
    with pytest.raises((ValueError, OSError), match=text) as caught:
        call()
    assert_readable(str(caught.value))
    for before, after in zip(untouched, weights(), strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


@pytest.mark.parametrize(
    ("arguments", "text"), [row[1:] for row in commands.ROWS], ids=[row[0] for row in commands.ROWS]
)
def test_a_command_is_refused(arguments, text, capsys):
    assert cli.main(arguments) == 2
    out, err = capsys.readouterr()
    message, hint = err.strip().rsplit("\n", 1)
    assert out == ""
    assert re.search(text, message), message
    assert hint.startswith("Try: keras-gan ")
    assert hint.endswith("--help")
    assert_readable(message)


@pytest.mark.learns
def test_what_no_look_at_the_first_batch_finds_is_said_too():
    """The steps before were played: only this row changes its game."""
    gan = games.game(games.generator(labels=3), games.discriminator(labels=3), labels=3)
    gan.compile("hinge")
    text = r"Every batch of the data must fit the players, .* Received: labels must be in \[0, 3\), where one is 3$"
    with pytest.raises(ValueError, match=text):
        gan.fit(games.batches((games.X, games.y_with(3, 7)), 2), verbose=0)


def test_the_table_is_long_and_each_row_says_what_is_wrong():
    names = [row[0] for row in ROWS]
    assert len(names) + len(commands.ROWS) >= 150
    required = re.compile("must|[Uu]nknown|unexpected|Did you mean|not supported|No such file|with 0 files|without")
    assert all(required.search(text) or "Received" in text for _, _, text in ROWS)


def test_a_folder_that_may_not_be_written(monkeypatch, tmp_path):
    """The tests may run as root, whom nothing stops: so the system's answer is replaced."""
    monkeypatch.setattr("os.access", lambda path, mode: False)
    with pytest.raises(
        PermissionError, match=r"`path` must be in a folder that can be written. Received: path=.*x.txt"
    ):
        files.write_text(tmp_path / "x.txt", "text")
    with pytest.raises(ValueError, match=r"`out` must be writable\. Received: out="):
        cli.models.check_folder("out", tmp_path / "runs")
