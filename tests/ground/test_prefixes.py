import pytest

from keras_gan.ground import prefixes


@pytest.mark.parametrize(
    ("name", "parts", "kind"),
    [
        ("folder:my/pictures", ("folder", "my/pictures"), "pictures"),
        ("records:a:b", ("records", "a:b"), "pictures"),
        ("table:people.csv", ("table", "people.csv"), "rows"),
        ("series:", ("series", ""), "windows"),
        ("digits", ("", "digits"), "pictures"),
        ("folder", ("", "folder"), "pictures"),
        ("mnist:3.0.1", ("", "mnist:3.0.1"), "pictures"),
        ("C:/pictures", ("", "C:/pictures"), "pictures"),
    ],
)
def test_a_name_has_a_prefix_or_none(name, parts, kind):
    assert prefixes.split(name) == parts
    assert prefixes.kind_of(name) == kind


def test_each_kind_has_its_forms():
    assert [prefixes.forms(kind) for kind in (prefixes.PICTURES, prefixes.ROWS, prefixes.WINDOWS)] == [
        ["folder:PATH", "records:PATH"],
        ["table:PATH"],
        ["series:PATH"],
    ]
