import Core
import Foundation
import Glibc

/// The decoder child: one request at a time from standard input, replies on standard output, until the input ends.
public enum DecoderChild {
    /// Runs until the server goes away; never returns.
    /// - Parameter arguments: the command line, `--read PATH` for each folder that may be read, `--folder PATH` for each that may also
    ///   be written to.
    public static func run(arguments: [String] = CommandLine.arguments) -> Never {
        do {
            let replies = try ReplyChannel.claimStandardOutput()
            try prepare(folders: folders(in: Array(arguments.dropFirst())))
            let inbox = RequestInbox()
            inbox.startReading(from: STDIN_FILENO)
            while true {
                let request = inbox.next()
                // A film is decoded and encoded by as many threads each.
                ResourceLimits.allowTime(request.timeLimit, threads: 1 + 2 * (request.encoding?.threads ?? 0))
                if let niceness = request.part.niceness {
                    try Backstage.run(niceness) { try DecodeJob(request).run(replies.send) }
                } else {
                    try DecodeJob(request).run(replies.send)
                }
                ResourceLimits.stopClock()
            }
        } catch {
            ChildError.report("\(error)")
            exit(1)
        }
    }

    /// Limits and libraries first, then the confinement, and only then threads: they inherit it.
    private static func prepare(folders: Confinement.Folders) throws {
        receiveSignals()
        ResourceLimits.apply(from: ProcessInfo.processInfo.environment)
        try VipsLibrary.start()
        for shortcoming in Confinement.apply(folders) { ChildError.report(shortcoming.description) }
    }

    /// A parent may have started this process from a thread with blocked signals, which are inherited: the limits
    /// on time would then have no effect. A file that grows too large is a failed write, not the end.
    private static func receiveSignals() {
        var none = sigset_t()
        sigemptyset(&none)
        sigprocmask(SIG_SETMASK, &none, nil)
        for number in [SIGXCPU, SIGALRM, SIGTERM] { signal(number, SIG_DFL) }
        for number in [SIGPIPE, SIGXFSZ] { signal(number, SIG_IGN) }
    }

    /// - Throws: `ChildError` for anything but `--read PATH` and `--folder PATH`.
    static func folders(in arguments: [String]) throws -> Confinement.Folders {
        var folders = Confinement.Folders()
        var rest = arguments[...]
        while let word = rest.popFirst() {
            switch (word, rest.popFirst()) {
            case ("--read", let path?): folders.readable.append(path)
            case ("--folder", let path?): folders.writable.append(path)
            default: throw ChildError("usage: lumiere-decode [--read PATH ...] --folder PATH ...")
            }
        }
        return folders
    }
}
