"""A side's view of a move: the round of each match, after replay, packing and augmentation."""

import copy

import tensorflow as tf

from keras_gan.game.sides import Side
from keras_gan.game.values import Values
from keras_gan.noise import Noise
from keras_gan.play import packing, players
from keras_gan.play.round import Pictures, Round


class View:
    """The values and the rounds that an objective can read in a side's move.

    Args:
        game: The game.
        side: The side that moves; None while evaluating.
        values: The named tensors.
        noise: The address of the move's noise.
        training: False while evaluating.
        replays: Whether judges get past fakes, and pools are filled. Defaults to True.
    """

    def __init__(
        self, game, side: Side | None, values: Values, noise: Noise, training: bool = True, replays: bool = True
    ):
        self._game, self._side, self._values, self._noise = game, side, values, noise
        self._training, self._replays, self._rounds = training, replays, {}
        self._made_losses: dict[str, dict] | None = None

    @property
    def round(self) -> Round:
        """The round of the only match; if there are several, a round with the values and the rounds of all matches."""
        if len(self._game.matches) == 1:
            return self.at(next(iter(self._game.matches)))
        if None not in self._rounds:
            self._rounds[None] = Round(
                values=self._values,
                at=self.at,
                step=self._game.step.value,
                noise=self._noise,
                training=self._training,
                loss_scale=self._loss_scale,
            )
        return self._rounds[None]

    @property
    def _loss_scale(self):
        return self._game.optimizers[self._side.name].scale_loss(1.0) if self._training else 1.0

    def at(self, name: str) -> Round:
        """Returns the round of a match."""
        if name not in self._rounds:
            self._rounds[name] = self._make(name)
        return self._rounds[name]

    def has_seen(self, name: str) -> bool:
        """Returns whether the round of a match has been made."""
        return name in self._rounds

    def turn_to(self, side: Side) -> "View":
        """Returns a copy of this view for another side's loss; the rounds are shared."""
        view = copy.copy(self)
        view._side = side
        return view

    def note_losses(self) -> None:
        """Stores the losses of the weight regularizers of players that made values, with the current weights."""
        self._made_losses = {
            name: players.weight_losses(player)
            for name, player in self._game.players.items()
            if name in self._values.added
        }

    def loss(self) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """Returns the side's loss, including the losses of its players' layers, and the terms to log.

        Players without regularizers and `add_loss` add and log nothing. Losses that a judge's layers add while the
        makers move are not part of the makers' loss.
        """
        loss, logs = self._game.objective.reduce(self._side.name, self.round)
        losses = [tf.reduce_sum(tf.cast(each, tf.float32)) for each in self.regularization()]
        if not losses:
            return loss, logs
        added = tf.add_n(losses)
        return loss + added, {**logs, f"{self._side.short}_regularization": added}

    def regularization(self) -> list[tf.Tensor]:
        """Returns the losses of the layers of the side's players, as Keras's `model.losses`.

        `add_loss` and activity regularizers count in each call: of makers where values are made, of judges on real and
        on fake, if the round has made these calls. Regularizers of weights count once, also where players share layers.
        """
        losses, by_weight = [], {}
        for name, player in self._side.members.items():
            losses += self._values.added.get(name, [])
            for match, round_ in self._rounds.items():
                if match is not None and self._game.matches[match].judge == name:
                    losses += round_.added_losses
            noted = None if self._made_losses is None else self._made_losses.get(name)
            by_weight |= players.weight_losses(player) if noted is None else noted
        return [*losses, *by_weight.values()]

    def _make(self, name):
        game, match = self._game, self._game.matches[name]
        noise = self._noise.at("match", name) if name else self._noise
        shown = {kind: _together(self._values, of) for kind, of in (("real", match.reals), ("fake", match.fakes))}
        labels = {f"{kind}_labels": self._labels(match, kind) for kind in ("real", "fake")}
        shown |= labels
        replays = self._training and self._replays and match.judge in self._side.members
        if replays and game.replay_of(name) is not None:
            shown |= _replayed(game.replay_of(name), shown, noise.at("replay"))
        shown |= {kind: packing.packed(shown[kind], match.packing) for kind in ("real", "fake")}
        if self._training and game.augmentation_of(name) is not None:
            shown |= self._augmented(game.augmentation_of(name), shown, match.packing, noise)
        judging = self._side is None or match.judge in self._side.members
        return Round(
            **shown,
            **game.code_of(name, self._values),
            discriminator=game.players[match.judge],
            generator=game.maker_of(name),
            critic=game.critic_of(name),
            element=self._values.element,
            values=self._values,
            at=self.at,
            noise=noise,
            step=game.step.value,
            training=self._training,
            judge_learns=match.judge in game.training_players,
            learned=self._learned(match),
            real_first=judging or game.sees_real(name),
            packing=match.packing,
            loss_scale=self._loss_scale,
        )

    def _learned(self, match):
        """Returns which of `"real"` and `"fake"` the players of the moving side have helped to make."""
        made = set() if self._side is None else self._game.wiring.involving(self._side.members)
        judged = {"real": match.reals, "fake": match.fakes}
        names = {kind: {each.name for each in of} | {match.labels_of.get(kind)} for kind, of in judged.items()}
        return [kind for kind in judged if names[kind] & made]

    def _labels(self, match, kind):
        name = match.labels_of.get(kind)
        return None if name is None or name not in self._values else self._values[name]

    def _augmented(self, augmentation, shown, count, noise):
        def augment(x, kind):
            return packing.augmented(augmentation, x, count, noise.at("augmentation", kind))

        pictures = Pictures({kind: shown[kind] for kind in ("real", "fake")}, augment)
        return pictures.shown | {"pictures": pictures if self._game.penalties_at == "picture" else None}


def suffixed(logs: dict[str, tf.Tensor], match: str) -> dict[str, tf.Tensor]:
    """Returns the logs of a match with its name appended to theirs."""
    return {f"{name}_{match}" if match else name: value for name, value in logs.items()}


def _together(values, references):
    """Returns a judge's input of one kind, real or fake: a tensor, or a tuple of tensors."""
    found = tuple(values[each] for each in references)
    return found[0] if len(found) == 1 else found


def _replayed(replay, shown, noise):
    labels = shown["fake_labels"]
    if labels is None:
        return {"fake": replay(shown["fake"], noise=noise)}
    fake, labels = replay(shown["fake"], noise=noise, labels=labels)
    return {"fake": fake, "fake_labels": labels}
