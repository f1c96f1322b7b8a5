"""A file of 256 MiB to S3, beside curl with the same server: one plain PUT, and parts like ours."""

import hashlib
import os
import pathlib
import re
import subprocess
import sys
import time

import table

PROGRAM = ".build/release/StorageBenchmark"
SIZE = 256 << 20
# As S3Configuration has them.
PART = 8 << 20
PARALLEL = 4
# The peers of ours.
WHOLE, PARTS = "curl: one PUT", "curl: parts of 8 MiB, 4 at a time"


class Curl:
    """Signs everything but the body, and waits for no "100 Continue"."""

    def __init__(self, folder: pathlib.Path):
        self.url = f"{os.environ['S3_ENDPOINT']}/{os.environ['S3_BUCKET']}/benchmark"
        # By file: what stands on the command line can be read by everybody.
        self.settings = folder / "curl.conf"
        self.settings.write_text(
            f'user = "{os.environ["S3_ACCESS_KEY"]}:{os.environ["S3_SECRET_KEY"]}"\n'
            f'aws-sigv4 = "aws:amz:{os.environ["S3_REGION"]}:s3"\n'
            'header = "x-amz-content-sha256: UNSIGNED-PAYLOAD"\nheader = "Expect:"\nsilent\nfail\n')

    def run(self, *options: str) -> str:
        return subprocess.run(
            ["curl", "--config", self.settings, *options], check=True, capture_output=True, text=True).stdout

    def remove(self) -> None:
        self.run("--request", "DELETE", self.url)

    def put(self, file: pathlib.Path) -> float:
        """Seconds of one PUT."""
        seconds = self.run("--upload-file", str(file), "--write-out", "%{time_total}", "--output", os.devnull, self.url)
        self.remove()
        return float(seconds)

    def put_parts(self, parts: list[pathlib.Path], hashes: list[str]) -> float:
        """Seconds of an upload in parts, whose hashes are known."""
        names = "".join(
            f'<Part><PartNumber>{number}</PartNumber><ETag>"{etag}"</ETag></Part>' for number, etag in enumerate(hashes, 1))
        start = time.perf_counter()
        begun = self.run("--request", "POST", f"{self.url}?uploads=")
        upload = re.search("<UploadId>(.*?)</UploadId>", begun)[1]
        transfers = []
        for number, part in enumerate(parts, 1):
            transfers += ["--upload-file", str(part), "--output", os.devnull]
            transfers += [f"{self.url}?partNumber={number}&uploadId={upload}"]
        self.run("--parallel", "--parallel-max", str(PARALLEL), *transfers)
        body = f"<CompleteMultipartUpload>{names}</CompleteMultipartUpload>"
        self.run("--header", "Content-Type: application/xml", "--data", body, f"{self.url}?uploadId={upload}")
        seconds = time.perf_counter() - start
        self.remove()
        return seconds


def make_files(folder: pathlib.Path) -> tuple[pathlib.Path, list[pathlib.Path], list[str]]:
    """A large file, its parts, and their hashes."""
    parts, hashes = [], []
    with open(folder / "large.bin", "wb") as whole:
        for number in range(SIZE // PART):
            data = os.urandom(PART)
            whole.write(data)
            parts.append(folder / f"part-{number}.bin")
            parts[-1].write_bytes(data)
            hashes.append(hashlib.md5(data).hexdigest())
    return folder / "large.bin", parts, hashes


def ours(way: str, file: pathlib.Path) -> float:
    return float(subprocess.check_output([PROGRAM, "upload", way, str(file), f"--scratch={file.parent / 'scratch'}"]))


def main() -> None:
    folder, rounds = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    file, parts, hashes = make_files(folder)
    curl = Curl(folder)
    ways = {
        WHOLE: lambda: curl.put(file),
        "ours: one PUT": lambda: ours("whole", file),
        PARTS: lambda: curl.put_parts(parts, hashes),
        "ours: a file in parts": lambda: ours("put", file),
        "ours: chunks of 64 KiB as from a client": lambda: ours("partial", file),
    }
    speeds = {name: [] for name in ways}
    for _ in range(rounds):
        for name, send in ways.items():
            speeds[name].append(SIZE / 1e6 / send())
    table.heading(f"{SIZE >> 20} MiB to S3, MB/s")
    for name, rates in speeds.items():
        table.row(name, rates, 0)
        if name.startswith("ours"):
            table.ratio(f"  / {WHOLE}", rates, speeds[WHOLE], aim=0.8)
        if name.startswith("ours") and "PUT" not in name:
            table.ratio(f"  / {PARTS}", rates, speeds[PARTS])


main()
