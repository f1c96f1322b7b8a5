import ArgumentParser
import Core
import Foundation
import Logging

/// `lumiere serve`: the whole house in one process.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "serve", abstract: "Run the server.")

    @OptionGroup var shared: SharedOptions

    @Option(name: .long, help: "The name or address to listen on (default: 127.0.0.1).")
    var host: String?

    @Option(name: .long, help: "The port to listen on; 0 picks a free one (default: 8080).")
    var port: Int?

    @Option(name: .long, help: "A file to write {\"url\",\"pid\"} to once connections are accepted.")
    var readyFile: String?

    @Option(name: .long, help: "The folder of the web client's files.")
    var webRoot: String?

    @Flag(name: .long, help: "Feed demo photos into a demo session, one a second, through the server's own upload endpoint.")
    var demo = false

    @Option(name: .long, help: "The folder of the demo photos.")
    var demoFolder = "fixtures/media"

    func run() async throws {
        let settings = try await shared.settings([
            "server.host": host, "server.port": port.map(String.init), "web.root": webRoot,
        ])
        let house = try await House(settings)
        let welcome: Welcome?
        do { welcome = try await Welcome.prepare(house, startsDemo: demo) } catch {
            try? await house.close()
            throw error
        }
        let folder = demo ? demoFolder : nil
        let ready = ReadyFile(path: readyFile, logger: house.logger)
        try await house.run { url in
            welcome.say(url)
            ready.write(["url": .string(url)])
            if let folder { await DemoFeed(folder: folder, url: url, welcome: welcome, logger: house.logger).run() }
        }
    }
}
