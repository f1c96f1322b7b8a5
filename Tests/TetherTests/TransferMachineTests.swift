import Core
import Testing

@testable import Tether

/// Holds a `TransferMachine`, so that an expectation can ask it.
private final class Machine {
    private var machine: TransferMachine

    init(length: Int64, url: String? = nil, offset: Int64 = 0) {
        machine = TransferMachine(length: length, url: url, offset: offset)
    }

    var step: TransferMachine.Step { machine.step }
    var offset: Int64 { machine.offset }
    func heard(_ heard: TusHeard) -> TransferMachine.Verdict { machine.heard(heard) }
}

@Suite("What to ask of the server next")
struct TransferMachineTests {
    private static let url = "http://h/api/uploads/1"

    private static func reply(
        _ status: Int, offset: Int64? = nil, location: String? = nil, isOurs: Bool = true, after: Duration? = nil,
        detail: String? = nil
    ) -> TusHeard {
        .reply(TusReply(status: status, isOurs: isOurs, location: location, offset: offset, retryAfter: after, detail: detail))
    }

    private static func upload(_ state: String, _ offset: Int64, _ failure: String? = nil) -> TusHeard {
        .reply(TusReply(status: 200, upload: TusReply.Upload(state: state, offset: offset, failure: failure)))
    }

    /// A machine that has created its upload.
    private static func begun(_ length: Int64 = 100) -> Machine {
        let machine = Machine(length: length)
        #expect(machine.heard(reply(201, location: url)) == .proceed)
        return machine
    }

    @Test("a new file is created, sent, and complete")
    func plain() {
        let machine = Machine(length: 100)
        #expect(machine.step == .create)
        #expect(machine.heard(Self.reply(201, location: Self.url)) == .proceed)
        #expect(machine.step == .send(url: Self.url, offset: 0, count: 100))
        #expect(machine.heard(Self.reply(204, offset: 100)) == .proceed)
        #expect(machine.step == .confirm(url: Self.url))
        #expect(machine.heard(Self.upload("completed", 100)) == .complete(asDuplicate: false))
    }

    @Test("what was sent is waited for while the server looks at it, and not for ever")
    func completing() {
        let machine = Machine(length: 100, url: Self.url)
        #expect(machine.heard(Self.reply(200, offset: 100)) == .proceed)
        var waited: Duration = .zero
        for _ in 0..<100 {
            switch machine.heard(Self.upload("completing", 100)) {
            case .wait(let pause): waited += pause
            case .pause(.file, _, _): return #expect(waited == .milliseconds(3100))
            case let other: Issue.record("\(other)")
            }
            #expect(machine.step == .confirm(url: Self.url))
        }
        Issue.record("it waits for ever")
    }

    @Test("what the server has received otherwise is begun anew", arguments: ["failed", "expired", "completed"])
    func spoiled(state: String) {
        let machine = Machine(length: 100, url: Self.url)
        #expect(machine.heard(Self.reply(200, offset: 100)) == .proceed)
        let verdict = machine.heard(Self.upload(state, 99, "checksum_mismatch"))
        let reason = "The server has not received it as it is (checksum_mismatch)."
        #expect(verdict == (state == "failed" ? .spoiled(reason) : .proceed))
        #expect(machine.step == .create)
    }

    @Test("a server that confirms bytes and then lacks them is asked again, and not for ever")
    func lacking() {
        let machine = Machine(length: 100, url: Self.url)
        for _ in 0..<100 {
            let heard = machine.step == .ask(url: Self.url) ? Self.reply(200, offset: 100) : Self.upload("receiving", 50)
            let verdict = machine.heard(heard)
            if case .pause(.file, _, _) = verdict { return }
            #expect(verdict == .proceed)
        }
        Issue.record("it asks for ever")
    }

    @Test("what does not tell of an upload confirms nothing")
    func unconfirmed() {
        let machine = Machine(length: 100, url: Self.url)
        #expect(machine.heard(Self.reply(200, offset: 100)) == .proceed)
        guard case .pause(.server, _, _) = machine.heard(Self.reply(200, offset: 100)) else {
            Issue.record("anything confirms")
            return
        }
    }

    @Test("what is told of an upload is read, and nothing else is", arguments: [
        (#"{"state":"failed","offset":7,"failure":"bytes_lost"}"#,
            TusReply.Upload(state: "failed", offset: 7, failure: "bytes_lost")),
        (#"{"state":"completed","offset":7}"#, TusReply.Upload(state: "completed", offset: 7)),
        (#"{"state":"completed"}"#, nil), (#"{"offset":7}"#, nil), ("[]", nil), (#"{"state":1,"offset":"7"}"#, nil),
    ] as [(String, TusReply.Upload?)])
    func view(text: String, expected: TusReply.Upload?) throws {
        #expect(TusReply.Upload(try JSON.decode(from: text)) == expected)
    }

    @Test("content that the server has needs no bytes")
    func duplicate() {
        let machine = Machine(length: 100)
        #expect(machine.heard(Self.reply(201, offset: 100, location: Self.url)) == .complete(asDuplicate: true))
    }

    @Test("a new upload that is said to have more than the file, or a part of it, is not taken for the file", arguments: [
        Int64(0), 40, 101, 1 << 40,
    ])
    func noDuplicate(offset: Int64) {
        let machine = Machine(length: 100)
        #expect(machine.heard(Self.reply(201, offset: offset, location: Self.url)) == .proceed)
        #expect(machine.step == (offset > 100 ? .create : .send(url: Self.url, offset: offset, count: 100 - offset)))
    }

    @Test("an upload of an earlier run is asked about first")
    func resumed() {
        let machine = Machine(length: 100, url: Self.url, offset: 30)
        #expect(machine.step == .ask(url: Self.url))
        #expect(machine.heard(Self.reply(200, offset: 60)) == .proceed)
        #expect(machine.step == .send(url: Self.url, offset: 60, count: 40))
    }

    @Test("after a cut the server says where to go on, also when it has less")
    func cut() {
        let machine = Self.begun()
        #expect(machine.heard(.silence("cut")) == .pause(.server, atLeast: nil, "cut"))
        #expect(machine.step == .ask(url: Self.url))
        #expect(machine.heard(Self.reply(200, offset: 0)) == .proceed)
        #expect(machine.step == .send(url: Self.url, offset: 0, count: 100))
    }

    @Test("an upload that is whole already only has to be confirmed")
    func answerLost() {
        let machine = Machine(length: 100, url: Self.url, offset: 30)
        #expect(machine.heard(Self.reply(200, offset: 100)) == .proceed)
        #expect(machine.step == .confirm(url: Self.url))
    }

    @Test("large files go in pieces")
    func pieces() {
        let length = TransferMachine.maxChunk + 5
        let machine = Self.begun(length)
        #expect(machine.step == .send(url: Self.url, offset: 0, count: TransferMachine.maxChunk))
        #expect(machine.heard(Self.reply(204, offset: TransferMachine.maxChunk)) == .proceed)
        #expect(machine.step == .send(url: Self.url, offset: TransferMachine.maxChunk, count: 5))
    }

    @Test("a proxy that takes only small requests gets them, down to a limit")
    func smallRequests() {
        let machine = Self.begun(TransferMachine.maxChunk)
        var sizes: [Int64] = []
        for _ in 0..<20 {
            guard case .send(_, _, let count) = machine.step else { break }
            sizes.append(count)
            let verdict = machine.heard(Self.reply(413, isOurs: false))
            guard verdict == .proceed else {
                #expect(verdict == .refused("It answers 413."))
                break
            }
            #expect(machine.heard(Self.reply(200, offset: 0)) == .proceed)
        }
        #expect(sizes.first == TransferMachine.maxChunk)
        #expect(sizes.last == TransferMachine.minChunk)
    }

    @Test("each status while sending has its meaning", arguments: [
        (423, TransferMachine.Verdict.pause(.file, atLeast: .seconds(1), "It answers 423.")),
        (429, .pause(.all, atLeast: nil, "It answers 429.")), (503, .pause(.server, atLeast: nil, "It answers 503.")),
        (507, .pause(.server, atLeast: nil, "It answers 507.")), (500, .pause(.file, atLeast: nil, "It answers 500.")),
        (401, .stop("It answers 401.")), (403, .stop("It answers 403.")), (415, .refused("It answers 415.")),
        (422, .refused("It answers 422.")), (412, .stop("It does not speak tus 1.0.0.")), (404, .proceed), (410, .proceed),
        (413, .proceed), (409, .proceed), (460, .proceed), (400, .proceed),
    ])
    func statuses(status: Int, verdict: TransferMachine.Verdict) {
        let machine = Self.begun()
        #expect(machine.heard(Self.reply(status)) == verdict)
    }

    @Test("each status while creating has its meaning", arguments: [
        (400, TransferMachine.Verdict.refused("no")), (413, .refused("no")), (415, .refused("no")), (404, .stop("no")),
        (401, .stop("no")), (409, .closed("no")), (429, .pause(.all, atLeast: .seconds(7), "no")),
        (408, .pause(.file, atLeast: .seconds(7), "no")),
        (507, .pause(.server, atLeast: .seconds(7), "no")),
    ])
    func creation(status: Int, verdict: TransferMachine.Verdict) {
        let machine = Machine(length: 100)
        #expect(machine.heard(Self.reply(status, after: .seconds(7), detail: "no")) == verdict)
        #expect(machine.step == .create)
    }

    @Test("a sign-in page is neither a success nor a refusal", arguments: [200, 302, 401, 403, 404, 511])
    func stranger(status: Int) {
        let machine = Machine(length: 100)
        guard case .pause(.server, _, _) = machine.heard(Self.reply(status, isOurs: false)) else {
            Issue.record("\(status) is taken at its word")
            return
        }
    }

    @Test("an upload that has gone is begun anew", arguments: [404, 410])
    func gone(status: Int) {
        let machine = Machine(length: 100, url: Self.url, offset: 30)
        #expect(machine.heard(Self.reply(status)) == .proceed)
        #expect(machine.step == .create)
        #expect(machine.offset == 0)
    }

    @Test("a mismatch that says the offset is believed")
    func mismatch() {
        let machine = Self.begun()
        #expect(machine.heard(Self.reply(409, offset: 40)) == .proceed)
        #expect(machine.step == .send(url: Self.url, offset: 40, count: 60))
        #expect(machine.heard(Self.reply(409, offset: 100)) == .proceed)
        #expect(machine.step == .confirm(url: Self.url))
    }

    @Test(
        "whoever lies about offsets is asked again, and not for ever",
        arguments: [Int64?.none, 0, 101, 1 << 40, -5])
    func lies(offset: Int64?) {
        let machine = Self.begun()
        for _ in 0..<100 {
            let verdict = machine.heard(
                { () -> TusHeard in
                    switch machine.step {
                    case .create: Self.reply(201, location: Self.url)
                    case .ask: Self.reply(200, offset: offset)
                    case .send, .confirm: Self.reply(204, offset: offset)
                    }
                }())
            if case .pause(.file, _, _) = verdict { return }
            #expect(verdict == .proceed)
        }
        Issue.record("it asks for ever")
    }

    @Test("an upload that is always gone is not created for ever")
    func alwaysGone() {
        let machine = Machine(length: 100)
        for _ in 0..<100 {
            let heard = machine.step == .create ? Self.reply(201, location: Self.url) : Self.reply(404)
            if case .pause(.file, _, _) = machine.heard(heard) { return }
        }
        Issue.record("it creates for ever")
    }
}
