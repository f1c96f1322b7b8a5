"""Last byte to `new_photo` and to all renditions, beside a warm in-process thumbnail of the same file."""

import asyncio
import json
import os
import statistics
import sys
import time

import pyvips
import websockets

from client import House, Uploader

PHOTO = "fixtures/media/large-24mp.jpg"
ROUNDS = 15
CHUNK = 2 << 20


def warm_thumbnail() -> list[float]:
    """Milliseconds of a `vips thumbnail` to 320 pixels, written as JPEG, after a warm-up. One thread, as a decoder has."""
    pyvips.voperation.cache_set_max(0)
    times = []
    for _ in range(ROUNDS + 1):
        start = time.perf_counter()
        pyvips.Image.thumbnail(PHOTO, 320).jpegsave_buffer(Q=78)
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


async def main() -> None:
    house = House(sys.argv[1])
    source = open(PHOTO, "rb").read()
    results = []
    async with websockets.connect(house.socket_url, max_size=None) as socket:
        join = {"sessionId": house.session, "accessCode": house.code}
        await socket.send(json.dumps({"type": "join_session", "id": 1, "data": join}))
        for number in range(ROUNDS + 2):
            # A few bytes behind the end make it another photo with the same picture.
            results.append(await photo(socket, house, source + os.urandom(16), number))
    shown, ready = zip(*results[2:])
    peer = statistics.median(warm_thumbnail())
    median = statistics.median(shown)
    print(f"warm in-process vips thumbnail   {peer:7.0f} ms")
    print(f"last byte to new_photo           {median:7.0f} ms   (min {min(shown):.0f}, max {max(shown):.0f})")
    print(f"  of 1.3 x thumbnail + 30 ms     {median / (1.3 * peer + 30):7.2f}")
    print(f"last byte to all renditions      {statistics.median(ready):7.0f} ms   (min {min(ready):.0f}, max {max(ready):.0f})")


asyncio.run(main())
