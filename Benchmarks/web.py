"""A guest's visit to a gallery of many photos, as the browser itself measures it."""

import pathlib
import sys
import time

import table
from browser import Browser
from client import House, Uploader
from sessions import SQLite

# The aims: milliseconds, compressed bytes, score, milliseconds.
PAINT_AIM, SCRIPT_AIM, SHIFT_AIM, TASK_AIM = 500, 60_000, 0.02, 100

WATCH = """
  window.shifts = 0; window.tasks = [];
  new PerformanceObserver((list) => { for (const e of list.getEntries()) if (!e.hadRecentInput) window.shifts += e.value; })
    .observe({ type: "layout-shift", buffered: true });
  new PerformanceObserver((list) => { for (const e of list.getEntries()) window.tasks.push(e.duration); })
    .observe({ type: "longtask", buffered: true });
"""
PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
SCRIPTS = """
  performance.getEntriesByType('resource').filter((r) => r.name.endsWith('.js')).reduce((sum, r) => sum + r.encodedBodySize, 0)
"""
# A screen's height every 50 ms, as somebody scrolls who looks for something, to the last photo.
SCROLL = """
  (async () => {
    window.tasks = []; let still = 0, frames = 0, last = -1, begin = performance.now();
    while (still < 40 && performance.now() - begin < 120000) {
      scrollBy(0, innerHeight);
      await new Promise((done) => setTimeout(done, 50));
      await new Promise((done) => requestAnimationFrame(done));
      still = scrollY === last ? still + 1 : 0; last = scrollY; frames += 1;
    }
    return { height: document.documentElement.scrollHeight, nodes: document.querySelectorAll('*').length, tasks: window.tasks };
  })()
"""


def fill(house: House, data: pathlib.Path, count: int) -> None:
    """Some real photos, and so many rows that are like theirs and show the same files."""
    pictures = sorted(pathlib.Path("fixtures/media").glob("demo-*.jpg"))
    for picture in pictures:
        Uploader(house).send(picture.name, picture.read_bytes(), 2 << 20)
    database, deadline = SQLite(data), time.monotonic() + 120
    while database.rows("SELECT COUNT(*) FROM photos WHERE status = 'ready'")[0][0] < len(pictures):
        assert time.monotonic() < deadline, "the photos are not ready"
        time.sleep(0.2)
    own = {"id": SQLite.UUID, "original_id": SQLite.UUID, "sha256": SQLite.HASH, "created_at": "created_at - n * 60000", "filename": "original_id"}
    names = database.columns("photos")
    values = ", ".join(own.get(name, f"photos.{name}") for name in names)
    series = SQLite.SERIES.format(count=count // len(pictures))
    database.run(f"INSERT INTO photos ({', '.join(names)}) SELECT {values} FROM photos, {series}")
    names = database.columns("renditions")
    values = ", ".join("photos.original_id" if name == "original_id" else f"renditions.{name}" for name in names)
    database.run(
        f"INSERT INTO renditions ({', '.join(names)}) SELECT {values} FROM photos JOIN renditions ON renditions.original_id = photos.filename")


def visit(url: str, width: int, height: int) -> dict:
    browser = Browser(width, height)
    # The browser has enough to do with its own beginning.
    time.sleep(2)
    browser.before_all(WATCH)
    browser.go(url)
    browser.wait("[...document.querySelectorAll('#grid img')].filter((i) => i.complete && i.naturalWidth > 0).length > 8")
    time.sleep(1)
    seen = {"paint": browser.value(PAINT), "scripts": browser.value(SCRIPTS), "shift": browser.value("window.shifts")}
    seen |= browser.value(SCROLL)
    browser.close()
    return seen


def main() -> None:
    data, rounds, count = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    house = House(str(data))
    fill(house, data, count)
    url = f"{house.url}/gallery/{house.code}"
    for name, width, height in (("phone", 390, 844), ("desktop", 1440, 900)):
        visits = [visit(url, width, height) for _ in range(rounds)]
        table.heading(f"{name}: a gallery of {count} photos, {rounds} first visits")
        table.row(f"first contentful paint, ms (aim {PAINT_AIM})", [one["paint"] for one in visits], 0)
        table.row(f"scripts, compressed bytes (aim {SCRIPT_AIM})", [one["scripts"] for one in visits], 0)
        table.row(f"layout shift (aim {SHIFT_AIM})", [one["shift"] for one in visits], 4)
        table.row(f"longest task while scrolling through, ms (aim {TASK_AIM})", [max(one["tasks"], default=0) for one in visits], 0)
        table.row("elements in the page at the end", [one["nodes"] for one in visits], 0)
        table.row("height of the page, px", [one["height"] for one in visits], 0)


if __name__ == "__main__":
    main()
