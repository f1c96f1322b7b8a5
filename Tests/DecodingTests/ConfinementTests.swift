import Foundation
import Glibc
import TestSupport
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

    /// 0 or the errno of a call that has just returned.
    private static func code(_ status: Int32) -> Int32 { status == 0 ? 0 : errno }

    // Skipped visibly on kernels without Landlock (before 5.13, or not enabled).
    @Test(
        "files outside the folders are out of reach, those inside are not",
        .enabled(if: Confinement.confinesFiles, "this kernel offers no Landlock")
    )
    func files() async throws {
        let (inside, outside) = (try TemporaryFolder(), try TemporaryFolder())
        let (input, secret) = (try inside.write([1], as: "input"), try outside.write([1], as: "secret"))
        let found = try await onOwnThread {
            let shortcomings = Confinement.apply(.init(writable: [inside.path]))
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

    @Test(
        "an original can be read, not changed, replaced or removed",
        .enabled(if: Confinement.confinesFiles, "this kernel offers no Landlock")
    )
    func originals() async throws {
        let (originals, work) = (try TemporaryFolder(), try TemporaryFolder())
        let (original, result) = (try originals.write([1], as: "original"), try work.write([2], as: "result"))
        let found = try await onOwnThread {
            let shortcomings = Confinement.apply(.init(readable: [originals.path], writable: [work.path]))
            return (
                shortcomings,
                [Self.open(original, O_RDONLY), Self.code(rename(result, work.path + "/renamed"))],
                [
                    Self.open(original, O_RDWR), Self.open(original, O_WRONLY | O_TRUNC),
                    Self.open(originals.path + "/new", O_WRONLY | O_CREAT), Self.code(unlink(original)),
                ],
                [Self.code(rename(original, work.path + "/taken")), Self.code(rename(work.path + "/renamed", original))]
            )
        }
        #expect(found.0.isEmpty)
        #expect(found.1 == [0, 0])
        #expect(found.2 == [EACCES, EACCES, EACCES, EACCES])
        #expect(found.3.allSatisfy { [EACCES, EXDEV].contains($0) }, "\(found.3)")
        #expect(FileManager.default.contents(atPath: original) == Data([1]))
    }

    @Test("what a file bears besides its content cannot be changed, nor can it be truncated or linked by its name")
    func metadata() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write([1, 2], as: "file")
        let codes = try await onOwnThread {
            _ = Confinement.apply(.init(writable: [folder.path]))
            let descriptor = Glibc.open(file, O_RDONLY)
            defer { close(descriptor) }
            return [
                Self.code(truncate(file, 0)), Self.open(file, O_RDONLY | O_TRUNC), Self.code(link(file, file + "-2")),
                Self.code(linkat(AT_FDCWD, file, AT_FDCWD, file + "-3", 0)),
                Self.code(chmod(file, 0o777)), Self.code(fchmodat(AT_FDCWD, file, 0o777, 0)), Self.code(fchmod(descriptor, 0o777)),
                Self.code(chown(file, getuid(), getgid())), Self.code(lchown(file, getuid(), getgid())),
                Self.code(fchownat(AT_FDCWD, file, getuid(), getgid(), 0)), Self.code(fchown(descriptor, getuid(), getgid())),
                Self.code(Hidden.setxattr(file, "user.a", "b", 1, 0)), Self.code(Hidden.lsetxattr(file, "user.a", "b", 1, 0)),
                Self.code(Hidden.fsetxattr(descriptor, "user.a", "b", 1, 0)), Self.code(utimensat(AT_FDCWD, file, nil, 0)),
                Self.code(futimens(descriptor, nil)),
            ]
        }
        #expect(codes == Array(repeating: EPERM, count: codes.count))
    }

    @Test("other processes get no signals and no limits; the process keeps its own limits")
    func processes() async throws {
        let found = try await onOwnThread {
            _ = Confinement.apply(.init())
            var limit = rlimit()
            let kind = __rlimit_resource_t(bitPattern: RLIMIT_CORE.rawValue)
            return (
                [Self.code(kill(getpid(), 0)), Self.code(kill(getppid(), 0)), Self.code(sigqueue(getpid(), 0, sigval()))],
                Self.code(Hidden.prlimit(getpid(), Int32(RLIMIT_CORE.rawValue), nil, &limit)),
                [Self.code(getrlimit(kind, &limit)), Self.code(setrlimit(kind, &limit))],
                pthread_kill(pthread_self(), 0)
            )
        }
        #expect(found.0 == [EPERM, EPERM, EPERM])
        #expect(found.1 == EPERM)
        #expect(found.2 == [0, 0])
        #expect(found.3 == 0)
    }

    @Test("sockets and new processes are refused, threads are not")
    func calls() async throws {
        let found = try await onOwnThread {
            let shortcomings = Confinement.apply(.init())
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
        let shortcomings = try await onOwnThread { Confinement.apply(.init(writable: ["/no/such/folder"])) }
        #expect(shortcomings.map(\.description) == ["/no/such/folder is out of reach: No such file or directory"])
    }

    @Test("a limit comes from the environment, within reason", arguments: [
        ("512", 512), ("4096", 4096), ("0", 4096), ("-1", 4096), ("lots", 4096), (nil, 4096),
    ] as [(String?, Int)])
    func memory(value: String?, expected: Int) {
        #expect(ResourceLimits.memory.value(in: value.map { ["LUMIERE_DECODE_MEMORY": $0] } ?? [:]) == expected)
        #expect(ResourceLimits.fileSize.value(in: ["LUMIERE_DECODE_FILE_SIZE": "3"]) == 3)
    }

    // With these arguments each fails unconfined as well, but with another error; for some users with the same.
    @Test("calls that reach other processes or lead out of the sandbox are refused", arguments: SystemCall.refused)
    func refusedCalls(call: SystemCall) async throws {
        let (before, after) = try await onOwnThread {
            let before = call(-1, 0, 0)
            _ = Confinement.apply(.init())
            return (before, call(-1, 0, 0))
        }
        #expect(after == EPERM)
        if before == EPERM { Issue.record("this user may not make the call anyway", severity: .warning) }
    }

    // The kernel gives the same answer to numbers that it does not know itself.
    @Test(
        "calls that are too new to be known do not exist",
        .enabled(if: !SystemCall.tooNew.isEmpty, "this kernel knows no call that the confinement does not"),
        arguments: SystemCall.tooNew)
    func unknownCalls(call: SystemCall) async throws {
        let found = try await onOwnThread {
            _ = Confinement.apply(.init())
            return call(-1, 0, 0)
        }
        #expect(found == ENOSYS)
    }

    @Test("a signal may go to a thread of the process, and to nobody else's")
    func signals() async throws {
        let found = try await onOwnThread {
            _ = Confinement.apply(.init())
            let parent = Int(getppid())
            return [pthread_kill(pthread_self(), 0), SystemCall.tgkill(parent, parent, 0)]
        }
        #expect(found == [0, EPERM])
    }

    @Test("the command line names folders and nothing else")
    func commandLine() throws {
        let folders = try DecoderChild.folders(in: ["--folder", "/a", "--read", "/r", "--folder", "/b", "--read", "/s"])
        #expect(folders == .init(readable: ["/r", "/s"], writable: ["/a", "/b"]))
        #expect(throws: ChildError.self) { try DecoderChild.folders(in: ["--read"]) }
        #expect(throws: ChildError.self) { try DecoderChild.folders(in: ["--folder"]) }
        #expect(throws: ChildError.self) { try DecoderChild.folders(in: ["--help"]) }
    }
}

/// Functions of the C library that the Glibc module does not show.
private enum Hidden {
    typealias Text = UnsafePointer<CChar>
    typealias Limits = UnsafeMutablePointer<rlimit>

    static var setxattr: @convention(c) (Text, Text, Text, Int, Int32) -> Int32 { function("setxattr") }
    static var lsetxattr: @convention(c) (Text, Text, Text, Int, Int32) -> Int32 { function("lsetxattr") }
    static var fsetxattr: @convention(c) (Int32, Text, Text, Int, Int32) -> Int32 { function("fsetxattr") }
    static var prlimit: @convention(c) (pid_t, Int32, Limits?, Limits?) -> Int32 { function("prlimit") }

    /// The types above are those of the manual pages.
    private static func function<Function>(_ name: String) -> Function { unsafeBitCast(dlsym(nil, name), to: Function.self) }
}
