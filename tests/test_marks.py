"""The lists of marks beside conftest.py name tests that are there."""


def test_the_lists_of_marks_name_tests_that_are_there(missing):
    assert missing == []
