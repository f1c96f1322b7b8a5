import Core
import Foundation
import Glibc
import NIOCore
import TestSupport
import Testing

@testable import Ingest

/// What is sent while processes are killed: the same in every process.
private enum Script {
    /// Set in the process that is going to be killed: the folder to work in.
    static let variable = "LUMIERE_INGEST_CHILD"
    static let width = 3

    static func length(_ number: Int) -> Int { 50_000 + (number * 7_919_123) % 3_000_000 }
    static func bytes(_ number: Int) -> [UInt8] { quickBytes(length(number), seed: UInt64(number)) }
}

/// One line of what a process has said: an offset that a client was told.
private struct Confirmation {
    var number: Int
    var id: UploadID
    var offset: Int64

    init?(_ line: Substring) {
        let words = line.split(separator: " ")
        guard words.count == 4, words[3] == ".", let number = Int(words[0]), let id = UploadID(String(words[1])),
            let offset = Int64(words[2])
        else { return nil }
        (self.number, self.id, self.offset) = (number, id, offset)
    }

    static func file(in folder: String) -> String { folder + "/confirmed" }
}

/// Writes confirmations down, each in one write, so that it is there or not.
private struct Witness: Sendable {
    private let file: UploadFile

    init(_ folder: String) throws { file = try UploadFile(Confirmation.file(in: folder), flags: O_WRONLY | O_CREAT | O_APPEND) }

    func confirm(_ number: Int, _ id: UploadID, _ offset: Int64) throws {
        // At its end, wherever that is: the place is ignored for files opened to append.
        try file.write(ByteBuffer(string: "\(number) \(id) \(offset) .\n"), at: 0)
    }
}

/// A process that does nothing but take uploads in, until it is killed.
@Suite(.enabled(if: ProcessInfo.processInfo.environment[Script.variable] != nil)) struct KilledProcess {
    @Test("takes uploads in")
    func takeIn() async throws {
        let folder = try #require(ProcessInfo.processInfo.environment[Script.variable])
        try await withHouse(in: folder) { house in
            let ingest = try house.start(boot: "boot")
            try await ingest.worker.sweeper.recover { _ = try await ingest.service.status($0) }
            try await ingest.worker.sweeper.sweep()
            let known = try KillTests.confirmations(folder)
            let witness = try Witness(folder)
            let parent = getppid()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for lane in 0..<Script.width {
                    group.addTask {
                        var number = lane
                        // Nobody else ends it when the test is killed itself.
                        while getppid() == parent {
                            let isWhole = known[number].map { $0.offset == Script.length(number) } ?? false
                            if !isWhole { try await send(number, known[number]?.id, ingest, house, witness) }
                            number += Script.width
                        }
                    }
                }
                try await group.next()
            }
        }
    }

    /// Goes on with an upload from wherever it stands.
    private func send(
        _ number: Int, _ known: UploadID?, _ ingest: Ingest, _ house: House, _ witness: Witness
    ) async throws {
        let bytes = Script.bytes(number)
        let id: UploadID
        if let known { id = known } else {
            id = try await ingest.create(house.creation(Int64(bytes.count)))
            try witness.confirm(number, id, 0)
        }
        var upload = try await ingest.service.status(id)
        while upload.state == .receiving {
            let start = Int(upload.offset)
            let end = min(bytes.count, start + Int.random(in: 1...700_000))
            upload = try await ingest.patch(id, at: upload.offset, chunked(bytes[start..<end]), contentLength: Int64(end - start))
            try witness.confirm(number, id, upload.offset)
        }
    }
}

@Suite("Killed at any moment")
struct KillTests {
    private static let isSoak = ProcessInfo.processInfo.environment["LUMIERE_SOAK"] == "1"
    private static let kills = isSoak ? 1000 : 24

    /// The last thing that was said of each upload, by its number.
    fileprivate static func confirmations(_ folder: String) throws -> [Int: Confirmation] {
        guard let text = try? String(contentsOfFile: Confirmation.file(in: folder), encoding: .utf8) else { return [:] }
        let all = text.split(separator: "\n").compactMap { Confirmation($0) }
        return Dictionary(all.map { ($0.number, $0) }) { $0.offset > $1.offset ? $0 : $1 }
    }

    @Test("a process loses no byte that it has confirmed", .timeLimit(.minutes(isSoak ? 60 : 4)))
    func confirmedBytes() async throws {
        let folder = try TemporaryFolder("kills")
        try await withHouse(in: folder.path) { _ in }
        var verified: Set<Int> = []
        for number in 0..<Self.kills {
            try await runAndKill(folder.path)
            // After each of the first ones, then after every tenth: it takes longer than the killing.
            if number < 10 || number % 10 == 9 { try await check(folder.path, restart: false, &verified) }
        }
        try await check(folder.path, restart: true, &verified)
        #expect(try Self.confirmations(folder.path).count > Script.width)
    }

    private func runAndKill(_ folder: String) async throws {
        var environment = ProcessInfo.processInfo.environment
        environment[Script.variable] = folder
        let said = try size(Confirmation.file(in: folder))
        let child = try Child(
            try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"),
            ["--testing-library", "swift-testing", "--filter", "KilledProcess"], environment: environment,
            output: folder + "/out", errors: folder + "/errors")
        // Not before it works; then somewhere within the next writes, syncs and commits.
        _ = try await eventually("the process to confirm something", every: .milliseconds(5)) {
            if let ending = child.ending { throw Tool.Failure(description: "the process ended: \(ending)") }
            return try size(Confirmation.file(in: folder)) > said + 200 ? () : nil
        }
        try await Task.sleep(for: .microseconds(Int.random(in: 0...60_000)))
        child.signal(SIGKILL)
        _ = try await child.ended(within: .seconds(10))
    }

    private func size(_ path: String) throws -> Int {
        (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
    }

    /// Compares offsets and hashes with what was confirmed.
    /// - Parameter verified: photos that need no second look, for nothing changes them any more.
    private func check(_ folder: String, restart: Bool, _ verified: inout Set<Int>) async throws {
        let confirmed = try Self.confirmations(folder).filter { !verified.contains($0.key) }
        var found: Set<Int> = []
        try await withHouse(in: folder) { house in
            let ingest = try house.start(boot: "boot")
            if restart { try await settleAll(ingest) }
            var wholes: [String] = []
            for confirmation in confirmed.values {
                let upload = try #require(try await ingest.service.find(confirmation.id))
                #expect(upload.offset >= confirmation.offset)
                let bytes = Script.bytes(confirmation.number)
                switch upload.state {
                case .receiving, .completing:
                    guard let file = FileManager.default.contents(atPath: house.path(of: upload.id)) else { continue }
                    #expect(file.count >= upload.offset)
                    #expect(file.prefix(Int(upload.offset)) == Data(bytes[..<Int(upload.offset)]))
                case .completed:
                    wholes.append(hex(bytes))
                    found.insert(confirmation.number)
                default: Issue.record("upload \(confirmation.number) is \(upload.state)")
                }
                if restart { #expect(upload.state == (upload.isWhole ? .completed : .receiving)) }
            }
            let photos = try await house.photos()
            #expect(Set(photos).count == photos.count)
            #expect(Set(wholes).isSubset(of: photos))
            await ingest.shutdown()
        }
        verified.formUnion(found)
    }

    private func settleAll(_ ingest: Ingest) async throws {
        try await ingest.worker.sweeper.recover { _ = try await ingest.service.status($0) }
        try await ingest.worker.sweeper.sweep()
        await ingest.settled()
    }
}
