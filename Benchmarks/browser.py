"""A headless Chromium, asked through its debugging protocol."""

import base64
import json
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import tempfile
import time
import urllib.request


class Line:
    """A WebSocket that carries JSON (RFC 6455), as much of it as two programs of one machine need."""

    def __init__(self, host: str, port: int, path: str):
        self.socket = socket.create_connection((host, port), timeout=60)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
        self.stream = self.socket.makefile("rb")
        assert b" 101 " in self.stream.readline()
        while self.stream.readline() != b"\r\n":
            pass

    def send(self, message: dict) -> None:
        data = json.dumps(message).encode()
        length = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + struct.pack(">H", len(data))
        assert len(data) < 1 << 16
        # A mask of zeros leaves the bytes as they are.
        self.socket.sendall(b"\x81" + length + bytes(4) + data)

    def receive(self) -> dict:
        text = b""
        while True:
            first, second = self.stream.read(2)
            size = second & 0x7F
            if size > 125:
                size = struct.unpack(">H" if size == 126 else ">Q", self.stream.read(2 if size == 126 else 8))[0]
            text += self.stream.read(size)
            if first & 0x80:
                return json.loads(text)


class Browser:
    def __init__(self, width: int, height: int):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.process = subprocess.Popen(
            ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", f"--window-size={width},{height}",
             f"--user-data-dir={self.folder}", "--remote-debugging-port=0", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        note, deadline = self.folder / "DevToolsActivePort", time.monotonic() + 60
        while not note.exists() or "\n" not in note.read_text():
            assert time.monotonic() < deadline, "the browser does not start"
            time.sleep(0.1)
        self.port, self.number = int(note.read_text().split()[0]), 0
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/json/new?about:blank", method="PUT")
        target = json.load(urllib.request.urlopen(request))["webSocketDebuggerUrl"]
        self.line = Line("127.0.0.1", self.port, "/" + target.split("/", 3)[3])
        self.command("Page.enable")

    def command(self, method: str, **parameters) -> dict:
        self.number += 1
        self.line.send({"id": self.number, "method": method, "params": parameters})
        while (answer := self.line.receive()).get("id") != self.number:
            pass
        assert "result" in answer, answer
        return answer["result"]

    def before_all(self, script: str) -> None:
        """Runs in every page before its own scripts do."""
        self.command("Page.addScriptToEvaluateOnNewDocument", source=script)

    def go(self, url: str) -> None:
        self.command("Page.navigate", url=url)

    def value(self, expression: str):
        """The value of a JavaScript expression, or what it promises."""
        answer = self.command("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def wait(self, expression: str, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not self.value(expression):
            assert time.monotonic() < deadline, expression
            time.sleep(0.05)

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)
