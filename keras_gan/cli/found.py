"""What a run says of the user's pictures when it begins."""

from collections.abc import Mapping

import numpy as np

from keras_gan import data


def describe(parts: Mapping[str, data.Pictures | str]) -> list[str]:
    """Lines on the folders of pictures: how many there are, of which classes and sizes, and what is done with them.

    Args:
        parts: What the parts of a family read.
    """
    lines = []
    for name, part in parts.items():
        if isinstance(part, data.Pictures) and part.survey is not None:
            first, *rest = part.survey.describe(_counts(part))
            lines += [f"{'Found' if name == 'real' else name}: {first}", *(f"  {line}" for line in rest)]
    return lines


def _counts(pictures):
    """How many pictures each class has."""
    if pictures.labels is None:
        return None
    counts = np.bincount(pictures.labels, minlength=len(pictures.class_names)).tolist()
    return dict(zip(pictures.class_names, counts, strict=True))
