import Core
import Foundation
import TestSupport

/// A small tus server, in a process of its own, that does wrong what the file's name asks for.
final class FaultyServer: Sendable {
    let folder: TemporaryFolder
    private let child: Child
    let url: String

    /// - Parameter port: 0 picks a free one.
    init(port: Int = 0, folder: TemporaryFolder? = nil) async throws {
        let folder = try folder ?? TemporaryFolder("faulty")
        self.folder = folder
        let ready = folder.file("port")
        try? FileManager.default.removeItem(atPath: ready)
        try put(Self.program, folder.file("server.py"))
        let child = try Child(
            try Tool("python3").path, [folder.file("server.py"), folder.path, String(port)], output: folder.file("out"),
            errors: folder.file("err"))
        self.child = child
        url = try await eventually("the faulty server to start", every: .milliseconds(20)) {
            if let ending = child.ending { throw Tool.Failure(description: "the faulty server ended: \(ending)") }
            return (try? String(contentsOfFile: ready, encoding: .utf8)).map { "http://127.0.0.1:\($0)" }
        }
    }

    var port: Int { URL(string: url)?.port ?? 0 }

    func kill9() async throws {
        child.signal(SIGKILL)
        _ = try await child.ended(within: .seconds(10))
    }

    /// What was asked, in order: method, file name, status.
    var requests: [String] { lines("log") }

    /// Names of the files that are whole.
    var whole: Set<String> { Set(lines("whole")) }

    /// The bytes of a whole file.
    func content(_ name: String) -> Data? { FileManager.default.contents(atPath: folder.file("done-" + name)) }

    /// Bytes of an upload, counted from 0 in the order of creation.
    func size(ofUpload number: Int) -> Int {
        (try? FileManager.default.attributesOfItem(atPath: folder.file("part-u\(number)"))[.size] as? Int) ?? 0
    }

    private func lines(_ name: String) -> [String] {
        ((try? String(contentsOfFile: folder.file(name), encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
    }

    private static let program = #"""
        import base64, hashlib, json, os, sys, threading, time
        from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
        folder, port = sys.argv[1], int(sys.argv[2])
        lock = threading.Lock()
        uploads_file = os.path.join(folder, "uploads.json")
        uploads = json.load(open(uploads_file)) if os.path.exists(uploads_file) else {}
        faults = {}

        def note(name, text):
            with open(os.path.join(folder, name), "a") as f: f.write(text + "\n")

        def first(key, times=1):
            with lock:
                faults[key] = faults.get(key, 0) + 1
                return faults[key] <= times

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def log_message(self, *a): pass
            def answer(self, status, name, headers={}, detail=None, ours=True):
                note("log", f"{self.command} {name} {status}")
                body = b"" if detail is None or self.command == "HEAD" else json.dumps({"detail": detail, "code": "x"}).encode()
                self.send_response(status)
                if ours: self.send_header("Tus-Resumable", "1.0.0")
                if body: self.send_header("Content-Type", "application/problem+json")
                for key, value in headers.items(): self.send_header(key, str(value))
                if status != 204: self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def cut(self, name):
                note("log", f"{self.command} {name} cut")
                self.close_connection = True
                self.connection.shutdown(2)
            def upload(self):
                id = self.path.split("/")[-1]
                return id, uploads.get(id)
            def path_of(self, id): return os.path.join(folder, "part-" + id)
            def offset(self, id): return os.path.getsize(self.path_of(id))
            def do_POST(self):
                if self.headers.get("Authorization") != "Bearer good":
                    return self.answer(401, "-", detail="The key does not hold.")
                pairs = dict(p.split(" ") for p in self.headers["Upload-Metadata"].split(","))
                meta = {k: base64.b64decode(v).decode() for k, v in pairs.items()}
                name = meta["filename"]
                if "portal" in name and first("portal"): return self.answer(200, name, ours=False)
                if "refused" in name: return self.answer(415, name, detail="Only photos.")
                if "busy" in name and first("busy", 2): return self.answer(503, name, {"Retry-After": 1}, "Busy.")
                if "many" in name and first("many", 3): return self.answer(429, name, {"Retry-After": 2}, "Too many.")
                if "known" in name and meta.get("ifKnown") == "complete":
                    length = self.headers["Upload-Length"]
                    known = {"Location": "/api/uploads/known", "Upload-Offset": length, "Upload-Length": length}
                    return self.answer(201, name, known)
                with lock:
                    id = f"u{len(uploads)}"
                    uploads[id] = {"name": name, "length": int(self.headers["Upload-Length"]), "sha256": meta["sha256"]}
                    open(self.path_of(id), "wb").close()
                    json.dump(uploads, open(uploads_file, "w"))
                self.answer(201, name, {"Location": f"http://elsewhere.example/api/uploads/{id}"})
            def do_HEAD(self):
                id, upload = self.upload()
                if not upload: return self.answer(404, "-")
                self.answer(200, upload["name"], {"Upload-Offset": self.offset(id), "Upload-Length": upload["length"]})
            def do_GET(self):
                id, upload = self.upload()
                if not upload: return self.answer(404, "-", detail="Nothing.")
                name, view = upload["name"], {"state": "completed", "offset": self.offset(id), "length": upload["length"]}
                if "unsure" in name and first("unsure", 3): view["state"] = "completing"
                if "spoiled" in name and first("spoiled"):
                    view.update(state="failed", failure="checksum_mismatch")
                    os.unlink(os.path.join(folder, "done-" + name))
                if "lacking" in name and first("lacking"):
                    os.unlink(os.path.join(folder, "done-" + name))
                    os.truncate(self.path_of(id), 1000)
                    view.update(state="receiving", offset=1000)
                note("log", f"GET {name} {view['state']}")
                body = json.dumps(view).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def do_DELETE(self):
                id, upload = self.upload()
                if upload and "stuck" in upload["name"]:
                    note("log", f"DELETE {upload['name']} stuck")
                    time.sleep(100)
                self.answer(204, upload["name"] if upload else "-")
            def do_PATCH(self):
                id, upload = self.upload()
                if not upload: return self.answer(404, "-")
                name, count, at = upload["name"], int(self.headers["Content-Length"]), int(self.headers["Upload-Offset"])
                if "locked" in name and first("locked"):
                    self.rfile.read(count)
                    return self.answer(423, name, {"Retry-After": 1}, "Locked.")
                if "gone" in name and first("gone"):
                    self.rfile.read(count)
                    del uploads[id]
                    return self.answer(410, name, detail="Gone.")
                if "cut" in name and first("cut" + name, 2):
                    with open(self.path_of(id), "ab") as f: f.write(self.rfile.read(count // 3))
                    return self.cut(name)
                if "slow" in name:
                    while count:
                        piece = self.rfile.read(min(count, 20000))
                        if not piece: return
                        with open(self.path_of(id), "ab") as f: f.write(piece)
                        count -= len(piece)
                        time.sleep(0.02)
                    return self.finish_upload(id, upload)
                body = self.rfile.read(count)
                if "mismatch" in name and first("mismatch"):
                    with open(self.path_of(id), "ab") as f: f.write(body[:10])
                    return self.answer(409, name, {"Upload-Offset": 10}, "Elsewhere.")
                if "liar" in name and first("liar", 3):
                    return self.answer(204, name, {"Upload-Offset": upload["length"] + 99})
                if at != self.offset(id): return self.answer(409, name, {"Upload-Offset": self.offset(id)}, "Mismatch.")
                with open(self.path_of(id), "ab") as f: f.write(body)
                if "silent" in name and first("silent"):
                    self.settle(id, upload)
                    return self.cut(name)
                self.finish_upload(id, upload)
            def settle(self, id, upload):
                if self.offset(id) == upload["length"]:
                    with open(self.path_of(id), "rb") as f: digest = hashlib.sha256(f.read()).hexdigest()
                    if digest != upload["sha256"]: return note("log", f"MISTAKEN {upload['name']}")
                    os.link(self.path_of(id), os.path.join(folder, "done-" + upload["name"]))
                    note("whole", upload["name"])
            def finish_upload(self, id, upload):
                self.settle(id, upload)
                self.answer(204, upload["name"], {"Upload-Offset": self.offset(id)})

        server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        server.daemon_threads = True
        with open(os.path.join(folder, "port.new"), "w") as f: f.write(str(server.server_port))
        os.rename(os.path.join(folder, "port.new"), os.path.join(folder, "port"))
        server.serve_forever()
        """#
}
