"""What makes renditions: our decoder, and its peers on the same libvips. Each makes four sizes as JPEG and as WebP."""

import json
import os
import pathlib
import struct
import subprocess
import sys
import uuid

SIZES = [("thumb", 320, 78), ("small", 640, 80), ("medium", 1280, 82), ("large", 2560, 84)]
EFFORT = 2
MARK = "© Lumière 2026"
# As a decoder has; a second processor is used by a second process.
ONE_THREAD = {**os.environ, "VIPS_CONCURRENCY": "1"}
TICKS = os.sysconf("SC_CLK_TCK")


def usage(pid: int) -> tuple[float, float]:
    """Processor seconds of a running process so far, and its largest resident size in MiB."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    peak = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return (int(fields[11]) + int(fields[12])) / TICKS, int(peak) / 1024


class Decoder:
    """Ours, asked as the server asks: for the thumbnail, then for the rest."""

    name = "lumiere-decode"

    def __init__(self, binary: str, photo: pathlib.Path, folder: pathlib.Path, mark: bool):
        self.photo, self.folder = photo, folder
        self.recipe = {
            "sizes": [{"name": name, "longEdge": edge, "quality": quality} for name, edge, quality in SIZES],
            "formats": ["jpeg", "webp"], "version": 1, "metadata": "rights",
        }
        if mark:
            self.recipe["watermark"] = {
                "text": MARK, "place": "bottomRight", "opacity": 70, "scale": 25, "margin": 3, "rotation": 0,
                "colour": "#ffffff", "shadow": True,
            }
        self.child = subprocess.Popen(
            [binary, "--read", str(photo.parent), "--folder", str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def usage(self) -> tuple[float, float]:
        return usage(self.child.pid)

    def make(self) -> None:
        for part in ("thumbnail", "rest"):
            self._ask(part)

    def _ask(self, part: str) -> None:
        request = {
            "id": str(uuid.uuid4()), "inputPath": str(self.photo), "outputFolder": str(self.folder), "recipe": self.recipe,
            "timeLimit": 60_000, "part": part,
        }
        message = json.dumps(request).encode()
        self.child.stdin.write(struct.pack(">I", len(message)) + message)
        self.child.stdin.flush()
        reply = {}
        while "done" not in reply:
            (length,) = struct.unpack(">I", self.child.stdout.read(4))
            reply = json.loads(self.child.stdout.read(length))
            assert "failed" not in reply, reply

    def stop(self) -> None:
        self.child.stdin.close()
        self.child.wait()


class PyVips:
    """pyvips in a process of its own: one decode at the largest size, and everything from there; no sharpening, no
    placeholder, no second decode for the thumbnail. A shadow and a text make the mark, drawn once for each size."""

    name = "pyvips, one decode"

    def __init__(self, binary: str, photo: pathlib.Path, folder: pathlib.Path, mark: bool):
        arguments = [sys.executable, __file__, str(photo), str(folder), str(int(mark))]
        self.child = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=ONE_THREAD)

    def usage(self) -> tuple[float, float]:
        return usage(self.child.pid)

    def make(self) -> None:
        self.child.stdin.write(b"\n")
        self.child.stdin.flush()
        assert self.child.stdout.readline() == b"done\n"

    def stop(self) -> None:
        self.child.stdin.close()
        self.child.wait()


class VipsThumbnail:
    """A process for each rendition, as a shell script would do it; without the mark, which it cannot draw."""

    name = "vipsthumbnail, each"

    def __init__(self, binary: str, photo: pathlib.Path, folder: pathlib.Path, mark: bool):
        self.photo, self.folder = photo, folder
        self.spent = self.peak = 0.0

    def usage(self) -> tuple[float, float]:
        return self.spent, self.peak

    def make(self) -> None:
        for name, edge, quality in SIZES:
            for target in (f"{name}.jpg[Q={quality},strip]", f"{name}.webp[Q={quality},strip,effort={EFFORT}]"):
                self._run(["--size", f"{edge}x{edge}>", "--eprofile", "srgb", "-o", str(self.folder / target)])

    def _run(self, options: list[str]) -> None:
        child = os.posix_spawnp("vipsthumbnail", ["vipsthumbnail", str(self.photo), *options], ONE_THREAD)
        _, status, usage = os.wait4(child, 0)
        assert status == 0, "vipsthumbnail has failed"
        self.spent += usage.ru_utime + usage.ru_stime
        self.peak = max(self.peak, usage.ru_maxrss / 1024)

    def stop(self) -> None:
        """Nothing runs on."""


def serve_pyvips(photo: str, folder: str, mark: bool) -> None:
    import pyvips

    pyvips.cache_set_max(0)
    marks: dict[int, "pyvips.Image"] = {}

    def drawn(width: int) -> "pyvips.Image":
        if width not in marks:
            alpha = pyvips.Image.text(MARK, width=width // 4, height=width // 8)
            soft = alpha.gaussblur(2).linear(0.7, 0).cast("uchar")
            white = alpha.new_from_image([255, 255, 255]).bandjoin(alpha.linear(0.7, 0).cast("uchar"))
            shade = alpha.new_from_image([0, 0, 0]).bandjoin(soft)
            marks[width] = shade.copy(interpretation="srgb").composite2(white.copy(interpretation="srgb"), "over").copy_memory()
        return marks[width]

    def marked(image: "pyvips.Image") -> "pyvips.Image":
        text = drawn(image.width)
        edge = min(image.width, image.height) * 3 // 100
        x, y = image.width - edge - text.width, image.height - edge - text.height
        return image.composite2(text, "over", x=x, y=y).flatten()

    for _ in sys.stdin:
        image = pyvips.Image.thumbnail(photo, SIZES[-1][1], height=SIZES[-1][1], size="down", export_profile="srgb")
        image = image.copy_memory()
        for name, edge, quality in reversed(SIZES):
            if max(image.width, image.height) > edge:
                image = image.thumbnail_image(edge, height=edge, size="down").copy_memory()
            written = marked(image).copy_memory() if mark and name != "thumb" else image
            written.jpegsave(f"{folder}/{name}.jpg", Q=quality, strip=True, interlace=edge >= 1000, optimize_coding=True)
            written.webpsave(f"{folder}/{name}.webp", Q=quality, strip=True, effort=EFFORT)
        print("done", flush=True)


if __name__ == "__main__":
    serve_pyvips(sys.argv[1], sys.argv[2], sys.argv[3] == "1")
