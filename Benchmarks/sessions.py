"""Pages of a session of many photos, near its beginning and deep inside, and thousands of decisions at once with a guest who looks on."""

import http.client
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import threading
import time
from urllib.parse import unquote, urlencode, urlparse

import table
from client import House, Uploader
from wire import Process

# The aims: milliseconds for a page, seconds for a batch with all that is told of it.
PAGE_AIM, BATCH_AIM = 20, 5
PAGES, BATCH = 200, 5000
LISTS = {
    "newest": {},
    "by capture time": {"sort": "taken"},
    "by name": {"sort": "name"},
    "by stars": {"sort": "rating"},
    "with a tag that 1 of 100 has": {"tag": "cake"},
    "with 5 stars, which 1 of 1000 has": {"rating": "5"},
    "waiting for review, 1 of 500": {"review": "pending"},
}


class SQLite:
    """Beside a running server: it alone checkpoints."""

    UUID = "lower(printf('%s-%s-7%s-8%s-%s', hex(randomblob(4)), hex(randomblob(2)), substr(hex(randomblob(2)), 2), substr(hex(randomblob(2)), 2), hex(randomblob(6))))"
    HASH = "lower(hex(randomblob(32)))"
    SERIES = "(WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {count}) SELECT n FROM s)"

    def __init__(self, data: pathlib.Path):
        self.database = sqlite3.connect(data / "lumiere.sqlite", isolation_level=None)
        self.database.execute("PRAGMA wal_autocheckpoint = 0")

    def run(self, text: str) -> None:
        self.database.execute(text)

    def rows(self, text: str) -> list[tuple]:
        return self.database.execute(text).fetchall()

    def columns(self, name: str) -> list[str]:
        return [row[1] for row in self.rows(f"PRAGMA table_info({name})")]


class PostgreSQL:
    UUID = "gen_random_uuid()::text"
    HASH = "encode(sha256(gen_random_uuid()::text::bytea), 'hex')"
    SERIES = "generate_series(1, {count})"

    def __init__(self, data: pathlib.Path):
        url = urlparse(os.environ["DATABASE_URL"])
        self.environment = os.environ | {
            "PGHOST": url.hostname, "PGPORT": str(url.port), "PGUSER": unquote(url.username),
            "PGPASSWORD": unquote(url.password), "PGDATABASE": url.path[1:], "PGSSLMODE": "disable",
        }

    def run(self, text: str) -> None:
        self.rows(text)

    def rows(self, text: str) -> list[tuple]:
        answer = subprocess.run(
            ["psql", "-qAtX", "-v", "ON_ERROR_STOP=1", "-c", text], env=self.environment, check=True, capture_output=True)
        return [tuple(line.split("|")) for line in answer.stdout.decode().splitlines()]

    def columns(self, name: str) -> list[str]:
        query = f"SELECT column_name FROM information_schema.columns WHERE table_name = '{name}' ORDER BY ordinal_position"
        return [row[0] for row in self.rows(query)]


class Shoot:
    """The session with one photo, and as many rows that are like its row, with what was made of them."""

    def __init__(self, house: House, database: SQLite | PostgreSQL, count: int):
        self.house, self.database = house, database
        Uploader(house).send("photo.jpg", pathlib.Path("fixtures/media/demo-01.jpg").read_bytes(), 2 << 20)
        deadline = time.monotonic() + 60
        while not (found := database.rows("SELECT id, original_id FROM photos WHERE status = 'ready'")):
            assert time.monotonic() < deadline, "the photo is not ready"
            time.sleep(0.2)
        self.photo, self.original = found[0]
        self._copy(count - 1)
        self._mark()
        database.run("ANALYZE")

    def _copy(self, count: int) -> None:
        own = {
            "id": self.database.UUID, "original_id": self.database.UUID, "sha256": self.database.HASH, "created_at": "created_at + n",
            "shown_at": "shown_at + n", "taken_at": "taken_at + (n * 7919) % 86400000", "position": "created_at + n",
            "filename": "'IMG_' || n || '.JPG'", "rating": "CASE WHEN n % 1000 = 0 THEN 5 ELSE n % 4 END",
            "review": "CASE WHEN n % 500 = 0 THEN 'pending' ELSE 'approved' END",
        }
        own["shown_at"] = f"CASE WHEN n % 500 = 0 THEN NULL ELSE {own['shown_at']} END"
        names = self.database.columns("photos")
        values = ", ".join(own.get(name, f"photos.{name}") for name in names)
        series = self.database.SERIES.format(count=count)
        self.database.run(
            f"INSERT INTO photos ({', '.join(names)}) SELECT {values} FROM photos, {series} AS series (n) WHERE photos.id = '{self.photo}'"
            if isinstance(self.database, PostgreSQL)
            else f"INSERT INTO photos ({', '.join(names)}) SELECT {values} FROM photos, {series} WHERE photos.id = '{self.photo}'")
        names = self.database.columns("renditions")
        values = ", ".join(
            {"original_id": "photos.original_id", "object_key": f"replace(object_key, '{self.original}', photos.original_id)"}.get(
                name, f"renditions.{name}") for name in names)
        self.database.run(
            f"INSERT INTO renditions ({', '.join(names)}) SELECT {values} FROM renditions, photos "
            f"WHERE renditions.original_id = '{self.original}' AND photos.original_id <> '{self.original}'")

    def _mark(self) -> None:
        tagged = "rating IS NOT NULL AND created_at % 100 = 0"
        self.database.run(f"INSERT INTO photo_tags (photo_id, tag, session_id) SELECT id, 'cake', session_id FROM photos WHERE {tagged}")
        self.database.run(f"UPDATE photos SET labels = '[\"cake\"]' WHERE {tagged}")

    def hold_back(self, count: int) -> list[str]:
        """Puts that many approved photos into review, without a word to anybody."""
        chosen = f"SELECT id FROM photos WHERE review = 'approved' AND shown_at > 0 ORDER BY id LIMIT {count}"
        ids = [row[0] for row in self.database.rows(chosen)]
        self.database.run(f"UPDATE photos SET review = 'pending', shown_at = NULL WHERE id IN ({chosen})")
        return ids


class Client:
    def __init__(self, house: House, token: str):
        address = urlparse(house.url)
        self.connection = http.client.HTTPConnection(address.hostname, address.port)
        self.headers = {"Authorization": f"Bearer {token}"}
        self.session = house.session

    def ask(self, method: str, path: str, body: dict | None = None) -> dict:
        self.connection.request(
            method, path, json.dumps(body) if body else None, {**self.headers, **({"Content-Type": "application/json"} if body else {})})
        answer = self.connection.getresponse()
        text = answer.read()
        assert answer.status < 300, (path, answer.status, text[:500])
        return json.loads(text)

    def page(self, query: dict, cursor: str | None, limit: int = 50) -> dict:
        parts = {"session": self.session, "limit": limit, **query, **({"cursor": cursor} if cursor else {})}
        return self.ask("GET", f"/api/photos?{urlencode(parts)}")

    def times(self, query: dict, cursor: str | None) -> list[float]:
        times = []
        for _ in range(PAGES):
            begin = time.perf_counter()
            self.page(query, cursor)
            times.append((time.perf_counter() - begin) * 1e3)
        return times


class Guest(threading.Thread):
    """Reads the session's events and remembers when it had heard of so many photos."""

    def __init__(self, house: House, token: str, count: int):
        super().__init__(daemon=True)
        client = Client(house, token)
        client.connection.request("GET", f"/api/sessions/{house.session}/events", headers={**client.headers, "Accept": "text/event-stream"})
        self.answer = client.connection.getresponse()
        assert self.answer.status == 200
        self.client, self.count, self.heard, self.end = client, count, 0, 0.0

    def run(self) -> None:
        while self.heard < self.count:
            self.heard += self.answer.readline().startswith(b"event: new_photo")
        self.end = time.perf_counter()


def deep(client: Client, query: dict) -> str | None:
    """The cursor of a page in the middle of a list, or near its end when that is sooner."""
    cursor = None
    for _ in range(125):
        following = client.page(query, cursor, limit=200).get("nextCursor")
        if following is None:
            break
        cursor = following
    return cursor


def show_lists(name: str, client: Client, rounds: int) -> None:
    table.heading(f"{name}: milliseconds of a page of 50, 99th percentile of {PAGES}")
    for label, query in LISTS.items():
        inside = deep(client, query)
        first = [table.percentile(client.times(query, None), 0.99) for _ in range(rounds)]
        table.row(f"{label}: the first page (aim {PAGE_AIM})", first, 1)
        later = [table.percentile(client.times(query, inside), 0.99) for _ in range(rounds)]
        table.row(f"{label}: deep inside", later, 1)


def show_batches(name: str, shoot: Shoot, owner: Client, token: str, rounds: int) -> None:
    answered, heard, used, process = [], [], [], Process(shoot.house.pid)
    for _ in range(rounds):
        ids = shoot.hold_back(BATCH)
        guest = Guest(shoot.house, token, BATCH)
        guest.start()
        processor, begin = process.seconds(), time.perf_counter()
        result = owner.ask("POST", "/api/photos/batch", {"sessionId": shoot.house.session, "photoIds": ids, "action": "approve"})
        answered.append(time.perf_counter() - begin)
        assert result["done"] == BATCH, result["failed"]
        guest.join(60)
        assert guest.end, f"heard of {guest.heard}"
        heard.append(guest.end - begin)
        used.append((process.seconds() - processor) / BATCH * 1e3)
    table.heading(f"{name}: {BATCH} photos approved at once")
    table.row(f"seconds to the answer (aim {BATCH_AIM})", answered)
    table.row(f"seconds until a guest has heard of all (aim {BATCH_AIM})", heard)
    table.row("processor, ms a photo", used)


def main() -> None:
    kind, data = sys.argv[1], pathlib.Path(sys.argv[2])
    rounds, count = int(sys.argv[3]), int(sys.argv[4])
    house = House(str(data))
    name = {"sqlite": "SQLite", "postgres": "PostgreSQL"}[kind]
    shoot = Shoot(house, SQLite(data) if kind == "sqlite" else PostgreSQL(data), count)
    owner = Client(house, house.key)
    entry = owner.ask("POST", f"/api/sessions/{house.session}/verify", {"accessCode": house.code})
    show_lists(f"{name}, {count} photos, desk", owner, rounds)
    guest = Client(house, entry["token"])
    LISTS.clear()
    LISTS.update({"newest": {}, "by capture time": {"sort": "taken"}, "with a tag that 1 of 100 has": {"tag": "cake"}})
    show_lists(f"{name}, {count} photos, guest", guest, rounds)
    show_batches(name, shoot, owner, entry["token"], rounds)


if __name__ == "__main__":
    main()
