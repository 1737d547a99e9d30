"""Trained and frozen weights of a game, by the attribute `trainable` of its layers."""

from keras_gan.play import players


def check_trainable(game) -> None:
    """Checks that every side has weights that its moves can change.

    Raises:
        ValueError: If all players of a side are frozen, or have no weights.
    """
    for side in game.sides.values():
        if side.trainable_variables:
            continue
        count = sum(len(players.learnable(player)) for player in side.members.values())
        (name, player), *others = side.members.items()
        who = f"{player.name!r}" if not others else f"the side {side.name!r}"
        received = f"Received: {who} with 0 trainable weights"
        if not count:
            raise ValueError(f"`{name}` must have weights to train: give it a layer with trainable weights. {received}")
        # Keras skips `model.trainable = True` where the model's own flag is True, and only its layers are frozen
        unfreeze = "`layer.trainable = True` on its layers" if player.trainable else f"`{name}.trainable = True`"
        raise ValueError(
            f"`{name}` must have weights to train: set {unfreeze}, and compile. Freezing is not needed here, as "
            f"each move updates one player only. {received}, as all of its {count} are frozen"
        )


def trainable_flags(game) -> dict[str, tuple[bool, ...]]:
    """Returns for each player which of its learnable weights are trainable now."""
    learnable = {name: players.learnable(player) for name, player in game.players.items()}
    return {name: tuple(weight.trainable for weight in weights) for name, weights in learnable.items()}


def kept_flags(game, compiled: dict[str, tuple[bool, ...]]) -> dict[str, tuple[bool, ...]]:
    """Returns the current flags, after a comparison with those at `compile`: weights may be frozen since, not unfrozen.

    Raises:
        ValueError: If a side has nothing to train, or if a player has other weights than at `compile`, or weights that
            were unfrozen since, which its optimizer does not have.
    """
    check_trainable(game)
    now = trainable_flags(game)
    for name, flags in now.items():
        if len(flags) != len(compiled[name]):
            raise ValueError(
                f"`{name}` must have the weights that it had at `compile`: call `compile` again. "
                f"Received: {name!r} with {len(flags)} weights, {len(compiled[name])} then"
            )
        count = sum(after and not before for before, after in zip(compiled[name], flags, strict=True))
        if count:
            raise ValueError(
                f"`{name}` must keep the layers frozen that were frozen at `compile`: call `compile` again after "
                f"`trainable = True`. Received: {name!r} with {count} weights that are trained since"
            )
    return now
