"""Estimates for a GPU: from counted operations and the training times that stylegan2-ada publishes.

Published for one V100 by https://github.com/NVlabs/stylegan2-ada-pytorch ("Expected training time", `--cfg=auto`):
seconds for a thousand pictures. Its network at that size, counted here, gives the share of the card's peak that it
reaches; a preset that reached the same share would show so many pictures per second. Small networks reach less.
"""

PUBLISHED = {128: (12.8, 13.7), 256: (21.6, 24.2)}  # seconds for 1,000 pictures, least and greatest
PEAK_TFLOPS = 125.0  # of a V100 in float16
WIDEST, BASE = 512, 16384  # `--cfg=auto` below 512 pixels: min(16384 / side of a map, 512) feature maps


def widths(side: int) -> list[int]:
    """Returns the feature maps of stylegan2-ada's network, the smallest map first.

    >>> widths(128)
    [512, 512, 512, 512, 256, 128]
    """
    return [min(BASE // size, WIDEST) for size in (4 << i for i in range(side.bit_length() - 2))]


def estimate(published_gflop: dict[int, float], rows: list[dict]) -> dict:
    """Estimates the published times, the share of the peak, and each preset by that share.

    Args:
        published_gflop: By side, GFLOP a picture of stylegan2-ada's network.
        rows: Of the record, with `preset`, `side` and `gflop_per_image`.
    """
    shares, told = {}, []
    for side, gflop in published_gflop.items():
        seconds = sum(PUBLISHED[side]) / 2
        shares[side] = (
            gflop / seconds / PEAK_TFLOPS
        )  # GFLOP per picture over seconds for 1,000 pictures: TFLOP per second
        told.append(
            {
                "side": side,
                "published_seconds_per_1000": list(PUBLISHED[side]),
                "gflop_per_image": float(f"{gflop:.4g}"),
                "share_of_peak": round(shares[side], 4),
            }
        )
    share = sum(shares.values()) / len(shares) if shares else None
    estimates = {
        f"{row['preset']} {row['side']}": float(f"{share * PEAK_TFLOPS * 1000 / row['gflop_per_image']:.3g}")
        for row in rows
        if share and "gflop_per_image" in row
    }
    return {
        "what": "not run: estimated images per second on one V100 in float16, at stylegan2-ada's share of its peak",
        "peak_tflops": PEAK_TFLOPS,
        "stylegan2_ada": told,
        "images_per_second": estimates,
    }
