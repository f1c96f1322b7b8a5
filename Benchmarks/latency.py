"""Last byte to `new_photo` and to all renditions, beside a warm in-process thumbnail of the same file."""

import asyncio
import json
import os
import pathlib
import statistics
import sys
import tempfile
import time

import pyvips
import websockets

from client import House, Uploader
from photos import SMOOTH, noisy
from table import percentile

ROUNDS = 15
CHUNK = 2 << 20


def warm_thumbnail(path: pathlib.Path) -> list[float]:
    """Milliseconds of a `vips thumbnail` to 320 pixels, written as JPEG, after a warm-up. One thread, as a decoder has."""
    pyvips.voperation.cache_set_max(0)
    times = []
    for _ in range(ROUNDS + 1):
        start = time.perf_counter()
        pyvips.Image.thumbnail(str(path), 320).jpegsave_buffer(Q=78)
        times.append((time.perf_counter() - start) * 1000)
    return times[1:]


async def photo(socket, house: House, data: bytes, number: int) -> tuple[float, float]:
    """Sends one photo; milliseconds from the start of its last request's answer to the two events."""

    def send() -> float:
        Uploader(house).send(f"bench-{number}.jpg", data, CHUNK)
        return time.perf_counter()

    sending = asyncio.create_task(asyncio.to_thread(send))
    shown = ready = None
    while ready is None:
        event = json.loads(await asyncio.wait_for(socket.recv(), 60))
        if event["type"] == "new_photo":
            shown = time.perf_counter()
        elif event["type"] == "photo_status_updated":
            ready = time.perf_counter()
            assert event["data"]["status"] == "ready" and len(event["data"]["renditions"]) == 8, event
    last_byte = await sending
    return (shown - last_byte) * 1000, (ready - last_byte) * 1000


async def measure(house: House, socket, path: pathlib.Path) -> None:
    source = path.read_bytes()
    # A few bytes behind the end make it another photo with the same picture.
    results = [await photo(socket, house, source + os.urandom(16), number) for number in range(ROUNDS + 2)]
    shown, ready = zip(*results[2:])
    peer = statistics.median(warm_thumbnail(path))
    aim = 1.3 * peer + 30
    median, late = statistics.median(shown), percentile(shown, 0.95)
    print(f"a photo of {len(source) / 1e6:.0f} MB")
    print(f"  warm in-process vips thumbnail   {peer:7.0f} ms")
    print(f"  last byte to new_photo           {median:7.0f} ms   (min {min(shown):.0f}, p95 {late:.0f})")
    print(f"    of 1.3 x thumbnail + 30 ms     {median / aim:7.2f}      (p95 of twice that {late / (2 * aim):.2f})")
    print(f"  last byte to all renditions      {statistics.median(ready):7.0f} ms   (min {min(ready):.0f}, max {max(ready):.0f})")


async def main() -> None:
    house = House(sys.argv[1])
    async with websockets.connect(house.socket_url, max_size=None) as socket:
        join = {"sessionId": house.session, "accessCode": house.code}
        await socket.send(json.dumps({"type": "join_session", "id": 1, "data": join}))
        with tempfile.TemporaryDirectory() as folder:
            for path in (SMOOTH, noisy(pathlib.Path(folder))):
                await measure(house, socket, path)


asyncio.run(main())
