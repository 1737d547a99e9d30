"""Any two of objective, penalty, augmentation, precision and XLA take training steps together."""

import itertools

import pytest

from keras_gan import augmentations, objectives
from tests.conformance import combinations as c

ROWS = c.pairwise(c.combinations())


@pytest.mark.parametrize("combination", ROWS, ids=str)
def test_two_steps(combination):
    assert c.play(c.agree(combination), combination) == []


def test_what_is_wrong_is_said():
    told, played = (c.Combination("hinge", penalty, 1, None, "float32", False) for penalty in ("r1", "r2"))
    game = c.agree(played)
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


def test_any_two_levels_meet():
    everything, chosen = c.combinations(), set(ROWS)
    assert len(ROWS) < len(everything) / 10
    for i, j in itertools.combinations(range(len(c.Combination._fields)), 2):
        assert {(row[i], row[j]) for row in chosen} == {(row[i], row[j]) for row in everything}


def test_all_that_is_registered_is_combined():
    objective, penalty, every, augmentation, precision, jit_compile = map(set, zip(*c.combinations(), strict=True))
    assert objective | penalty == {None, *objectives.KNOWN}
    assert not objective & penalty
    assert augmentation == {None, *augmentations.KNOWN}
    assert (every, precision, jit_compile) == ({1, 2}, {"float32", "mixed_bfloat16"}, {False, True})
    assert {"hinge", "cramer", "semi_supervised", "energy_margin"} <= objective
    assert {"r1", "auxiliary_classifier", "pulling_away", "le_cam", "mutual_information"} <= penalty
