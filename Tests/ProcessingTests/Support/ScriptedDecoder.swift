/// A decoder whose misbehaviour can be ordered; what the real one cannot be provoked to do on purpose.
/// Arguments: the mode, and a folder to count its starts and jobs in.
let scriptedDecoder = #"""
    import json, os, struct, sys, time

    # "later X" does one job well and X from then on.
    order, state = sys.argv[1], sys.argv[2]
    os.makedirs(state, exist_ok=True)

    def count(name):
        with open(f"{state}/{name}", "a") as file: file.write("x")
        return os.path.getsize(f"{state}/{name}")

    def send(reply):
        payload = json.dumps(reply).encode()
        sys.stdout.buffer.write(struct.pack(">I", len(payload)) + payload)
        sys.stdout.buffer.flush()

    # No more of a picture than its size.
    def picture(format, width):
        if format == "avif":
            size = struct.pack(">4sIII", b"ispe", 0, width, width)
            return b"\0\0\0\x0cftypavif" + b"\0\0\0\x14" + size
        if format == "jpeg": return b"\xff\xd8\xff\xc0\x00\x0b\x08" + struct.pack(">HH", width, width) + b"\x01\x01\x11\x00"
        return b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + struct.pack("<I", width - 1)[:3] * 2

    def file(request, name, format, width):
        extension = "jpg" if format == "jpeg" else format
        with open(f"{request['outputFolder']}/{name}.{extension}", "wb") as out:
            out.write(b"<html>" if mode == "page" else picture(format, width + (mode == "bomb")) + f"{name} {format}".encode())
        send({"rendition": {"_0": {"name": name, "format": format, "file": f"{name}.{extension}",
                                   "width": width, "height": width}}})

    def hold():
        with open(f"{state}/holding", "w") as out: out.write(str(os.getpid()))
        time.sleep(60)

    job = 0
    starts = count("starts")
    if order == "flood":
        for line in range(20000): print("noise " * 20, file=sys.stderr)

    while True:
        head = sys.stdin.buffer.read(4)
        if len(head) < 4: sys.exit(0)
        request = json.loads(sys.stdin.buffer.read(struct.unpack(">I", head)[0]))
        # The second part of a job is the same job.
        part = request["part"]
        if part != "rest": job = count("jobs")
        mode = order.removeprefix("later ") if job > 1 or not order.startswith("later ") else "good"
        if mode == "crash" or (mode == "crash once" and job == 1): os.kill(os.getpid(), 11)
        if mode == "hang": time.sleep(60)
        if mode == "garbage": sys.stdout.write("Segmentation fault\n" * 100); sys.stdout.flush(); time.sleep(60)
        if mode == "not json": sys.stdout.buffer.write(struct.pack(">I", 4) + b"oops"); sys.stdout.flush(); time.sleep(60)
        if mode == "too long":
            sys.stdout.buffer.write(struct.pack(">I", 1 << 30) + b"x" * 100000); sys.stdout.flush(); time.sleep(60)
        if mode == "too many":
            for reply in range(10000): send({"facts": {"_0": {"kind": "photo", "contentType": "image/jpeg", "width": 1,
                                                              "height": 1, "isDamaged": False}}})
        if mode.startswith("refuse "):
            send({"failed": {"_0": {"code": mode[7:], "detail": "No."}}})
            continue
        facts = {"kind": "photo", "contentType": "image/jpeg", "width": 6000, "height": 4000, "isDamaged": False}
        if mode == "original":
            facts |= {"kind": "video", "contentType": "video/mp4",
                      "video": {"duration": 1000, "videoCodec": "h264", "rotation": 0}}
        if mode.startswith("film"):
            facts |= {"kind": "video", "contentType": "video/mp4",
                      "video": {"duration": 1000, "videoCodec": "prores", "rotation": 0, "asIs": "pictureCodec"}}
            if part == "film" and mode.startswith("film refuse "):
                send({"failed": {"_0": {"code": mode[12:], "detail": "No."}}})
                continue
        send({"facts": {"_0": facts}})
        if part == "film":
            if mode == "film hold": hold()
            with open(f"{request['outputFolder']}/stream.mp4", "wb") as out:
                out.write(b"\0\0\0\x10ftypisom" + json.dumps(request["encoding"]).encode())
            send({"rendition": {"_0": {"name": "stream", "format": "mp4", "file": "stream.mp4", "width": 1920, "height": 1080}}})
            send({"done": {}})
            continue
        if mode == "crash after facts": os.kill(os.getpid(), 11)
        if mode == "link":
            os.symlink("/etc/passwd", f"{request['outputFolder']}/thumb.jpg")
            send({"rendition": {"_0": {"name": "thumb", "format": "jpeg", "file": "thumb.jpg", "width": 1, "height": 1}}})
            time.sleep(60)
        sizes = request["recipe"]["sizes"]
        if part == "avif":
            for size in sizes[:2]: file(request, size["name"], "avif", size["longEdge"])
            if mode in ("hold", "hold wish"): hold()
            for size in sizes[2:]: file(request, size["name"], "avif", size["longEdge"])
            send({"done": {}})
            continue
        if part != "rest":
            for format in request["recipe"]["formats"]: file(request, sizes[0]["name"], format, sizes[0]["longEdge"])
        if part == "thumbnail":
            send({"done": {}})
            continue
        if mode == "hold" or (mode == "hold once" and job == 1): hold()
        if mode == "pause":
            with open(f"{state}/holding", "w") as out: out.write(str(os.getpid()))
            while not os.path.exists(f"{state}/go"): time.sleep(0.002)
        if mode == "original" or mode.startswith("film"): send({"rendition": {"_0": {"name": "stream", "format": "mp4",
                                                                "width": 6000, "height": 4000}}})
        for size in sizes[1:]:
            for format in request["recipe"]["formats"]: file(request, size["name"], format, size["longEdge"])
        send({"done": {}})
        if mode == "chatter": send({"done": {}})
    """#
