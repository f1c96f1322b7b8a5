"""From the commit of a durable event at one node to the frame at guests of others, beside a bare PUBLISH of Redis."""

import asyncio
import json
import os
import pathlib
import sys
import threading
import time

import redis
import websockets

import table

PROGRAM = ".build/release/StorageBenchmark"
EVENTS = 300
INTERVAL = 0.02


def bare_publish() -> list[float]:
    """Milliseconds from PUBLISH to its arrival at another connection."""
    sender, listener = (redis.from_url(os.environ["REDIS_URL"]) for _ in range(2))
    subscription = listener.pubsub(ignore_subscribe_messages=True)
    subscription.subscribe("benchmark")
    subscription.get_message(timeout=1)
    times = []

    def listen() -> None:
        while len(times) < EVENTS:
            message = subscription.get_message(timeout=5)
            if message:
                times.append((time.monotonic_ns() - int(message["data"])) / 1e6)

    thread = threading.Thread(target=listen)
    thread.start()
    for _ in range(EVENTS):
        sender.publish("benchmark", str(time.monotonic_ns()))
        time.sleep(INTERVAL / 4)
    thread.join()
    return times


async def hear(url: str, welcome: dict, ready: asyncio.Event) -> dict[int, int]:
    """A guest: when the frame of each event came."""
    moments = {}
    async with websockets.connect(url.replace("http", "ws", 1) + "/ws", max_size=None, compression=None) as socket:
        join = {"sessionId": welcome["sessionID"], "accessCode": welcome["accessCode"]}
        await socket.send(json.dumps({"type": "join_session", "id": 1, "data": join}))
        while len(moments) < EVENTS:
            text = await asyncio.wait_for(socket.recv(), 30)
            now = time.monotonic_ns()
            event = json.loads(text)
            if event["type"] == "ack":
                ready.set()
            elif event["type"] == "benchmark":
                moments[event["data"]["number"]] = now
            elif event["type"] == "error":
                raise RuntimeError(text)
    return moments


async def publish(session: str) -> dict[int, int]:
    """The node that commits: when it knew of each commit."""
    child = await asyncio.create_subprocess_exec(
        PROGRAM, "publish", session, f"--count={EVENTS}", f"--interval={int(INTERVAL * 1000)}",
        stdout=asyncio.subprocess.PIPE)
    output, _ = await child.communicate()
    assert child.returncode == 0, "the publisher failed"
    return {int(number): int(moment) for number, moment in map(str.split, output.decode().splitlines())}


async def one_round(welcome: dict, servers: list[str]) -> list[list[float]]:
    """Milliseconds, for the guests of each server."""
    guests, ready = [], [asyncio.Event() for _ in servers]
    for url, event in zip(servers, ready):
        guests.append(asyncio.create_task(hear(url, welcome, event)))
    await asyncio.gather(*(asyncio.wait_for(event.wait(), 10) for event in ready))
    commits = await publish(welcome["sessionID"])
    return [[(heard[n] - commits[n]) / 1e6 for n in commits] for heard in await asyncio.gather(*guests)]


def main() -> None:
    stack, rounds = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    welcome = json.loads(next(stack.glob("server-*/welcome.json")).read_text())
    servers = [os.environ["STACK_SERVER_1"], os.environ["STACK_SERVER_2"]]
    peers, results = [], []
    for _ in range(rounds):
        peers.append(bare_publish())
        results.append(asyncio.run(one_round(welcome, servers)))
    table.heading("commit at one node to the frame at a guest of another, ms")
    for name, each in [("Redis PUBLISH to a subscriber", peers)] + [
        (f"guests of server {n + 1}", [result[n] for result in results]) for n in range(len(servers))
    ]:
        aim = " (aim 3)" if each is not peers else ""
        table.row(f"{name}: p50{aim}", [table.percentile(times, 0.5) for times in each])
        table.row("  p99", [table.percentile(times, 0.99) for times in each])


main()
