"""A client that costs less than any server: requests over one kept-alive connection, bodies by sendfile."""

import os
import socket
import time
from urllib.parse import urlparse


class Wire:
    def __init__(self, url: str):
        address = urlparse(url)
        self.host = address.netloc
        self.socket = socket.create_connection((address.hostname, address.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # sendfile wants a descriptor that blocks.
        self.socket.settimeout(None)

    def close(self) -> None:
        self.socket.close()

    def ask(
        self, method: str, path: str, expected: int, headers: str, body: tuple[int, int, int] = (-1, 0, 0)
    ) -> dict[str, str]:
        """Sends a request whose body is (descriptor, offset, count); the header fields of the answer, in lower case."""
        file, offset, count = body
        head = f"{method} {path} HTTP/1.1\r\nHost: {self.host}\r\nContent-Length: {count}\r\n{headers}\r\n"
        self.socket.sendall(head.encode(), socket.MSG_MORE if count else 0)
        end = offset + count
        while offset < end:
            offset += os.sendfile(self.socket.fileno(), file, offset, end - offset)
        return self._answer(expected)

    def _answer(self, expected: int) -> dict[str, str]:
        text = b""
        while b"\r\n\r\n" not in text:
            piece = self.socket.recv(65536)
            assert piece, "the connection has ended"
            text += piece
        head, _, body = text.partition(b"\r\n\r\n")
        status, *lines = head.decode("latin-1").split("\r\n")
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        missing = int(fields.get("content-length", 0)) - len(body)
        while missing > 0:
            missing -= len(self.socket.recv(missing))
        assert status.split()[1] == str(expected), (status, body)
        return fields


class Process:
    """What a server, with its children of the same name, has used."""

    TICK = os.sysconf("SC_CLK_TCK")

    def __init__(self, pid: int):
        self.pid = pid

    def _pids(self) -> list[int]:
        name = self._stat(self.pid)[0]
        found = [self.pid]
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                try:
                    other, fields = self._stat(int(entry))
                except OSError:
                    continue
                if other == name and int(fields[1]) == self.pid:
                    found.append(int(entry))
        return found

    @staticmethod
    def _stat(pid: int) -> tuple[str, list[str]]:
        with open(f"/proc/{pid}/stat") as file:
            name, _, rest = file.read().partition("(")[2].rpartition(")")
        return name, rest.split()

    def seconds(self) -> float:
        """Processor time so far, in user and kernel mode."""
        fields = (self._stat(pid)[1] for pid in self._pids())
        return sum(int(field[11]) + int(field[12]) for field in fields) / self.TICK

    def rest(self) -> float:
        """Waits until it has done what follows the last answer: hashes, clean-up. Its processor time by then."""
        used, since = self.seconds(), time.monotonic()
        deadline = since + 120
        while time.monotonic() < min(since + 1, deadline):
            time.sleep(0.1)
            now = self.seconds()
            # A tenth of a tenth of a second: timers, not work.
            if now - used > 0.011:
                since = time.monotonic()
            used = now
        return used

    def forget_peak(self) -> None:
        for pid in self._pids():
            with open(f"/proc/{pid}/clear_refs", "w") as file:
                file.write("5")

    def peak(self) -> float:
        """MB that were resident at most since `forget_peak`, of all together."""
        total = 0
        for pid in self._pids():
            with open(f"/proc/{pid}/status") as file:
                total += next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))
        return total * 1024 / 1e6
