import CPolling
import Glibc
import NIOCore

/// All connections of one measurement, on one thread.
struct Load {
    struct Result {
        var deliveriesPerSecond: Double
        /// Milliseconds, in order.
        var times: [Double]

        func percentile(_ share: Int) -> Double { times.isEmpty ? .nan : times[(times.count - 1) * share / 100] }
    }

    /// What one speaker said last.
    private struct Round {
        var saidAt: Double
        var missing: Int
    }

    private var clients: [Client] = []
    private let listeners: Int
    private let poll: CInt
    private let space = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)

    /// Connects everybody; blocks.
    init(port: UInt16, path: String, listeners: Int, speakers: Int, greeting: String?) throws {
        self.listeners = listeners
        poll = epoll_create1(0)
        for number in 0..<(listeners + speakers) {
            var client = try Client(port: port, path: path)
            if let greeting { try Self.greet(&client, greeting.replacing("{n}", with: "\(number)"), space) }
            var event = epoll_event(events: UInt32(EPOLLIN.rawValue), data: epoll_data(u32: UInt32(number)))
            guard epoll_ctl(poll, EPOLL_CTL_ADD, client.descriptor, &event) == 0 else { throw LoadError("no room for connections") }
            clients.append(client)
        }
    }

    private static func greet(_ client: inout Client, _ text: String, _ space: UnsafeMutableRawBufferPointer) throws {
        try client.write(Client.frame(text))
        var isAnswered = false
        while !isAnswered {
            var waiting = pollfd(fd: client.descriptor, events: Int16(POLLIN), revents: 0)
            guard Glibc.poll(&waiting, 1, 10_000) == 1 else { throw LoadError("no answer to a greeting") }
            try client.read(into: space) { message in
                isAnswered = isAnswered || contains(message, Array(#""ack""#.utf8))
                if contains(message, Array(#""error""#.utf8)) { print(String(decoding: message, as: UTF8.self)) }
            }
        }
    }

    /// Says and hears for a second and then for as long as is measured.
    mutating func measure(message: String, mark: String, seconds: Double) throws -> Result {
        let speakers = clients.count - listeners
        let frames = (0..<speakers).map { Client.frame(message.replacing("{n}", with: "\($0)")) }
        let marks = (0..<speakers).map { Array(mark.replacing("{n}", with: "\($0)").utf8) }
        var rounds = [Round](repeating: Round(saidAt: 0, missing: 0), count: speakers)
        var (count, times) = (0, [Double]())
        for speaker in 0..<speakers { try say(frames[speaker], speaker, &rounds) }
        let start = now() + 1, end = start + seconds
        var events = [epoll_event](repeating: epoll_event(), count: 1024)
        while now() < end {
            let ready = epoll_wait(poll, &events, CInt(events.count), 5000)
            guard ready > 0 else { throw LoadError("nothing was heard for five seconds") }
            for event in events[..<Int(ready)] {
                let index = Int(event.data.u32)
                var heard: [Int] = []
                try clients[index].read(into: space) { message in
                    if let speaker = marks.firstIndex(where: { Self.contains(message, $0) }) { heard.append(speaker) }
                }
                guard index < listeners else { continue }
                let moment = now()
                for speaker in heard {
                    if moment >= start {
                        count += 1
                        times.append((moment - rounds[speaker].saidAt) * 1000)
                    }
                    rounds[speaker].missing -= 1
                    if rounds[speaker].missing == 0 { try say(frames[speaker], speaker, &rounds) }
                }
            }
        }
        return Result(deliveriesPerSecond: Double(count) / (now() - start), times: times.sorted())
    }

    private func say(_ frame: [UInt8], _ speaker: Int, _ rounds: inout [Round]) throws {
        rounds[speaker] = Round(saidAt: now(), missing: listeners)
        try clients[listeners + speaker].write(frame)
    }

    private static func contains(_ message: UnsafeRawBufferPointer, _ mark: [UInt8]) -> Bool {
        memmem(message.baseAddress, message.count, mark, mark.count) != nil
    }

    private func now() -> Double { Double(NIODeadline.now().uptimeNanoseconds) / 1e9 }
}
