import Foundation
import Glibc
import Testing

@testable import Decoding

/// A confinement holds for the thread that asks for it: each test confines one of its own.
@Suite("Confinement") struct ConfinementTests {
    /// 0 or the errno of opening a file.
    private static func open(_ path: String, _ flags: Int32) -> Int32 {
        let descriptor = Glibc.open(path, flags, 0o600)
        guard descriptor >= 0 else { return errno }
        close(descriptor)
        return 0
    }

    // Skipped visibly on kernels without Landlock (before 5.13, or not enabled).
    @Test(
        "files outside the folders are out of reach, those inside are not",
        .enabled(if: Confinement.confinesFiles, "this kernel offers no Landlock")
    )
    func files() async throws {
        let (inside, outside) = (try TemporaryFolder(), try TemporaryFolder())
        let (input, secret) = (try inside.write([1], as: "input"), try outside.write([1], as: "secret"))
        let found = try await onOwnThread {
            let shortcomings = Confinement.apply(folders: [inside.path])
            return (
                shortcomings,
                [Self.open(input, O_RDONLY), Self.open(inside.path + "/new", O_WRONLY | O_CREAT), unlink(inside.path + "/new")],
                [
                    Self.open(secret, O_RDONLY), Self.open(outside.path + "/new", O_WRONLY | O_CREAT),
                    Self.open("/etc/passwd", O_WRONLY), Self.open("/etc/passwd", O_RDONLY), Self.open("/proc/self/environ", O_RDONLY),
                ],
                Self.open("/usr/bin/env", O_WRONLY)
            )
        }
        #expect(found.0.isEmpty)
        #expect(found.1 == [0, 0, 0])
        #expect(found.2 == [EACCES, EACCES, EACCES, EACCES, EACCES])
        #expect([EACCES, ETXTBSY].contains(found.3))
    }

    @Test("sockets and new processes are refused, threads are not")
    func calls() async throws {
        let found = try await onOwnThread {
            let shortcomings = Confinement.apply(folders: [])
            let stream = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            let socketError = stream < 0 ? errno : 0
            let local = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            let localError = local < 0 ? errno : 0
            var process = pid_t()
            var arguments: [UnsafeMutablePointer<CChar>?] = [nil]
            let spawnError = posix_spawn(&process, "/usr/bin/true", nil, nil, &arguments, nil)
            return (shortcomings, [socketError, localError], spawnError, Self.startThread())
        }
        #expect(!found.0.contains { $0.description.contains("system calls") })
        #expect(found.1 == [EPERM, EPERM])
        #expect(found.2 != 0)
        #expect(found.3)
    }

    /// Whether a new thread runs, and is confined like its maker.
    private static func startThread() -> Bool {
        let isConfined = DispatchSemaphore(value: 0)
        let thread = Thread { if Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) < 0 { isConfined.signal() } }
        thread.start()
        return isConfined.wait(timeout: .now() + 10) == .success
    }

    @Test("a missing folder is reported", .enabled(if: Confinement.confinesFiles, "this kernel offers no Landlock"))
    func missingFolder() async throws {
        let shortcomings = try await onOwnThread { Confinement.apply(folders: ["/no/such/folder"]) }
        #expect(shortcomings.map(\.description) == ["/no/such/folder is out of reach: No such file or directory"])
    }

    @Test("the memory limit comes from the environment, within reason", arguments: [
        ("512", 512), ("4096", 4096), ("0", 4096), ("-1", 4096), ("lots", 4096), (nil, 4096),
    ] as [(String?, Int)])
    func memory(value: String?, expected: Int) {
        #expect(ResourceLimits.memory(from: value.map { [ResourceLimits.memoryVariable: $0] } ?? [:]) == expected)
    }

    @Test("the command line names folders and nothing else")
    func commandLine() throws {
        #expect(try DecoderChild.folders(in: ["--folder", "/a", "--folder", "/b"]) == ["/a", "/b"])
        #expect(throws: ChildError.self) { try DecoderChild.folders(in: ["--folder"]) }
        #expect(throws: ChildError.self) { try DecoderChild.folders(in: ["--help"]) }
    }
}
