"""What WebP's effort costs and saves: the encoding alone, of all four sizes, as libvips does it for everybody."""

import os
import statistics
import sys
import time

os.environ["VIPS_CONCURRENCY"] = "1"
import pyvips

from decoders import SIZES
from photos import SMOOTH

ROUNDS = int(sys.argv[1])


def main() -> None:
    pictures = [
        (pyvips.Image.thumbnail(str(SMOOTH), edge, height=edge, size="down").copy_memory(), quality) for _, edge, quality in SIZES]
    print("\nWebP of four sizes     processor seconds       kB")
    for effort in range(7):
        times, size = [], 0
        for _ in range(ROUNDS):
            start = time.process_time()
            size = sum(len(image.webpsave_buffer(Q=quality, effort=effort, strip=True)) for image, quality in pictures)
            times.append(time.process_time() - start)
        print(f"  effort {effort}              {statistics.median(times):17.2f}{size / 1000:9.0f}")


main()
