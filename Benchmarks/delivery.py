"""How files are sent, beside nginx with the same files: requests a second, bulk, ranges, and readers that do not read."""

import http.client
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import time
from urllib.parse import urlparse

import table
from client import House, Uploader
from sides import free_port, wait_for
from wire import Process

SMALL = 40_000
FILM = 1 << 30
CONNECTIONS = 32
READERS = 500


def ask(house: House, path: str) -> dict:
    address = urlparse(house.url)
    connection = http.client.HTTPConnection(address.hostname, address.port)
    connection.request("GET", path, headers={"Authorization": f"Bearer {house.key}"})
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 200, body
    return json.loads(body)


def film() -> bytes:
    """A film of that size: a real one, and behind it bytes that players pass over."""
    source = pathlib.Path("fixtures/media/demo-video.mp4").read_bytes()
    rest = FILM - len(source)
    return source + rest.to_bytes(4, "big") + b"free" + bytes(rest - 8)


class Gallery:
    """A session with a photo, of which one rendition is about 40 kB, and a film of 1 GiB."""

    def __init__(self, house: House, data: pathlib.Path):
        uploader = Uploader(house)
        uploader.send("photo.jpg", pathlib.Path("fixtures/media/demo-01.jpg").read_bytes(), 2 << 20)
        uploader.send("film.mp4", film(), 32 << 20)
        deadline = time.monotonic() + 300
        while True:
            photos = ask(house, f"/api/photos?session={house.session}")["items"]
            if len(photos) == 2 and all(photo["status"] in ("ready", "failed") for photo in photos):
                break
            assert time.monotonic() < deadline, "the photos are not ready"
            time.sleep(0.5)
        renditions = [rendition for photo in photos for rendition in photo["renditions"]]
        small = min(renditions, key=lambda rendition: abs(rendition["size"] - SMALL))
        self.small, self.small_size = small["url"], small["size"]
        self.small_file = self._file(data / "objects" / "renditions", *urlparse(self.small).path.split("/")[-2:])
        self.film = next(photo["original"]["url"] for photo in photos if photo["size"] == FILM)
        self.film_file = next((data / "objects" / "originals").rglob(self.film.split("/")[2]))

    @staticmethod
    def _file(folder: pathlib.Path, identity: str, name: str) -> pathlib.Path:
        """Where a rendition lies: under its name, with something of its content in it."""
        stem, extension = name.split(".")
        return next(path for path in folder.rglob(f"{stem}*.{extension}") if path.parent.name == identity)


class Side:
    def __init__(self, name: str, url: str, pid: int, small: str, film: str):
        self.name, self.url, self.process = name, url, Process(pid)
        self.small, self.film = url + small, url + film

    def connect(self, url: str, fields: str = "", buffer: int | None = None) -> socket.socket:
        """A connection over which a file was asked for."""
        address = urlparse(url)
        client = socket.socket()
        if buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        client.connect((address.hostname, address.port))
        client.sendall(f"GET {address.path}?{address.query} HTTP/1.1\r\nHost: {address.netloc}\r\n{fields}\r\n".encode())
        return client


class Nginx:
    """sendfile, one worker, everything else as it comes but for the thousand requests after which it would hang up."""

    def __init__(self, gallery: Gallery, data: pathlib.Path):
        folder = data / "nginx"
        (folder / "files").mkdir(parents=True)
        os.link(gallery.small_file, folder / "files" / "small.jpg")
        os.link(gallery.film_file, folder / "files" / "film.mp4")
        port = free_port()
        settings = folder / "nginx.conf"
        settings.write_text(
            f"worker_processes 1; pid {folder}/pid; error_log {folder}/log; daemon off; user root;\n"
            "events { worker_connections 2048; }\n"
            "http { access_log off; sendfile on; keepalive_requests 100000000; types { image/jpeg jpg; video/mp4 mp4; }\n"
            f"server {{ listen 127.0.0.1:{port}; root {folder}/files; }} }}\n")
        self.child = subprocess.Popen(["taskset", "-c", "0", "nginx", "-c", settings], stderr=subprocess.DEVNULL)
        wait_for(port)
        self.side = Side("nginx", f"http://127.0.0.1:{port}", self.child.pid, "/small.jpg", "/film.mp4")

    def stop(self) -> None:
        self.child.terminate()
        self.child.wait()


def wrk(side: Side, url: str, seconds: str, *script: str) -> tuple[float, float]:
    """Requests a second, and microseconds of the server's processor for each."""
    options = ["-s", script[0]] if script else []
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", *options, url, *(["--", *script[1:]] if script else [])]
    before = side.process.seconds()
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    used = side.process.seconds() - before
    assert "Non-2xx" not in output and "Socket errors" not in output, output
    count = int(re.search(r"(\d+) requests in", output)[1])
    return float(re.search(r"Requests/sec:\s*([\d.]+)", output)[1]), used / count * 1e6


def download(side: Side) -> tuple[float, float]:
    """GB a second of one download, thrown away by the kernel, and milliseconds of the server's processor for a GB."""
    space = bytearray(4 << 20)
    before, start = side.process.seconds(), time.perf_counter()
    with side.connect(side.film, "Connection: close\r\n") as client:
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(512)
        assert b" 200 " in head.split(b"\r\n")[0], head
        count = len(head.partition(b"\r\n\r\n")[2])
        while got := client.recv_into(space, 0, socket.MSG_TRUNC):
            count += got
    seconds = time.perf_counter() - start
    assert count == FILM, count
    return FILM / 1e9 / seconds, (side.process.seconds() - before) / (FILM / 1e9) * 1e3


def resident(side: Side) -> float:
    """MB of the server and its workers."""
    pages = sum(int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in side.process._pids())
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def slow(side: Side) -> tuple[float, float]:
    """kB more that are resident for each of the readers who asked for the film and take nothing; and none besides."""
    before = resident(side)
    readers = [side.connect(side.film, buffer=4096) for _ in range(READERS)]
    deadline = time.monotonic() + 30
    for reader in readers:
        reader.settimeout(max(0.1, deadline - time.monotonic()))
        assert reader.recv(1, socket.MSG_PEEK)
    after = resident(side)
    for reader in readers:
        reader.close()
    time.sleep(0.5)
    return (after - before) * 1e3 / READERS, after


PARTS = {
    "small": (
        "a rendition of {small} bytes, 32 connections", ("requests a second", "processor, us a request"),
        lambda side, seconds: wrk(side, side.small, seconds)),
    "ranges": (
        "random 1 MiB of 1 GiB, 32 connections", ("ranges a second", "processor, us a range"),
        lambda side, seconds: wrk(side, side.film, seconds, "Benchmarks/ranges.lua", str(FILM))),
    "bulk": ("1 GiB, one reader", ("GB/s", "processor, ms a GB"), lambda side, seconds: download(side)),
    "slow": (f"{READERS} readers who do not read", ("kB a reader", "MB altogether"), lambda side, seconds: slow(side)),
}


def main() -> None:
    data, rounds, seconds = pathlib.Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    house = House(str(data))
    gallery = Gallery(house, data)
    nginx = Nginx(gallery, data)
    sides = [Side("lumiere", house.url, house.pid, gallery.small, gallery.film), nginx.side]
    try:
        for name in sys.argv[4:] or PARTS:
            title, units, measure = PARTS[name]
            results = {side.name: [] for side in sides}
            for side in sides:
                measure(side, "1")
            # A download takes a fraction of a second, and how the two processors meet in it differs from one to the next.
            for turn in range(rounds * 8 if name == "bulk" else rounds):
                # Who goes first changes: what the machine does besides often lasts for one measurement and a half.
                for side in sides if turn % 2 == 0 else reversed(sides):
                    results[side.name].append(measure(side, seconds))
            table.heading(title.format(small=gallery.small_size))
            for index, unit in enumerate(units):
                columns = {side: [figures[index] for figures in results[side]] for side in results}
                for side, figures in columns.items():
                    table.row(f"{side}: {unit}", figures, 1)
                if name != "slow":
                    aim = {"small": 0.9}.get(name, 1.0) if index == 0 else None
                    table.ratio("  lumiere / nginx", columns["lumiere"], columns["nginx"], aim)
    finally:
        nginx.stop()


main()
