import shutil

import pytest


@pytest.mark.parametrize("arguments", [["{run}"], ["--run_dir={run}"], ["{run}", "--out=page.html"]])
def test_the_page_of_a_run_is_written(keras_gan, run, tmp_path, arguments):
    folder = shutil.copytree(run.folder / "runs/digits", tmp_path / "digits")
    result = keras_gan("report", *(each.format(run=folder) for each in arguments))
    assert (result.code, result.err) == (0, "")
    page = tmp_path / "page.html" if len(arguments) == 2 else folder / "report.html"
    assert result.out == f"{page if len(arguments) < 2 else 'page.html'}, {page.stat().st_size:,} bytes\n"
    assert "<title>digits</title>" in page.read_text()


@pytest.mark.parametrize(
    ("arguments", "mentions"),
    [
        ([], ["`run_dir`"]),
        (["empty"], ["`run_dir` must be the folder of a run", "empty"]),
        (["nowhere"], ["`run_dir` must be the folder of a run", "nowhere"]),
        (["run", "--out=empty"], ["`out`", "empty"]),
        (["nowhere", "--out=empty"], ["`out` must be a file"]),  # which is asked first: a page takes long
    ],
)
def test_what_cannot_be_is_refused(refused, tmp_path, arguments, mentions):
    (tmp_path / "empty").mkdir()
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "config.json").write_text('{"name": "x"}')
    refused(["report", *arguments], *mentions)
