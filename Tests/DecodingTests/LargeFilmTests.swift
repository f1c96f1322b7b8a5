import CAVFormat
import Core
import Foundation
import Glibc
import TestSupport
import Testing

@testable import Decoding

/// Films that last long, or are large.
@Suite("Large films", .serialized, .enabled(if: Tool.program("ffmpeg") != nil, "ffmpeg is not installed"))
struct LargeFilmTests {
    private static let isSoak = ProcessInfo.processInfo.environment["LUMIERE_SOAK"] != nil
    /// Of the long film.
    private static let minutes = isSoak ? 120 : 20

    @Test("the small stills of a long film cost some hundred decoded frames")
    func long() async throws {
        let folder = try TemporaryFolder()
        let film = folder.file("film.mp4")
        _ = try await Tool("ffmpeg").output(
            [
                "-nostdin", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc=s=160x90:r=2:d=\(Self.minutes * 60)", "-c:v", "libx264", "-preset",
                "ultrafast", "-pix_fmt", "yuv420p", "-g", "20", film,
            ], within: .seconds(120))
        let start = ContinuousClock.now
        let outcome = try await decode(film, .tiny)
        // Each second shown has a number of its own, so that all of the frames would take far longer.
        #expect(ContinuousClock.now - start < .seconds(20))
        #expect(outcome.file(.sprite).map { [$0.width, $0.height] } == [1600, 1080])
        let playlist = try #require(SegmentPlaylist(String(decoding: outcome.bytes(.segments, .m3u8), as: UTF8.self)))
        #expect((4 * Self.minutes...12 * Self.minutes).contains(playlist.segments.count))
    }

    @Test(
        "a film of 2 GiB is probed, shown and copied in seconds, in little memory",
        .enabled(if: isSoak, "only in soak"),
        .enabled(if: ChildProcess.executable != nil, "lumiere-decode is not built"), .timeLimit(.minutes(10)))
    func huge() async throws {
        let folder = try TemporaryFolder()
        let film = folder.file("film.mp4")
        try await Self.makeHuge(film, in: folder)
        let size = try #require(try FileManager.default.attributesOfItem(atPath: film)[.size] as? Int64)
        #expect(size > 2 << 30)
        let results = folder.file("results")
        try FileManager.default.createDirectory(atPath: results, withIntermediateDirectories: false)
        let (outcome, times, peak) = try await onOwnThread { try Self.watch(film, results, folder) }
        #expect(outcome.isDone && outcome.files.count == 16)
        print("2 GiB:", times.map { "\($0.0) \($0.1)" }.joined(separator: ", "), "peak", peak >> 20, "MiB")
        #expect(peak < 400 << 20)
        let shown = try #require(times.first { $0.0 == "thumb.jpeg" })
        #expect(shown.1 < .seconds(5))
        // Two passes over the file for the copy and one for the segments, at no more than a slow disk's speed.
        let total = try #require(times.last)
        #expect(total.1 < .seconds(120))
    }

    /// Ten seconds of noise at a high bit rate, over and over, with the index at the end.
    private static func makeHuge(_ film: String, in folder: TemporaryFolder) async throws {
        let part = folder.file("part.mp4")
        _ = try await Tool("ffmpeg").output([
            "-nostdin", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc2=s=1920x1080:r=25:d=4,noise=alls=60:allf=t", "-f", "lavfi",
            "-i", "sine=d=4", "-c:v", "libx264", "-preset", "ultrafast", "-b:v", "120M", "-minrate", "120M", "-maxrate", "120M",
            "-bufsize", "120M", "-x264-params", "nal-hrd=cbr", "-g", "50", "-pix_fmt", "yuv420p", "-c:a", "aac", part,
        ], within: .seconds(120))
        let size = try FileManager.default.attributesOfItem(atPath: part)[.size] as? Int64 ?? 1
        _ = try await Tool("ffmpeg").output(
            ["-nostdin", "-loglevel", "error", "-stream_loop", "\((2 << 30) / size + 1)", "-i", part, "-c", "copy", film],
            within: .seconds(300))
    }

    private static func watch(
        _ film: String, _ results: String, _ folder: TemporaryFolder
    ) throws -> (Outcome, [(String, Duration)], Int) {
        let child = try ChildProcess(reading: [folder.path], folders: [results])
        var work = request(film, into: folder)
        (work.outputFolder, work.timeLimit) = (results, 300_000)
        let start = ContinuousClock.now
        try child.send(MessageFraming.frame(work))
        var (outcome, times, peak): (Outcome, [(String, Duration)], Int) = (Outcome(folder: folder), [], 0)
        while !outcome.isDone && outcome.failure == nil, let reply = try child.reply() {
            outcome.add(reply)
            times.append((outcome.kinds.last ?? "", ContinuousClock.now - start))
            peak = max(peak, child.peakMemory)
        }
        return (outcome, times, peak)
    }
}

extension ChildProcess {
    /// Bytes that have been resident at most (`VmHWM`).
    fileprivate var peakMemory: Int {
        let status = (try? String(contentsOfFile: "/proc/\(processID)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM") }
        return (line?.split(separator: " ").compactMap { Int($0) }.first ?? 0) << 10
    }
}
