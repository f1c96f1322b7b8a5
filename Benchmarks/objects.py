"""Files to S3, beside curl with the same server: one plain PUT, and parts like ours."""

import hashlib
import os
import pathlib
import re
import subprocess
import sys
import time

import presign
import table

PROGRAM = ".build/release/StorageBenchmark"
# A large photo, which goes in one request, and a film, which goes in parts.
SIZES = [24 << 20, 256 << 20]
PARALLEL = 4
# The peers of ours.
WHOLE, PARTS = "curl: one PUT", "curl: the same parts, 4 at a time"


def part_size(size: int) -> int:
    """As MultipartLayout has it for a file."""
    return 32 << 20 if size >= 128 << 20 else 8 << 20


class Curl:
    """Signs everything but the body, and waits for no "100 Continue"."""

    def __init__(self, store: presign.Store):
        self.store = store

    def run(self, transfers: list[list[str]], *options: str) -> str:
        """Makes requests, each given by lines of a configuration; the addresses let in whoever reads them."""
        common = 'header = "Expect:"\nsilent\nfail\n'
        config = "next\n".join(common + "\n".join(lines) + "\n" for lines in transfers)
        return subprocess.run(
            ["curl", "--config", "-", *options], input=config, check=True, capture_output=True, text=True).stdout

    def request(self, method: str, *lines: str, **query: str) -> list[str]:
        return [f'request = "{method}"', f'url = "{self.store.url(method, "benchmark", query)}"', *lines]

    def upload(self, file: pathlib.Path, **query: str) -> list[str]:
        return [
            f'upload-file = "{file}"', f'url = "{self.store.url("PUT", "benchmark", query)}"', f'output = "{os.devnull}"']

    def remove(self) -> None:
        self.run([self.request("DELETE")])

    def put(self, file: pathlib.Path) -> float:
        """Seconds of one PUT."""
        seconds = self.run([self.upload(file) + ['write-out = "%{time_total}"']])
        self.remove()
        return float(seconds)

    def put_parts(self, parts: list[pathlib.Path], hashes: list[str]) -> float:
        """Seconds of an upload in parts, whose hashes are known."""
        names = "".join(
            f"<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>" for number, etag in enumerate(hashes, 1))
        start = time.perf_counter()
        begun = self.run([self.request("POST", uploads="")])
        upload = re.search("<UploadId>(.*?)</UploadId>", begun)[1]
        transfers = [self.upload(part, partNumber=str(number), uploadId=upload) for number, part in enumerate(parts, 1)]
        self.run(transfers, "--parallel", "--parallel-immediate", "--parallel-max", str(PARALLEL))
        body = f"<CompleteMultipartUpload>{names}</CompleteMultipartUpload>"
        self.run([self.request("POST", 'header = "Content-Type: application/xml"', f'data = "{body}"', uploadId=upload)])
        seconds = time.perf_counter() - start
        self.remove()
        return seconds


class Files:
    """A file of random bytes, its parts, and their hashes."""

    def __init__(self, folder: pathlib.Path, size: int):
        self.size, self.parts, self.hashes = size, [], []
        self.whole = folder / f"{size}.bin"
        with open(self.whole, "wb") as whole:
            for number in range(size // part_size(size)):
                data = os.urandom(part_size(size))
                whole.write(data)
                self.parts.append(folder / f"{size}-{number}.bin")
                self.parts[-1].write_bytes(data)
                self.hashes.append(hashlib.md5(data).hexdigest())


def measure(server: str, store: presign.Store, files: Files, rounds: int) -> None:
    curl = Curl(store)

    def ours(way: str, payload: str = "auto") -> float:
        options = [f"--scratch={files.whole.parent / 'scratch'}", f"--payload={payload}"]
        command = [PROGRAM, "upload", way, str(files.whole), *options]
        return float(subprocess.check_output(command, env=os.environ | store.environment))

    ways = {
        WHOLE: lambda: curl.put(files.whole),
        "ours: one PUT": lambda: ours("whole"),
        "ours: one PUT, hash known": lambda: ours("known"),
        "ours: one PUT, unsigned": lambda: ours("whole", "unsigned"),
        "ours: chunks of 64 KiB as from a client": lambda: ours("partial"),
        "ours: chunks of 64 KiB, unsigned": lambda: ours("partial", "unsigned"),
        "ours: a file as it is sent by default": lambda: ours("put"),
        "ours: a file by default, unsigned": lambda: ours("put", "unsigned"),
        PARTS: lambda: curl.put_parts(files.parts, files.hashes),
    }
    speeds = {name: [] for name in ways}
    for _ in range(rounds):
        for name, send in ways.items():
            speeds[name].append(files.size / 1e6 / send())
    table.heading(f"{files.size >> 20} MiB to {server}, MB/s")
    for name, rates in speeds.items():
        table.row(name, rates, 0)
        if name != WHOLE:
            table.ratio(f"  / {WHOLE}", rates, speeds[WHOLE], aim=0.8 if name.startswith("ours") else None)
        if name.startswith("ours") and "PUT" not in name:
            table.ratio(f"  / {PARTS}", rates, speeds[PARTS])


def main() -> None:
    folder, rounds = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    files = [Files(folder, size) for size in SIZES]
    for file in files:
        measure("moto", presign.Store(dict(os.environ)), file, rounds)
    with subprocess.Popen([PROGRAM, "server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        # Up to an empty line, or nothing if there is no such server.
        lines = iter(lambda: server.stdout.readline().strip(), "")
        settings = dict(line.split("=", 1) for line in lines)
        for file in files if settings else []:
            measure("OpenStack Swift", presign.Store(settings), file, rounds)


main()
