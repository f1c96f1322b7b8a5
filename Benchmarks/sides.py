"""Where the files go: Lumiere and its peers, each started on a folder of its own beside the others."""

import base64
import pathlib
import shutil
import socket
import subprocess
import sys
import time
from urllib.parse import urlparse

from client import House
from wire import Process, Wire


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            assert time.monotonic() < deadline, "a peer did not start"
            time.sleep(0.05)


class Tus:
    """tus 1.0.0: a POST, then as many PATCHes as there are chunks."""

    offset = "Content-Type: application/offset+octet-stream\r\nUpload-Offset: "

    def send(self, wire: Wire, number: int, file: int, size: int, chunk: int) -> None:
        created = wire.ask(
            "POST", self.collection, 201, f"{self.headers}Upload-Length: {size}\r\nUpload-Metadata: {self.metadata}\r\n")
        path = urlparse(created["location"]).path
        for start in range(0, size, chunk):
            count = min(chunk, size - start)
            wire.ask("PATCH", path, 204, f"{self.headers}{self.offset}{start}\r\n", (file, start, count))

    @staticmethod
    def pairs(pairs: dict[str, str]) -> str:
        return ",".join(f"{key} {base64.b64encode(text.encode()).decode()}" for key, text in pairs.items())


class Lumiere(Tus):
    """Strict: each answer comes after the disk has synced."""

    name = "lumiere"
    collection = "/api/uploads"

    def __init__(self, data: pathlib.Path):
        house = House(str(data))
        self.url, self.process = house.url, Process(house.pid)
        self.headers = f"Tus-Resumable: 1.0.0\r\nAuthorization: Bearer {house.key}\r\n"
        self.metadata = self.pairs({"session": house.session, "filename": "a.bin", "filetype": "image/jpeg"})

    def clear(self) -> None:
        """It has removed the copies by itself."""

    def stop(self) -> None:
        """Whoever started it ends it."""


class Nginx:
    """A PUT of its WebDAV module: a temporary file, then a rename; no sync, no hash."""

    name = "nginx PUT"

    def __init__(self, data: pathlib.Path):
        self.folder = data / "nginx"
        # Its workers are another user's.
        (self.folder / "files").mkdir(parents=True)
        port = free_port()
        settings = self.folder / "nginx.conf"
        settings.write_text(
            f"worker_processes auto; pid {self.folder}/pid; error_log {self.folder}/log; daemon off; user root;\n"
            "events {}\n"
            f"http {{ access_log off; client_body_temp_path {self.folder}/temp; client_max_body_size 0;\n"
            f"server {{ listen 127.0.0.1:{port}; root {self.folder}/files; dav_methods PUT; }} }}\n")
        self.child = subprocess.Popen(["nginx", "-c", settings], stderr=subprocess.DEVNULL)
        self.url, self.process = f"http://127.0.0.1:{port}", Process(self.child.pid)
        wait_for(port)

    def send(self, wire: Wire, number: int, file: int, size: int, chunk: int) -> None:
        wire.ask("PUT", f"/{number}", 201, "", (file, 0, size))

    def clear(self) -> None:
        shutil.rmtree(self.folder / "files")
        (self.folder / "files").mkdir()

    def stop(self) -> None:
        self.child.terminate()
        self.child.wait()


class TusPy(Tus):
    """tuspyserver on uvicorn with uvloop and httptools: no sync, no hash."""

    name = "tuspyserver"
    collection = "/files/"
    headers = "Tus-Resumable: 1.0.0\r\n"
    program = """
import sys, uvicorn, fastapi, tuspyserver
app = fastapi.FastAPI()
app.include_router(tuspyserver.create_tus_router(prefix="files", files_dir=sys.argv[1]))
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="critical", loop="uvloop", http="httptools")
"""

    def __init__(self, data: pathlib.Path):
        self.folder = data / "tuspyserver"
        self.folder.mkdir()
        self.metadata = self.pairs({"filename": "a.bin", "filetype": "image/jpeg"})
        port = free_port()
        self.child = subprocess.Popen([sys.executable, "-c", self.program, self.folder, str(port)])
        self.url, self.process = f"http://127.0.0.1:{port}", Process(self.child.pid)
        wait_for(port)

    def clear(self) -> None:
        for file in self.folder.iterdir():
            if file.is_file():
                file.unlink()

    def stop(self) -> None:
        self.child.terminate()
        self.child.wait()


class Disk:
    """`dd conv=fdatasync`, one process per file: no network, no protocol, no hash."""

    name = "dd"

    def __init__(self, data: pathlib.Path):
        self.folder = data / "dd"
        self.folder.mkdir()

    def seconds(self, source: pathlib.Path, size: int, count: int, width: int) -> float:
        """Of so many files, so many at a time."""
        block = next(block for block in (1 << 20, 1_000_000, size) if size % block == 0)
        command = (
            f"seq {count} | xargs -P {width} -I {{}} dd if={source} of={self.folder}/{{}} bs={block} count={size // block} "
            "conv=fdatasync status=none")
        start = time.perf_counter()
        subprocess.run(command, shell=True, check=True)
        seconds = time.perf_counter() - start
        for file in self.folder.iterdir():
            file.unlink()
        return seconds
