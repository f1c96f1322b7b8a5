"""The full set of renditions of a 24-megapixel photo: processor time, photos a second, memory, beside libvips itself."""

import concurrent.futures
import pathlib
import sys
import tempfile
import time

from decoders import Decoder, PyVips, VipsThumbnail
from photos import SMOOTH, noisy
from table import heading, ratio, row

SIDES = (Decoder, PyVips, VipsThumbnail)
PHOTOS = 4
AIMS = {PyVips.name: 1.10, VipsThumbnail.name: 0.4}


def measure(side, binary: str, photo: pathlib.Path, mark: bool) -> tuple[float, float, float]:
    """Processor seconds a photo and the largest size in MiB of a warm side, then photos a second of two at a time."""
    with tempfile.TemporaryDirectory() as folder:
        pair = []
        for number in range(2):
            (pathlib.Path(folder) / str(number)).mkdir()
            pair.append(side(binary, photo, pathlib.Path(folder) / str(number), mark))
        for one in pair:
            one.make()
        before = pair[0].usage()[0]
        for _ in range(PHOTOS):
            pair[0].make()
        spent, peak = pair[0].usage()
        start = time.perf_counter()
        with concurrent.futures.ThreadPoolExecutor(len(pair)) as pool:
            list(pool.map(lambda one: [one.make() for _ in range(PHOTOS)], pair))
        rate = len(pair) * PHOTOS / (time.perf_counter() - start)
        for one in pair:
            one.stop()
        return (spent - before) / PHOTOS, peak, rate


def report(title: str, binary: str, photo: pathlib.Path, mark: bool, rounds: int) -> None:
    results = {side.name: [] for side in SIDES}
    for number in range(rounds):
        for side in SIDES[number % len(SIDES):] + SIDES[:number % len(SIDES)]:
            results[side.name].append(measure(side, binary, photo, mark))
    ours = [seconds for seconds, _, _ in results[Decoder.name]]
    heading(f"{title}, {photo.stat().st_size / 1e6:.0f} MB")
    for name, figures in results.items():
        row(f"{name}: processor seconds a photo", [seconds for seconds, _, _ in figures])
        if name != Decoder.name:
            ratio("  ours over that", ours, [seconds for seconds, _, _ in figures], AIMS[name])
    for name, figures in results.items():
        row(f"{name}: photos a second, two at a time", [rate for _, _, rate in figures])
    for name, figures in results.items():
        row(f"{name}: resident MiB of one process, at most", [peak for _, peak, _ in figures], 0)


def main() -> None:
    binary, rounds = sys.argv[1], int(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:
        for photo in (SMOOTH, noisy(pathlib.Path(folder))):
            report("with a mark", binary, photo, True, rounds)
            report("without", binary, photo, False, rounds)


main()
