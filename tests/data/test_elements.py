import numpy as np
import pytest
import tensorflow as tf

from keras_gan.data import elements

X, Y = np.ones((4, 2), "float32"), np.arange(4)


@pytest.mark.parametrize(
    ("element", "expected"),
    [
        (X, {"real": X}),
        ((X,), {"real": X}),
        ((X, None), {"real": X}),
        ([X, Y], {"real": X, "labels": Y}),
        ({"a": X, "b": Y}, {"a": X, "b": Y}),
        (({"a": X},), {"a": X}),
        (({"a": X}, None, None), {"a": X}),
        ({"real": X, "labels": None}, {"real": X}),
    ],
)
def test_every_form_has_named_parts(element, expected):
    found = elements.parts(element)
    assert list(found) == list(expected)
    assert all(found[name] is expected[name] for name in expected)


def test_names_of_ones_own():
    assert elements.parts((1, 2), names=("a", "b", "c")) == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    ("element", "received"), [((1, 2, 3), "a tuple of 3$"), ((), "a tuple of 0$"), ([1, 2, 3], "a list of 3$")]
)
def test_more_parts_than_names(element, received):
    with pytest.raises(ValueError, match=f"The data must be batches of examples or pairs .* Received: {received}"):
        elements.parts(element)


def test_a_dict_of_other_names_is_no_pair():
    assert elements.unpack({"labels": 2, "real": 1}) == (1, 2)
    assert elements.unpack({"real": 1}) == (1, None)
    for element in ({"a": 1, "b": 2}, {"labels": 1}, {"real": 1, "age": 2}):
        with pytest.raises(ValueError, match=r"Received: a dict of ., named '"):
            elements.unpack(element)


@pytest.mark.parametrize("name", ["", "a b", "class", "_a", "batch_size", "joined", 3, "1st"])
def test_names_that_cannot_be(name):
    with pytest.raises(ValueError, match=r"The parts must have names such as .* Received: "):
        elements.check_names(["a", name])


def test_shapes_of_every_form():
    unknown = tf.TensorSpec(None)

    def shapes(make, *specs):
        found = {}

        @tf.function(input_signature=specs, autograph=False)
        def trace(*parts):
            element = elements.ensure_shapes(make(*parts), {"real": (2, 3), "a": (5,), "b": None})
            found.update({name: x.shape.rank and x.shape.as_list() for name, x in elements.parts(element).items()})

        trace.get_concrete_function()
        return found

    assert shapes(lambda x: x, unknown) == {"real": [None, 2, 3]}
    assert shapes(lambda x, y: (x, y), unknown, unknown) == {"real": [None, 2, 3], "labels": [None]}
    assert shapes(lambda x, y: {"a": x, "b": y}, unknown, unknown) == {"a": [None, 5], "b": None}
    known = tf.TensorSpec((4, 7, 7))
    assert shapes(lambda x, y: (x, y), known, tf.TensorSpec((4, 1))) == {"real": [4, 7, 7], "labels": [4, 1]}
    assert not elements.lacks_shapes({"a": known, "b": unknown}, {"a": (5,), "b": None})
    assert elements.lacks_shapes({"a": known, "b": unknown}, {"b": (5,)})


def test_batches_are_stacked_and_taken_apart():
    batches = [{"a": X + i, "b": Y + i} for i in range(3)]
    stacked = elements.stack(batches)
    assert stacked["a"].shape == (4, 3, 2)
    for batch, again in zip(batches, elements.ungroup(stacked, 3), strict=True):
        np.testing.assert_array_equal(again["a"], batch["a"])
        np.testing.assert_array_equal(again["b"], batch["b"])
