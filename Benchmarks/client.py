"""What the benchmarks share: where the server is, and a small tus client over one kept-alive connection."""

import base64
import http.client
import json
import pathlib
from urllib.parse import urlparse


class House:
    """The server under test, found through the files in its data folder."""

    def __init__(self, data: str):
        folder = pathlib.Path(data)
        ready = json.loads((folder / "ready.json").read_text())
        welcome = json.loads((folder / "welcome.json").read_text())
        self.url, self.pid = ready["url"], ready["pid"]
        self.key, self.session, self.code = welcome["apiKey"], welcome["sessionID"], welcome["accessCode"]

    @property
    def socket_url(self) -> str:
        return self.url.replace("http", "ws", 1) + "/ws"


class Uploader:
    """Sends files into the session, chunk by chunk."""

    def __init__(self, house: House):
        self.house = house
        address = urlparse(house.url)
        self.connection = http.client.HTTPConnection(address.hostname, address.port)
        self.headers = {"Authorization": f"Bearer {house.key}", "Tus-Resumable": "1.0.0"}

    def send(self, name: str, data: bytes, chunk: int) -> None:
        pairs = {"session": self.house.session, "filename": name, "filetype": "image/jpeg"}
        metadata = ",".join(f"{key} {base64.b64encode(text.encode()).decode()}" for key, text in pairs.items())
        location = self._ask(
            "POST", "/api/uploads", 201, headers={"Upload-Length": str(len(data)), "Upload-Metadata": metadata}
        )
        path = urlparse(location).path
        for start in range(0, len(data), chunk):
            self._ask(
                "PATCH", path, 204, body=data[start : start + chunk],
                headers={"Upload-Offset": str(start), "Content-Type": "application/offset+octet-stream"},
            )

    def _ask(self, method: str, path: str, expected: int, headers: dict, body: bytes | None = None) -> str | None:
        self.connection.request(method, path, body=body, headers={**self.headers, **headers})
        answer = self.connection.getresponse()
        text = answer.read()
        assert answer.status == expected, (answer.status, text)
        return answer.headers.get("Location")
