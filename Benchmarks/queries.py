"""The photo list and the insertion of a message on both databases, beside pgbench with the same statements."""

import glob
import json
import os
import pathlib
import subprocess
import sys
from urllib.parse import unquote, urlparse

import table

PROGRAM = ".build/release/StorageBenchmark"
CONNECTIONS = 10
# What connections of the pool have by default.
READING = "-c default_transaction_isolation=repeatable\\ read -c default_transaction_read_only=on -c jit=off"
WRITING = "-c default_transaction_isolation=serializable -c jit=off"


def environment() -> dict[str, str]:
    """DATABASE_URL as libpq's own variables, so that the password stands on no command line."""
    url = urlparse(os.environ["DATABASE_URL"])
    return os.environ | {
        "PGHOST": url.hostname, "PGPORT": str(url.port), "PGUSER": unquote(url.username),
        "PGPASSWORD": unquote(url.password), "PGDATABASE": url.path[1:], "PGSSLMODE": "disable",
    }


class Peer:
    """pgbench with a statement of ours."""

    def __init__(self, folder: pathlib.Path, name: str, statement: str, options: str, block: bool = False):
        script = json.loads(subprocess.check_output([PROGRAM, "script", statement]))
        self.file = folder / f"{name}.sql"
        text = f"BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE;\n{script['text']}COMMIT;\n" if block else script["text"]
        self.file.write_text(text)
        self.variables = [f"--define={name}={value}" for name, value in script["variables"].items()]
        self.options = options
        self.logs = folder / f"{name}-log"

    def run(self, seconds: int) -> dict[str, float]:
        subprocess.run(
            ["pgbench", "--no-vacuum", f"--client={CONNECTIONS}", "--jobs=2", "--protocol=prepared", f"--time={seconds + 1}",
             f"--file={self.file}", "--log", f"--log-prefix={self.logs}", *self.variables],
            env=environment() | {"PGOPTIONS": self.options}, check=True, capture_output=True)
        return self.summary(seconds)

    def summary(self, seconds: int) -> dict[str, float]:
        """Leaves the first second out, as our side does."""
        entries = []
        for name in glob.glob(f"{self.logs}.*"):
            for line in open(name):
                words = line.split()
                entries.append((int(words[4]) + int(words[5]) / 1e6, int(words[2]) / 1000))
            os.remove(name)
        first = min(moment - duration / 1000 for moment, duration in entries)
        times = [duration for moment, duration in entries if first + 1 <= moment < first + 1 + seconds]
        return {"rate": len(times) / seconds, "p50": table.percentile(times, 0.5), "p99": table.percentile(times, 0.99)}


def ours(statement: str, callers: int, seconds: int, sqlite: str | None = None) -> dict[str, float]:
    where = [f"--sqlite={sqlite}"] if sqlite else []
    command = [PROGRAM, "query", statement, f"--callers={callers}", f"--seconds={seconds}", *where]
    return json.loads(subprocess.check_output(command))


def show(title: str, results: dict[str, list[dict[str, float]]], peer: str) -> None:
    table.heading(title)
    for name, rounds in results.items():
        table.row(f"{name}: per second", [each["rate"] for each in rounds], 0)
        table.row("  p50, ms", [each["p50"] for each in rounds])
        table.row("  p99, ms", [each["p99"] for each in rounds])
        if not name.startswith("pgbench"):
            rates = [[each["rate"] for each in results[key]] for key in (name, peer)]
            table.ratio("  / " + peer, *rates, aim=0.7 if name.startswith("PostgreSQL") else None)


def main() -> None:
    folder, rounds, seconds = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    sqlite = str(folder / "benchmark.sqlite")
    subprocess.run([PROGRAM, "prepare"], check=True)
    subprocess.run([PROGRAM, "prepare", f"--sqlite={sqlite}"], check=True)
    listing = Peer(folder, "list", "list", READING)
    block = Peer(folder, "block", "insert", WRITING, block=True)
    alone = Peer(folder, "alone", "insert", WRITING)
    reads = {f"pgbench, {CONNECTIONS} connections": listing.run}
    writes = {"pgbench, BEGIN INSERT COMMIT": block.run, "pgbench, INSERT alone": alone.run}
    for statement, cases in (("list", reads), ("insert", writes)):
        for callers in (10, 32):
            cases[f"PostgreSQL, {callers} callers"] = lambda s, n=statement, c=callers: ours(n, c, s)
        for callers in (10, 32):
            cases[f"SQLite, {callers} callers"] = lambda s, n=statement, c=callers: ours(n, c, s, sqlite)
    for title, peer, cases in (
        ("photo list: a page of 50 out of 5000", f"pgbench, {CONNECTIONS} connections", reads),
        ("insertion of a message of 200 bytes", "pgbench, BEGIN INSERT COMMIT", writes),
    ):
        figures = {name: [] for name in cases}
        for _ in range(rounds):
            for name, measure in cases.items():
                figures[name].append(measure(seconds))
        show(title, figures, peer)


main()
