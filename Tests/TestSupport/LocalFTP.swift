import Foundation

/// A real FTP server (pyftpdlib) on loopback that writes into a folder, as it would stand beside a camera.
public final class LocalFTP: Sendable {
    /// Who may write.
    public static let user = "camera"
    public static let password = "tele"

    public let port: Int
    private let child: Child
    private let folder: TemporaryFolder

    /// - Parameters:
    ///   - root: the folder it writes into.
    ///   - python: an interpreter that has pyftpdlib.
    /// - Throws: when it does not start.
    public init(root: String, python: String) async throws {
        folder = try TemporaryFolder("ftp")
        let child = try Child(
            python, ["-c", Self.program, root, Self.user, Self.password], output: folder.file("out"), errors: folder.file("err"))
        self.child = child
        let out = folder.file("out")
        port = try await eventually("the FTP server to start") {
            if let ending = child.ending { throw Tool.Failure(description: "the FTP server ended: \(ending)") }
            let text = (try? String(contentsOfFile: out, encoding: .utf8)) ?? ""
            return text.hasSuffix("\n") ? Int(text.dropLast()) : nil
        }
    }

    private static let program = """
        import sys
        from pyftpdlib.authorizers import DummyAuthorizer
        from pyftpdlib.handlers import FTPHandler
        from pyftpdlib.servers import FTPServer
        authorizer = DummyAuthorizer()
        authorizer.add_user(sys.argv[2], sys.argv[3], sys.argv[1], perm="elradfmw")
        FTPHandler.authorizer = authorizer
        server = FTPServer(("127.0.0.1", 0), FTPHandler)
        print(server.address[1], flush=True)
        server.serve_forever()
        """

    /// A camera as a Python program: sends a file, cuts the transfer in its middle, and sends the rest over another
    /// connection. Arguments: port, file, name on the server, how it goes on: `REST` or `APPE`; anything else sends all at once.
    public static let camera = """
        import ftplib, os, sys, time
        port, path, name, way = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
        data = open(path, "rb").read()
        def connect():
            ftp = ftplib.FTP()
            ftp.connect("127.0.0.1", port, timeout=20)
            ftp.login("camera", "tele")
            ftp.voidcmd("TYPE I")
            return ftp
        def size_of(ftp, name):
            try: return ftp.size(name) or 0
            except ftplib.error_perm: return 0
        ftp = connect()
        if way in ("REST", "APPE"):
            line = ftp.transfercmd("STOR " + name)
            half = len(data) // 2
            line.sendall(data[:half])
            watch = connect()
            deadline = time.time() + 20
            while size_of(watch, name) < max(1, half - 200_000):
                assert time.time() < deadline, "the server does not take the first half"
                time.sleep(0.05)
            line.close()
            ftp.close()
            time.sleep(2)
            ftp = connect()
            size = ftp.size(name)
            assert 0 < size < len(data), size
            line = ftp.transfercmd("APPE " + name) if way == "APPE" else ftp.transfercmd("STOR " + name, rest=size)
            line.sendall(data[size:])
        else:
            line = ftp.transfercmd("STOR " + name)
            line.sendall(data)
        line.close()
        ftp.voidresp()
        ftp.quit()
        """
}
