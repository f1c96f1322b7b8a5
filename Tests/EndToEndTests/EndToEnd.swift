import Testing

/// Real servers and real clients. One test at a time: they measure a machine, kill processes and share a server.
@Suite(.serialized, .printingLogs) struct EndToEnd {}

extension Trait where Self == IssueHandlingTrait {
    /// Prints the servers' logs whenever something is wrong.
    static var printingLogs: Self {
        .filterIssues { _ in
            ServerProcess.printLogs()
            return true
        }
    }
}
