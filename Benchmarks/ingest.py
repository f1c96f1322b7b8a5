"""How fast files are taken in, and what it costs: see Benchmarks/README.md."""

import os
import pathlib
import queue
import subprocess
import sys
import threading
import time

import table
from sides import Disk, Lumiere, Nginx, TusPy
from wire import Wire

LARGE = 1 << 30
# name: what it is, bytes of a file, bytes of a chunk, files, at a time
PARTS = {
    "large": ("1 GiB in one PATCH", LARGE, LARGE, 1, 1),
    "chunks": ("1 GiB in chunks of 8 MiB", LARGE, 8 << 20, 1, 1),
    "files": ("200 files of 8 MB, 8 at a time", 8_000_000, LARGE, 200, 8),
    "small": ("2000 files of 100 kB, 8 at a time", 100_000, LARGE, 2000, 8),
}


def hash_speed() -> float:
    """GB a second of SHA-256 by OpenSSL, in pieces of 256 KiB."""
    command = ["openssl", "speed", "-seconds", "1", "-bytes", str(256 << 10), "-evp", "sha256"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return float(text.split()[-1].rstrip("k")) * 1000 / 1e9


def send_all(side, source: pathlib.Path, size: int, chunk: int, count: int, width: int) -> list[float]:
    """Milliseconds that each file took from its first byte to its last answer."""
    numbers, times, errors = queue.SimpleQueue(), [], []
    for number in range(count):
        numbers.put(number)

    def work() -> None:
        wire, file = Wire(side.url), os.open(source, os.O_RDONLY)
        try:
            while True:
                number = numbers.get_nowait()
                start = time.perf_counter()
                side.send(wire, number, file, size, chunk)
                times.append((time.perf_counter() - start) * 1000)
        except queue.Empty:
            pass
        except Exception as error:
            errors.append(error)
        finally:
            os.close(file)
            wire.close()

    threads = [threading.Thread(target=work) for _ in range(width)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return times


def measure(side, source: pathlib.Path, part: tuple) -> dict[str, float]:
    _, size, chunk, count, width = part
    gigabytes = size * count / 1e9
    before = side.process.rest()
    side.process.forget_peak()
    start = time.perf_counter()
    times = send_all(side, source, size, chunk, count, width)
    seconds = time.perf_counter() - start
    answered = side.process.seconds()
    figures = {
        "MB/s": gigabytes * 1000 / seconds, "CPU s per GB, by the last answer": (answered - before) / gigabytes,
        "CPU s per GB, with what follows": (side.process.rest() - before) / gigabytes,
    }
    if count > 1:
        figures |= {"p50 ms of a file": table.percentile(times, 0.5), "p99 ms of a file": table.percentile(times, 0.99)}
    figures["resident MB at most"] = side.process.peak()
    side.clear()
    os.sync()
    return figures


def run(part: tuple, sides: list, disk: Disk | None, source: pathlib.Path, rounds: int) -> None:
    what, size, _, count, width = part
    speeds, results = [], {side.name: [] for side in sides}
    for _ in range(rounds):
        if disk:
            speeds.append(size * count / 1e6 / disk.seconds(source, size, count, width))
            os.sync()
        for side in sides:
            results[side.name].append(measure(side, source, part))
    table.heading(what)
    if disk:
        table.row("dd conv=fdatasync: MB/s", speeds, 0)
    for name, rows in results.items():
        for label in rows[0]:
            table.row(f"{name}: {label}" if label == "MB/s" else f"  {label}", [row[label] for row in rows])
            if disk and label == "MB/s":
                table.ratio("  of dd's", [row[label] for row in rows], speeds)


def main() -> None:
    data, source, rounds = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]) / "bytes", int(sys.argv[3])
    names = sys.argv[4:] or list(PARTS)
    wanted = os.environ.get("BENCH_SIDES", "lumiere dd nginx tuspyserver").split()
    with open(source, "wb") as file:
        for _ in range(LARGE >> 20):
            file.write(os.urandom(1 << 20))
    kinds = {"lumiere": Lumiere, "nginx": Nginx, "tuspyserver": TusPy}
    disk = Disk(data) if "dd" in wanted else None
    sides = [kinds[name](data) for name in kinds if name in wanted]
    try:
        table.heading("what the hash costs by itself")
        table.row("openssl sha256: CPU s per GB", [1 / hash_speed() for _ in range(rounds)])
        for name in names:
            part = PARTS[name]
            for side in sides:
                # The house keeps one photo of each content: later ones are copies, so that nothing is decoded meanwhile.
                send_all(side, source, part[1], part[2], 1, 1)
                side.clear()
            run(part, sides, disk, source, rounds)
    finally:
        for side in sides:
            side.stop()


main()
