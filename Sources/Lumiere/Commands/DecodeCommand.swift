import ArgumentParser
import Foundation
import Glibc

/// `lumiere decode`: becomes the decoder program, so that this one never has to load a codec.
struct DecodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decode", abstract: "Run a decoder on standard input and output.", shouldDisplay: false)

    @Argument(parsing: .captureForPassthrough) var arguments: [String] = []

    func run() async throws {
        let program = try await Settings.read(flags: [:], file: nil).decoderPath
        var words = ([program] + arguments).map { strdup($0) }
        words.append(nil)
        execv(program, words)
        throw ValidationError("\(program) could not be started: \(String(cString: strerror(errno))).")
    }
}
