"""100 concurrent uploads of 10 MB: how long, and how much memory the server takes."""

import concurrent.futures
import os
import pathlib
import sys
import threading
import time

from client import House, Uploader

COUNT = 100
SIZE = 10_000_000
CHUNK = 1 << 20
LIMIT = 250


def resident(pid: int) -> float:
    """MB of one process."""
    pages = int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def watch(pid: int, done: threading.Event, peak: list[float]) -> None:
    while not done.wait(0.02):
        peak[0] = max(peak[0], resident(pid))


def main() -> None:
    house = House(sys.argv[1])
    # Not decodable on purpose: this is about ingest, the photos fail at once.
    files = [os.urandom(SIZE) for _ in range(4)]
    before = resident(house.pid)
    done, peak = threading.Event(), [before]
    watcher = threading.Thread(target=watch, args=(house.pid, done, peak))
    watcher.start()
    start = time.perf_counter()
    with concurrent.futures.ThreadPoolExecutor(COUNT) as pool:
        jobs = [
            pool.submit(Uploader(house).send, f"bulk-{n}.bin", files[n % 4] + n.to_bytes(4, "big"), CHUNK)
            for n in range(COUNT)
        ]
        for job in jobs:
            job.result()
    seconds = time.perf_counter() - start
    done.set()
    watcher.join()
    print(f"{COUNT} uploads of {SIZE / 1e6:.0f} MB at once        {seconds:7.1f} s    ({COUNT * SIZE / 1e6 / seconds:.0f} MB/s)")
    print(f"server's memory, before and peak {before:7.0f} MB, {peak[0]:.0f} MB (limit {LIMIT}: {peak[0] / LIMIT:.2f})")


main()
