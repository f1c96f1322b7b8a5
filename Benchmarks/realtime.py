"""How what one client says reaches many, beside uWebSockets and node's ws: deliveries a second, their time, and memory.

    realtime.py PROGRAM ROUNDS SECONDS [SUBSCRIBERS ...]
"""

import os
import pathlib
import subprocess
import sys

import table
from sides import free_port
from wire import Process

PROGRAM, ROUNDS, SECONDS = sys.argv[1], int(sys.argv[2]), sys.argv[3]
SUBSCRIBERS = [int(count) for count in sys.argv[4:]] or [100, 1000, 5000]
IN_FLIGHT = [1, 8]
IDLE = 5000
# Frames of 200 bytes, whatever a server puts around the message.
BYTES = 200
HERE = pathlib.Path(__file__).parent


class Side:
    def __init__(self, name: str, around: int, *command: str):
        self.name, self.around = name, around
        self.port = free_port()
        environment = os.environ | {"NODE_PATH": "/usr/share/nodejs"}
        self.child = subprocess.Popen(
            ["taskset", "-c", "0", *command, str(self.port)], stdout=subprocess.PIPE, text=True, env=environment)
        assert self.child.stdout.readline() == "ready\n", name
        self.process = Process(self.child.pid)

    def load(self, *options: str) -> list[str]:
        return ["taskset", "-c", "1", PROGRAM, "load", f"--port={self.port}", *options]

    def measure(self, subscribers: int, in_flight: int) -> tuple[float, float, float, float]:
        """Deliveries a second, microseconds of the processor for each, and the median and p99 of their time in ms."""
        mark = '"speaker-{n}:'
        message = (mark + "x" * BYTES)[: BYTES - self.around - 1] + '"'
        before = self.process.seconds()
        output = subprocess.run(
            self.load(f"--subscribers={subscribers}", f"--speakers={in_flight}", f"--message={message}", f"--mark={mark}",
                      f"--seconds={SECONDS}"), check=True, capture_output=True, text=True).stdout
        rate, median, late = map(float, output.split())
        # The second to become warm is as busy as the others; connecting is not, but counts.
        used = (self.process.seconds() - before) / (rate * (float(SECONDS) + 1)) * 1e6
        return rate, used, median, late

    def idle(self) -> float:
        """KiB that are resident for each connection that says nothing."""
        before = self.resident()
        with subprocess.Popen(self.load(f"--subscribers={IDLE}", "--speakers=0", "--idle", "--message=-", "--mark=-"),
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as clients:
            assert clients.stdout.readline() == "ready\n"
            after = self.resident()
            clients.stdin.close()
        return (after - before) / 1024 / IDLE

    def resident(self) -> int:
        return int(pathlib.Path(f"/proc/{self.child.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def compare(title: str, units: list[str], aims: list[float | None], sides: list[Side], measure) -> None:
    results = {side.name: [] for side in sides}
    for turn in range(ROUNDS):
        for side in sides if turn % 2 == 0 else reversed(sides):
            results[side.name].append(measure(side))
    table.heading(title)
    for index, unit in enumerate(units):
        columns = {name: [figures[index] for figures in all_figures] for name, all_figures in results.items()}
        for name, figures in columns.items():
            table.row(f"{name}: {unit}", figures, 1)
        if aims[index] is not None:
            table.ratio("  lumiere / uWebSockets", columns["lumiere"], columns["uWebSockets"], aims[index])


def main() -> None:
    # What the hub puts around a message was counted once: type, topic, offset and time.
    sides = [
        Side("lumiere", 132, PROGRAM, "serve", "--port"),
        Side("uWebSockets", 0, sys.executable, HERE / "realtime_uws.py"),
        Side("node ws", 0, "node", HERE / "realtime_ws.js"),
    ]
    try:
        # First, while nothing that was used before can be used again.
        compare(f"{IDLE} connections that say nothing", ["KiB each"], [None], sides, lambda side: (side.idle(),))
        for subscribers in SUBSCRIBERS:
            for in_flight in IN_FLIGHT:
                compare(
                    f"{subscribers} subscribers, {in_flight} in flight",
                    ["deliveries a second", "processor, us a delivery", "median, ms", "p99, ms"],
                    [1.0 if in_flight == 1 else 0.5, None, None, None], sides,
                    lambda side: side.measure(subscribers, in_flight))
    finally:
        for side in sides:
            side.child.kill()


main()
