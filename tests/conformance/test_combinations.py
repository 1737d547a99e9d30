"""Objectives, penalties, augmentations, precision and XLA take training steps together.

`pytest --nightly tests/conformance/test_combinations.py` plays any two levels by themselves too, in some minutes.
"""

import itertools

import pytest

from keras_gan import augmentations, objectives
from tests.conformance import combinations as c


def pytest_generate_tests(metafunc):
    if metafunc.function is test_any_two:
        rows = c.pairwise(c.combinations()) if metafunc.config.getoption("nightly") else [None]
        metafunc.parametrize("combination", rows, ids=str)


def is_traced(combination):
    """True for the one game whose graph holds all penalties, lazy where they may be: there dtypes can clash as well."""
    return (combination.every, combination.augmentation) == (2, None)


@pytest.mark.learns
@pytest.mark.parametrize("combination", c.together(), ids=lambda row: row.objective)
def test_an_objective_with_all_penalties_at_once(combination):
    """Without a graph, in a quarter of the time, but for one; `test_under_xla` has each objective in a graph."""
    assert c.play(c.agree(combination, run_eagerly=not is_traced(combination)), combination) == []


@pytest.mark.xla
@pytest.mark.parametrize("combination", c.compiled(), ids=str)
def test_under_xla(combination):
    assert c.play(c.agree(combination), combination) == []


@pytest.mark.nightly
def test_any_two(combination):
    assert c.play(c.agree(combination), combination) == []


@pytest.mark.learns
def test_what_is_wrong_is_said():
    told, played = (c.Combination("hinge", penalty, 1, None, "float32", False) for penalty in ("r1", "r2"))
    game = c.agree(played, run_eagerly=True)
    game.discriminator_optimizer.learning_rate = game.generator_optimizer.learning_rate = 0.0
    wrong = c.play(game, told)
    matrices = [v for player in (game.discriminator, game.generator) for v in player.trainable_variables if v.ndim == 2]
    assert wrong[:-1] == [f"{v.path} stands still" for v in matrices]
    assert "'d_r2'" in wrong[-1].split("not")[0]
    assert "'d_r1'" in wrong[-1].split("not")[1]
    game.generator_optimizer.learning_rate = float("nan")
    assert {f"{v.path} is not finite" for v in game.generator.trainable_variables} <= set(c.play(game, played))


def test_a_loss_is_the_sum_of_its_terms():
    combination = c.Combination("hinge", "r1", 1, None, "float32", False)
    logs = {"d_loss": 2.3, "g_loss": 1.0, "d_real": 0.0, "d_fake": 0.0, "d_hinge": 2.0, "d_r1": 3.0, "g_hinge": 1.0}
    assert c.wrong_logs(logs, combination) == []
    assert len(c.wrong_logs({**logs, "d_r1": 2.9}, combination)) == 1
    assert len(c.wrong_logs({**logs, "d_real": float("inf")}, combination)) == 1


def levels_of(rows, *names):
    """The levels of the named axes that meet in any of the rows; all penalties of a row are levels of their own."""
    split = [row._replace(penalty=name) for row in rows for name in (row.penalty or "none").split(" + ")]
    return {tuple(getattr(row, name) for name in names) for row in split}


def test_what_meets_where():
    objectives_, penalties, augmentations_, precisions = c.levels()
    together, compiled = c.together(), c.compiled()
    assert levels_of(together, "objective", "penalty") == set(itertools.product(objectives_, penalties))
    assert levels_of(together, "penalty", "augmentation") == set(itertools.product(penalties, augmentations_))
    assert levels_of(together, "augmentation", "every") == set(itertools.product(augmentations_, (1, 2)))
    assert sum(map(is_traced, together)) == 1
    assert levels_of(compiled, "objective") == {(name,) for name in objectives_}
    assert levels_of(compiled, "penalty") == {(name,) for name in [*penalties, "none"]}
    assert levels_of(compiled, "augmentation", "precision") == set(itertools.product(augmentations_, precisions))
    assert levels_of(compiled, "every") == {(1,), (2,)}
    assert {row.jit_compile for row in compiled} == {True}


def test_pairwise_any_two_levels_meet():
    rows = [row for row in itertools.product("abc", (1, 2, 3), (False, True), "xyz") if row[:2] != ("a", 3)]
    chosen = c.pairwise(rows)
    assert len(chosen) < len(rows) / 3
    for i, j in itertools.combinations(range(4), 2):
        assert {(row[i], row[j]) for row in chosen} == {(row[i], row[j]) for row in rows}


def test_all_that_is_registered_is_combined():
    objective, penalty, every, augmentation, precision, jit_compile = map(set, zip(*c.combinations(), strict=True))
    named = {name for name, each in objectives.KNOWN.items() if issubclass(each, objectives.NamedTerm)}
    assert objective | penalty == {None, *objectives.KNOWN} - named - set(c.APART)  # tests/models play these
    assert not objective & penalty
    assert augmentation == {None, *augmentations.KNOWN}
    assert (every, precision, jit_compile) == ({1, 2}, {"float32", "mixed_bfloat16"}, {False, True})
    assert {"hinge", "cramer", "semi_supervised", "energy_margin"} <= objective
    assert {"r1", "auxiliary_classifier", "pulling_away", "le_cam", "mutual_information"} <= penalty
