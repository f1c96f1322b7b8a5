import Core
import Foundation
import TestSupport
import Testing

@testable import Decoding

// Skipped visibly when the executable or the fixtures are not built.
@Suite(
    "Decoder child", .enabled(if: ChildProcess.executable != nil && Fixtures.areMade, "lumiere-decode or the fixtures are not built"),
    .timeLimit(.minutes(1)),
    // A child started meanwhile would inherit the pipes of another and keep them open.
    .serialized)
struct DecoderChildTests {
    @Test("one child serves one request after another, whatever became of the last")
    func sequence() async throws {
        let results = try await onOwnThread {
            let folder = try TemporaryFolder()
            let child = try ChildProcess(reading: [Fixtures.mediaFolder], folders: [folder.path])
            let names = ["orientation-6.jpg", "broken-zero.jpg", "broken-truncated.jpg", "photo.heic", "video-moov-last.mp4", "photo.dng"]
            let outcomes = try names.map { try child.run(request(Fixtures.media($0), into: folder), into: folder) }
            try child.closeInput()
            return (outcomes.map(\.isDone), outcomes.map { $0.files.count }, child.exitStatus())
        }
        #expect(results.0 == [true, false, true, true, true, true])
        #expect(results.1 == [8, 0, 8, 8, 16, 8])
        #expect(results.2 == 0)
    }

    @Test("a confined child writes every format of pictures")
    func formats() async throws {
        let formats = [MediaFormat.jpeg, .webp, .avif, .png]
        let written = try await onOwnThread {
            let folder = try TemporaryFolder()
            let child = try ChildProcess(reading: [Fixtures.mediaFolder], folders: [folder.path])
            var recipe = Recipe.standard
            recipe.formats = formats
            return try child.run(request(Fixtures.media("demo-02.jpg"), into: folder, recipe), into: folder).files.map(\.format)
        }
        #expect(written == Recipe.standard.sizes.flatMap { _ in formats })
    }

    @Test("the end of input ends the child in the middle of a job")
    func endOfInput() async throws {
        let (sawDone, status) = try await onOwnThread {
            let folder = try TemporaryFolder()
            let child = try ChildProcess(reading: [Fixtures.mediaFolder], folders: [folder.path])
            try child.send(MessageFraming.frame(request(Fixtures.media("large-24mp.jpg"), into: folder)))
            var sawDone = false
            if case .facts = try child.reply() { try child.closeInput() }
            while let reply = try child.reply() { sawDone = sawDone || reply == .done }
            return (sawDone, child.exitStatus())
        }
        #expect(!sawDone)
        #expect(status == 0)
    }

    // Skipped visibly on kernels without Landlock.
    @Test("a child cannot read or write outside its folders", .enabled(if: Confinement.confinesFiles, "this kernel offers no Landlock"))
    func outside() async throws {
        let codes = try await onOwnThread {
            let (inside, outside) = (try TemporaryFolder(), try TemporaryFolder())
            let photo = Array(try Data(contentsOf: URL(fileURLWithPath: Fixtures.media("orientation-1.jpg"))))
            let (own, foreign) = (try inside.write(photo, as: "own.jpg"), try outside.write(photo, as: "foreign.jpg"))
            let child = try ChildProcess(folders: [inside.path])
            return [
                try child.run(request(own, into: inside), into: inside).failure?.code,
                try child.run(request(foreign, into: inside), into: inside).failure?.code,
                try child.run(request("/etc/passwd", into: inside), into: inside).failure?.code,
                try child.run(request(own, into: outside), into: outside).failure?.code,
            ]
        }
        #expect(codes == [nil, "internal", "internal", "internal"])
    }

    @Test("a child cannot write where it may only read", .enabled(if: Confinement.confinesFiles, "this kernel offers no Landlock"))
    func readOnly() async throws {
        let (codes, original, names) = try await onOwnThread {
            let (originals, work) = (try TemporaryFolder(), try TemporaryFolder())
            let photo = Array(try Data(contentsOf: URL(fileURLWithPath: Fixtures.media("orientation-1.jpg"))))
            let path = try originals.write(photo, as: "original.jpg")
            let child = try ChildProcess(reading: [originals.path], folders: [work.path])
            let codes = [
                try child.run(request(path, into: work), into: work).failure?.code,
                try child.run(request(path, into: originals), into: originals).failure?.code,
            ]
            return (codes, FileManager.default.contents(atPath: path).map { Array($0) == photo },
                try FileManager.default.contentsOfDirectory(atPath: originals.path))
        }
        #expect(codes == [nil, "internal"])
        #expect(original == true)
        #expect(names == ["original.jpg"])
    }

    @Test("input that makes no sense ends the child", arguments: [[0xFF, 0xFF, 0xFF, 0xFF], [0, 0, 0, 2, 0x7B, 0x7D]] as [[UInt8]])
    func nonsense(bytes: [UInt8]) async throws {
        let status = try await onOwnThread {
            let child = try ChildProcess(folders: [])
            try child.send(bytes)
            return child.exitStatus()
        }
        #expect(status == 2)
    }

    @Test("a file that grows too large fails its job clearly, and the child goes on", arguments: [
        ("large-24mp.jpg", [MediaFormat.png]), ("demo-video.mp4", [.jpeg]),
    ])
    func fileSize(name: String, formats: [MediaFormat]) async throws {
        let codes = try await onOwnThread {
            let folder = try TemporaryFolder()
            let child = try ChildProcess(folders: [folder.path], environment: ["LUMIERE_DECODE_FILE_SIZE": "1"])
            var original = Array(try Data(contentsOf: URL(fileURLWithPath: Fixtures.media(name))))
            // Something to hide lets a film be copied.
            if name.hasSuffix("mp4") { original += [0, 0, 0, 24] + Array("uuid48.1374+11.5755/".utf8.prefix(20)) }
            let large = try folder.write(original, as: "large")
            var recipe = Recipe.standard
            recipe.formats = formats
            let small = try folder.write(
                Array(try Data(contentsOf: URL(fileURLWithPath: Fixtures.media("orientation-1.jpg")))), as: "small")
            return [
                try child.run(request(large, into: folder, recipe), into: folder).failure?.code,
                try child.run(request(small, into: folder), into: folder).failure?.code,
            ]
        }
        #expect(codes == ["too_large", nil])
    }

    @Test("a job that uses up its processor time is ended")
    func processorTime() async throws {
        let status = try await onOwnThread {
            let folder = try TemporaryFolder()
            let child = try ChildProcess(reading: [Fixtures.mediaFolder], folders: [folder.path])
            var recipe = Recipe.standard
            // Far more than two seconds of work, the least that is ever allowed.
            recipe.sizes = Array(repeating: Recipe.Size(.large, longEdge: 2560, quality: 90), count: 60)
            var long = request(Fixtures.media("large-24mp.jpg"), into: folder, recipe)
            long.timeLimit = 0
            let outcome = try child.run(long, into: folder)
            return (outcome.isDone, child.exitStatus())
        }
        #expect(!status.0)
        #expect(status.1 == nil)
    }

    @Test("a job that takes too long on the clock is ended, though it does nothing")
    func wallTime() async throws {
        let status = try await onOwnThread {
            let folder = try TemporaryFolder()
            let child = try ChildProcess(folders: [folder.path])
            // Opening it waits for somebody to write.
            #expect(mkfifo(folder.file("pipe"), 0o600) == 0)
            var endless = request(folder.file("pipe"), into: folder)
            endless.timeLimit = 0
            let outcome = try child.run(endless, into: folder)
            return (outcome.kinds, child.exitStatus())
        }
        #expect(status.0 == [])
        #expect(status.1 == nil)
    }

    @Test("waiting for the next job is not counted")
    func waiting() async throws {
        let isDone = try await onOwnThread {
            let folder = try TemporaryFolder()
            let child = try ChildProcess(reading: [Fixtures.mediaFolder], folders: [folder.path])
            var short = request(Fixtures.media("orientation-1.jpg"), into: folder)
            short.timeLimit = 1000
            let first = try child.run(short, into: folder)
            // Longer than a job may take.
            Thread.sleep(forTimeInterval: 4)
            return [first.isDone, try child.run(short, into: folder).isDone]
        }
        #expect(isDone == [true, true])
    }

    @Test("AVIF is made by a thread that stands back, and nothing else is", arguments: [(DecodePart.avif, true), (.rest, false)])
    func backstage(part: DecodePart, standsBack: Bool) async throws {
        let niceness = try await onOwnThread {
            let folder = try TemporaryFolder()
            let child = try ChildProcess(reading: [Fixtures.mediaFolder], folders: [folder.path])
            var asked = request(Fixtures.media("large-24mp.jpg"), into: folder)
            asked.part = part
            try child.send(MessageFraming.frame(asked))
            var niceness: Set<Int> = []
            while let reply = try child.reply() {
                // What comes after the facts takes a while.
                if case .facts = reply { niceness = try Self.niceness(of: child.processID) }
                if reply == .done { break }
            }
            return niceness
        }
        #expect(niceness.contains(10) == standsBack, "\(niceness)")
    }

    @Test("what nobody waits for stands back, a film the most")
    func standingBack() {
        #expect(DecodePart.allCases.filter { $0.niceness != nil } == [.avif, .film])
        #expect(DecodePart.film.niceness == 19)
    }

    /// How far the threads of a process stand back (proc(5), field 19).
    private static func niceness(of process: Int32) throws -> Set<Int> {
        let folder = "/proc/\(process)/task"
        return Set(try FileManager.default.contentsOfDirectory(atPath: folder).compactMap { thread in
            let line = try? String(contentsOfFile: "\(folder)/\(thread)/stat", encoding: .utf8)
            let fields = line?.split(separator: ")").last?.split(separator: " ") ?? []
            return fields.count > 16 ? Int(fields[16]) : nil
        })
    }

    @Test("both parts of a recipe together are all of it", arguments: ["large-24mp.jpg", "photo.heic", "photo.dng", "video-moov-last.mp4"])
    func parts(name: String) async throws {
        let kinds = try await onOwnThread {
            try [DecodePart.all, .thumbnail, .rest].map { part in
                let folder = try TemporaryFolder()
                let child = try ChildProcess(reading: [Fixtures.mediaFolder], folders: [folder.path])
                var asked = request(Fixtures.media(name), into: folder)
                asked.part = part
                let outcome = try child.run(asked, into: folder)
                let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
                return (outcome.kinds, Set(names), outcome.files)
            }
        }
        let (all, thumbnail, rest) = (kinds[0], kinds[1], kinds[2])
        #expect(thumbnail.0 == ["facts", "thumb.jpeg", "thumb.webp", "done"])
        #expect(rest.0 == ["facts"] + all.0.filter { !$0.hasPrefix("thumb") && $0 != "facts" })
        #expect(thumbnail.2 + rest.2 == all.2)
        #expect(thumbnail.1.union(rest.1) == all.1 && thumbnail.1.isDisjoint(with: rest.1))
    }
}
