import CConfinement
import Glibc

/// Shuts the calling thread, and every thread it starts afterwards, in: the folders it is given and the system's
/// shared files stay in reach, the network, other programs and everything else do not.
enum Confinement {
    /// What may be used, each with all beneath.
    struct Folders: Equatable {
        /// May be read.
        var readable: [String] = []
        /// May be read and written.
        var writable: [String] = []
    }

    /// What did not work out, in words for the log.
    struct Shortcoming: Equatable, CustomStringConvertible {
        let description: String
    }

    /// Shared libraries, plug-ins and fonts; a source of randomness; the number of processors.
    static let systemPaths = [
        "/usr", "/lib", "/lib64", "/etc/fonts", "/var/cache/fontconfig", "/etc/ld.so.cache", "/dev/null", "/dev/urandom", "/sys/devices/system/cpu",
    ]

    /// Whether the kernel can confine files.
    static var confinesFiles: Bool { lumiere_landlock_version() > 0 }

    /// Applies both confinements. A kernel that lacks one of them is no reason not to work, but one to say so.
    static func apply(_ folders: Folders) -> [Shortcoming] { confineFiles(folders) + confineCalls() }

    private static func confineFiles(_ folders: Folders) -> [Shortcoming] {
        let ruleset = lumiere_landlock_begin()
        guard ruleset >= 0 else { return [failure("files are not confined", -ruleset)] }
        var shortcomings: [Shortcoming] = []
        for path in systemPaths {
            let status = lumiere_landlock_allow(ruleset, path, 0)
            // Not every system has all of them.
            if status != 0 && status != ENOENT { shortcomings.append(failure("\(path) is out of reach", status)) }
        }
        for (paths, writable) in [(folders.readable, 0), (folders.writable, 1)] as [([String], Int32)] {
            for path in paths {
                let status = lumiere_landlock_allow(ruleset, path, writable)
                if status != 0 { shortcomings.append(failure("\(path) is out of reach", status)) }
            }
        }
        let status = lumiere_landlock_enforce(ruleset)
        return status == 0 ? shortcomings : shortcomings + [failure("files are not confined", status)]
    }

    private static func confineCalls() -> [Shortcoming] {
        let status = lumiere_seccomp_enforce()
        return status == 0 ? [] : [failure("system calls are not confined", status)]
    }

    private static func failure(_ what: String, _ code: Int32) -> Shortcoming {
        Shortcoming(description: "\(what): \(String(cString: strerror(code)))")
    }
}
