"""The 24-megapixel photos that are measured."""

import pathlib

import pyvips

SMOOTH = pathlib.Path("fixtures/media/large-24mp.jpg").resolve()


def noisy(folder: pathlib.Path) -> pathlib.Path:
    """The same picture as a camera at a high sensitivity sees it: twice the bytes."""
    image = pyvips.Image.new_from_file(str(SMOOTH))
    noise = pyvips.Image.gaussnoise(image.width, image.height, sigma=14, mean=0)
    path = folder / "noisy.jpg"
    (image + noise).cast("uchar").jpegsave(str(path), Q=95)
    return path
