import CFiles
import Glibc

/// Opens what lies in a folder and nothing beyond it: no link is followed on the way, nor one in the file's own place, for what
/// a link leads to was not put there to be sent. Blocks.
struct FolderReach: Sendable {
    /// Absolute; it may be a link itself.
    let folder: String
    /// Lets the kernel go the whole way at once, if it can (Linux 5.6).
    var isAtOnce = true

    /// For reading; never waits for the other end of a pipe.
    static let reading = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
    private static let looking = pathOnly | O_CLOEXEC | O_NOFOLLOW
    private static let stepping = pathOnly | O_CLOEXEC | O_NOFOLLOW | O_DIRECTORY
    /// `O_PATH`, which only GNU's own headers name.
    private static let pathOnly: Int32 = 0o10_000_000

    /// What the file system says about a regular file; `nil` for anything else and when there is nothing.
    func facts(_ path: String) -> FileFacts? {
        guard let descriptor = try? open(path, Self.looking) else { return nil }
        defer { close(descriptor) }
        return FileFacts.of(descriptor)
    }

    /// Opens what has an absolute path. What lies elsewhere, as a hook may say, is opened as well unless it is a link.
    /// - Returns: a descriptor that is to be closed.
    func open(_ path: String, _ flags: Int32) throws(OpenedFile.Failure) -> Int32 {
        guard path == folder || path.hasPrefix(folder + "/") else { return try Self.checked(Glibc.open(path, flags)) }
        let root = try Self.checked(Glibc.open(folder, Self.pathOnly | O_CLOEXEC | O_DIRECTORY))
        defer { close(root) }
        let steps = path.dropFirst(folder.count).split(separator: "/").map(String.init)
        let below = steps.isEmpty ? "." : steps.joined(separator: "/")
        if isAtOnce {
            let descriptor = cfiles_open_beneath(root, below, flags)
            if descriptor >= 0 || !Self.meansUnable.contains(errno) { return try Self.checked(descriptor) }
        }
        return try Self.step(from: root, steps.isEmpty ? ["."] : steps, flags)
    }

    /// An older kernel, and a container that does not know the call.
    private static let meansUnable: Set<Int32> = [ENOSYS, EPERM, EINVAL, EAGAIN]

    private static func step(from root: Int32, _ steps: [String], _ flags: Int32) throws(OpenedFile.Failure) -> Int32 {
        guard !steps.contains("..") else { throw OpenedFile.Failure(code: EXDEV) }
        var folder = try checked(dup(root))
        defer { close(folder) }
        for name in steps.dropLast() {
            let next = try checked(openat(folder, name, stepping))
            close(folder)
            folder = next
        }
        return try checked(openat(folder, steps[steps.count - 1], flags))
    }

    private static func checked(_ descriptor: Int32) throws(OpenedFile.Failure) -> Int32 {
        if descriptor < 0 { throw OpenedFile.Failure(code: errno) }
        return descriptor
    }
}
