import ArgumentParser
import Foundation

/// Measures how fast a server brings what one client says to all others.
struct LoadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Open many WebSockets, speak on some of them, and count what all of them hear.",
        discussion: """
            Each speaker says its message again as soon as every subscriber has heard the last one. What is heard counts if it
            contains the mark. Prints one line: deliveries a second, and the median and the 99th percentile of the time from
            saying to hearing, in milliseconds.
            """)

    @Option(name: .long, help: "Of the server, on this machine.") var port: UInt16
    @Option(name: .long, help: "The path of its WebSocket.") var path = "/"
    @Option(name: .long, help: "How many listen.") var subscribers = 1000
    @Option(name: .long, help: "How many speak, beside those that listen.") var speakers = 1
    @Option(name: .long, help: "What each says first, and waits until it is answered; {n} is a number of its own.") var greeting: String?
    @Option(name: .long, help: "What is said; {n} is the speaker's number.") var message: String
    @Option(name: .long, help: "What of it is found in what is heard; {n} is the speaker's number.") var mark: String
    @Option(name: .long, help: "How long to measure, after a second to become warm.") var seconds = 5.0
    @Flag(name: .long, help: "Only connect, say `ready`, and stay until the input ends: for measuring memory.") var idle = false

    mutating func run() throws {
        var load = try Load(port: port, path: path, listeners: subscribers, speakers: speakers, greeting: greeting)
        if idle {
            FileHandle.standardOutput.write(Data("ready\n".utf8))
            while readLine() != nil {}
            return
        }
        let result = try load.measure(message: message, mark: mark, seconds: seconds)
        print(result.deliveriesPerSecond, result.percentile(50), result.percentile(99))
    }
}
