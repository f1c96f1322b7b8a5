"""How soon the archive of a session begins, the first time and again, and what it costs to send all of it."""

import http.client
import os
import pathlib
import secrets
import sqlite3
import sys
import time
import uuid
from urllib.parse import urlparse

import table
from client import House, Uploader
from wire import Process

# For longer than this an archive is not given without a question to the database.
FRESHNESS = 5.2
AGAIN = 20


class Shoot:
    """The session with one photo, and as many rows that are like its row."""

    def __init__(self, house: House, data: pathlib.Path, count: int):
        Uploader(house).send("photo.jpg", pathlib.Path("fixtures/media/demo-01.jpg").read_bytes(), 2 << 20)
        # Beside a running server: it alone checkpoints.
        self.database = sqlite3.connect(data / "lumiere.sqlite", isolation_level=None)
        self.database.execute("PRAGMA wal_autocheckpoint = 0")
        deadline = time.monotonic() + 60
        while not (row := self._row()):
            assert time.monotonic() < deadline, "the photo is not ready"
            time.sleep(0.2)
        self.columns, self.values = row
        self.count = 1
        self.add(count - 1)

    def _row(self) -> tuple[list[str], tuple] | None:
        cursor = self.database.execute("SELECT * FROM photos WHERE status = 'ready'")
        values = cursor.fetchone()
        return ([column[0] for column in cursor.description], values) if values else None

    def add(self, count: int) -> None:
        places = {name: index for index, name in enumerate(self.columns)}
        self.database.execute("BEGIN IMMEDIATE")
        for _ in range(count):
            values, identity = list(self.values), str(uuid.uuid4())
            values[places["id"]] = values[places["original_id"]] = identity
            values[places["sha256"]] = secrets.token_hex(32)
            values[places["filename"]] = f"IMG_{self.count:05}.JPG"
            for name in ("created_at", "shown_at", "ready_at"):
                values[places[name]] += self.count
            self.database.execute(f"INSERT INTO photos VALUES ({', '.join('?' * len(values))})", values)
            self.count += 1
        self.database.execute("COMMIT")


class Archive:
    def __init__(self, house: House):
        address = urlparse(house.url)
        self.connection = http.client.HTTPConnection(address.hostname, address.port)
        self.path = f"/api/sessions/{house.session}/archive"
        self.headers = {"Authorization": f"Bearer {house.key}"}

    def start(self, offset: int) -> float:
        """Milliseconds to a byte of it."""
        begin = time.perf_counter()
        self.connection.request("GET", self.path, headers={**self.headers, "Range": f"bytes={offset}-{offset}"})
        answer = self.connection.getresponse()
        body = answer.read()
        assert answer.status == 206 and len(body) == 1, (answer.status, body)
        return (time.perf_counter() - begin) * 1e3

    def whole(self) -> tuple[int, float]:
        """Bytes of all of it, and seconds."""
        begin, count = time.perf_counter(), 0
        self.connection.request("GET", self.path, headers=self.headers)
        answer = self.connection.getresponse()
        assert answer.status == 200, answer.status
        space = bytearray(1 << 20)
        while got := answer.readinto(space):
            count += got
        assert count == int(answer.headers["Content-Length"]), count
        return count, time.perf_counter() - begin


def resident(pid: int) -> float:
    """MB of the server."""
    return int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> None:
    data, rounds, count = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    house = House(str(data))
    shoot, archive = Shoot(house, data, count), Archive(house)
    archive.start(0)
    first, asked, again = [], [], []
    for _ in range(rounds):
        shoot.add(1)
        time.sleep(FRESHNESS)
        first.append(archive.start(0))
        again += [archive.start(1 + offset) for offset in range(AGAIN)]
        time.sleep(FRESHNESS)
        asked.append(archive.start(0))
    table.heading(f"the archive of {count} photos, milliseconds to its first byte")
    table.row("after a photo has come", first, 1)
    table.row("again, or a range of it", again, 1)
    table.row("again after a while", asked, 1)
    before, process = resident(house.pid), Process(house.pid)
    used = process.seconds()
    size, seconds = archive.whole()
    used = process.seconds() - used
    table.heading("all of it, one reader")
    table.row("GB/s", [size / 1e9 / seconds], 2)
    table.row("processor, ms a GB", [used / (size / 1e9) * 1e3], 0)
    table.row("MB more that are resident", [resident(house.pid) - before], 1)


main()
