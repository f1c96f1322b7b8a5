import ArgumentParser
import Foundation
import TestSupport

/// Runs the S3 server of the tests that verifies signatures.
struct ServerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "server",
        abstract: "Run OpenStack Swift until standard input ends; prints one KEY=value a line, and nothing if it is not installed.")

    func run() async throws {
        guard LocalSwiftS3.isAvailable else { return }
        let server = try await LocalSwiftS3()
        print("S3_ENDPOINT=\(server.endpoint)\nS3_BUCKET=\(server.bucket)\nS3_REGION=us-east-1")
        print("S3_ACCESS_KEY=\(server.accessKey)\nS3_SECRET_KEY=\(server.secretKey)\n")
        fflush(nil)
        // On a thread of its own: to read waits.
        await withCheckedContinuation { ended in
            Thread {
                while readLine() != nil {}
                ended.resume()
            }.start()
        }
        withExtendedLifetime(server) {}
    }
}
