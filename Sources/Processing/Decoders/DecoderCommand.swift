import Foundation
import Subprocess
import SystemPackage

/// How a decoder child is started.
struct DecoderCommand: Sendable {
    var path: String
    var arguments: [String]

    init(_ configuration: ProcessingConfiguration, _ folders: DecoderFolders) {
        self.path = configuration.decoderPath
        self.arguments = configuration.decoderArguments + ["--read", folders.originals, "--folder", folders.results]
    }

    var subprocess: Configuration {
        var options = PlatformOptions()
        options.teardownSequence = DecoderCommand.teardown
        return Configuration(
            executable: .path(FilePath(path)), arguments: Arguments(arguments), environment: .custom(Self.environment),
            platformOptions: options)
    }

    /// What a child that is no longer wanted gets to see; a SIGKILL follows.
    static let teardown: [TeardownStep] = [.gracefulShutDown(allowedDurationToNextStep: .milliseconds(500))]

    /// Only what a decoder needs: the server's own environment may hold secrets, and a decoder reads strangers' files.
    private static var environment: [Subprocess.Environment.Key: String] {
        var environment: [Subprocess.Environment.Key: String] = [:]
        for (name, value) in ProcessInfo.processInfo.environment where passedOn.contains(name) {
            environment[Subprocess.Environment.Key(stringLiteral: name)] = value
        }
        return environment
    }

    private static let passedOn: Set = [
        "PATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "TZ", "HOME", "TMPDIR", "LUMIERE_DECODE_MEMORY",
        "LUMIERE_DECODE_FILE_SIZE",
    ]
}
