import Core
import NIOCore
import NIOHTTP1
import Testing

@testable import WebServer

@Suite("Connection machine")
struct ConnectionMachineTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
    private let limits = ConnectionLimits()

    private func machine() -> ConnectionMachine { ConnectionMachine(limits: limits, at: start) }

    private func head(_ method: HTTPMethod = .GET, _ headers: HTTPHeaders = [:], version: HTTPVersion = .http1_1) -> HTTPServerRequestPart {
        var headers = headers
        headers.add(name: "Host", value: "x")
        return .head(HTTPRequestHead(version: version, method: method, uri: "/", headers: headers))
    }

    @Test("the first head is due ten seconds after accepting, even when nothing comes")
    func firstHead() {
        var machine = machine()
        #expect(machine.nextDeadline == start + .seconds(10))
        #expect(machine.timePassed(at: start + .seconds(9)) == .wait)
        #expect(machine.timePassed(at: start + .seconds(10)) == .cut(.idle))
    }

    @Test("a connection is not idle while a client still takes the answer before")
    func slowReader() {
        var machine = machine()
        machine.state = .awaitingHead(until: start + limits.idle, bytes: 0)
        machine.writes.looked(taken: 100, pending: 10, at: start + limits.idle)
        #expect(machine.timePassed(at: start + limits.idle) == .wait)
        machine.writes.looked(taken: 110, pending: 0, at: start + limits.idle * 2)
        #expect(machine.timePassed(at: start + limits.idle * 2) == .cut(.idle))
    }

    @Test("a head that drips gets no more time with each byte, and is answered 408")
    func drippingHead() {
        var machine = machine()
        for second in 1...9 { #expect(machine.arrived(1, at: start + .seconds(Int64(second))) == .decode) }
        guard case .refuse(let problem) = machine.timePassed(at: start + .seconds(10)) else {
            Issue.record("not refused")
            return
        }
        #expect(problem.status == 408)
        #expect(machine.state == .finishing)
    }

    @Test("a direct answer is an exchange of its own, and is given only when nothing of another request has come")
    func directAnswers() {
        var machine = machine()
        #expect(machine.takesDirectAnswers)
        #expect(machine.answeringDirectly(isHead: false, closes: false) == false)
        #expect(!machine.takesDirectAnswers)
        #expect(machine.received(head()) == .hold)
        #expect(machine.answerEnded(holdsMore: true, at: start) == .next)
        #expect(machine.takesDirectAnswers)
        _ = machine.arrived(5, at: start)
        #expect(!machine.takesDirectAnswers)

        var closing = self.machine()
        #expect(closing.answeringDirectly(isHead: true, closes: true) == true)
        #expect(closing.answerEnded(holdsMore: false, at: start) == .finish)
        #expect(!closing.takesDirectAnswers)
    }

    @Test("a file is the body of an answer that has a length, and no longer than that")
    func fileBodies() {
        for (headers, count, action) in [
            (["Content-Length": "10"], 10, ConnectionMachine.BodyAction.write), (["Content-Length": "10"], 11, .breakOff),
            ([:], 10, .breakOff),
        ] as [(HTTPHeaders, Int, ConnectionMachine.BodyAction)] {
            var machine = machine()
            _ = machine.received(head())
            _ = machine.received(.end(nil))
            _ = machine.answered(HTTPResponseHead(version: .http1_1, status: .ok, headers: headers))
            #expect(machine.answerContinued(byFile: count) == action)
        }
    }

    @Test("between requests a minute may pass, but a head once begun has ten seconds")
    func keepAlive() {
        var machine = machine()
        _ = machine.received(head())
        _ = machine.received(.end(nil))
        _ = machine.answered(HTTPResponseHead(version: .http1_1, status: .ok))
        #expect(machine.answerEnded(holdsMore: false, at: start) == .next)
        #expect(machine.nextDeadline == start + .seconds(60))
        _ = machine.arrived(5, at: start + .seconds(20))
        #expect(machine.nextDeadline == start + .seconds(30))
    }

    @Test("more bytes of a head than allowed are refused with 431")
    func endlessHead() {
        var machine = machine()
        _ = machine.arrived(limits.incompleteHeadBytes + 1, at: start)
        #expect(machine.arrived(1, at: start) == .refuse(.headTooLarge))
    }

    @Test("a body is waited for only while a read is open")
    func bodyInactivity() {
        var machine = machine()
        _ = machine.received(head(.POST, ["Content-Length": "10"]))
        #expect(machine.nextDeadline == nil)
        #expect(machine.mayRead(holdsMore: false, at: start) == true)
        #expect(machine.nextDeadline == start + .seconds(30))
        _ = machine.arrived(1, at: start + .seconds(29))
        #expect(machine.nextDeadline == nil)
        _ = machine.mayRead(holdsMore: false, at: start + .seconds(100))
        #expect(machine.timePassed(at: start + .seconds(129)) == .wait)
        #expect(machine.timePassed(at: start + .seconds(130)) == .cut(.stalledBody))
    }

    @Test("a body below the minimum rate is cut after the window", arguments: [(100, true), (2000, false)])
    func bodyRate(bytesPerSecond: Int, isCut: Bool) {
        var machine = machine()
        _ = machine.received(head(.POST, ["Content-Length": "1000000"]))
        var actions: [ConnectionMachine.BytesAction] = []
        for second in 0..<31 {
            _ = machine.mayRead(holdsMore: false, at: start + .seconds(Int64(second)))
            actions.append(machine.arrived(bytesPerSecond, at: start + .seconds(Int64(second) + 1)))
        }
        #expect(actions.contains(.cut(.slowBody)) == isCut)
    }

    @Test("time in which the server itself does not read counts for nobody")
    func backPressure() {
        var machine = machine()
        _ = machine.received(head(.POST, ["Content-Length": "1000000"]))
        for minute in 0..<10 {
            let now = start + .minutes(Int64(minute))
            _ = machine.mayRead(holdsMore: false, at: now)
            #expect(machine.arrived(10, at: now + .milliseconds(1)) == .decode)
        }
    }

    @Test("nobody is blamed for waiting for 100 Continue")
    func waitingForContinue() {
        var machine = machine()
        _ = machine.received(head(.POST, ["Content-Length": "10", "Expect": "100-continue"]))
        _ = machine.mayRead(holdsMore: false, at: start)
        #expect(machine.nextDeadline == nil)
        #expect(machine.bodyAccepted(at: start + .seconds(50)) == true)
        #expect(machine.bodyAccepted(at: start + .seconds(50)) == false)
        #expect(machine.nextDeadline == start + .seconds(80))
    }

    @Test("a reader that takes nothing for a minute is cut, one that takes a little is not")
    func writeStall() {
        var machine = machine()
        machine.writes.looked(taken: 0, pending: 100, at: start)
        machine.writes.looked(taken: 1, pending: 99, at: start + .seconds(45))
        #expect(machine.timePassed(at: start + .seconds(60)) != .cut(.stalledReader))
        machine.writes.looked(taken: 1, pending: 99, at: start + .seconds(105))
        #expect(machine.timePassed(at: start + .seconds(105)) == .cut(.stalledReader))
    }

    @Test("an answer before the end of the request closes, and says so")
    func earlyAnswer() {
        var machine = machine()
        _ = machine.received(head(.POST, ["Content-Length": "10"]))
        let answer = machine.answered(HTTPResponseHead(version: .http1_1, status: .payloadTooLarge))
        #expect(answer?.headers["connection"] == ["close"])
        #expect(machine.answerEnded(holdsMore: false, at: start) == .finish)
        #expect(machine.arrived(1000, at: start) == .discard)
        machine.lastAnswerSent(at: start)
        #expect(machine.mayDrain)
        #expect(machine.arrived(limits.lingerBytes, at: start) == .discard)
        #expect(!machine.mayDrain)
        #expect(machine.timePassed(at: start + .seconds(1)) == .cut(.lingered))
    }

    @Test("draining closes an idle connection at once and a busy one after its answer")
    func quiesce() {
        var idle = machine()
        #expect(idle.quiesce() == true)
        var busy = machine()
        _ = busy.received(head())
        _ = busy.received(.end(nil))
        #expect(busy.quiesce() == false)
        #expect(busy.answered(HTTPResponseHead(version: .http1_1, status: .ok))?.headers["connection"] == ["close"])
        #expect(busy.answerEnded(holdsMore: true, at: start) == .finish)
    }

    @Test(
        "a head that breaks a rule is refused",
        arguments: [
            (HTTPHeaders([("Host", "x"), ("Host", "y")]), 400),
            (HTTPHeaders(), 400),
            (HTTPHeaders([("Host", "x"), ("Content-Length", "3"), ("Transfer-Encoding", "chunked")]), 400),
            (HTTPHeaders([("Host", "x"), ("Content-Length", "3"), ("Content-Length", "3")]), 400),
            (HTTPHeaders([("Host", "x"), ("Transfer-Encoding", "gzip, chunked")]), 501),
            (HTTPHeaders([("Host", "x"), ("Expect", "cake")]), 417),
        ])
    func violations(headers: HTTPHeaders, status: Int) {
        let head = HTTPRequestHead(version: .http1_1, method: .POST, uri: "/", headers: headers)
        #expect(head.violation(limits)?.status == status)
    }

    @Test("a plain head breaks no rule", arguments: ["/", "*", "http://x/y"])
    func noViolation(uri: String) {
        #expect(HTTPRequestHead(version: .http1_1, method: .GET, uri: uri, headers: ["Host": "x"]).violation(limits) == nil)
        #expect(HTTPRequestHead(version: .http1_0, method: .GET, uri: uri).violation(limits) == nil)
    }

    @Test("a target too long or no path is refused")
    func targets() {
        func status(_ uri: String) -> Int? {
            HTTPRequestHead(version: .http1_1, method: .GET, uri: uri, headers: ["Host": "x"]).violation(limits)?.status
        }
        #expect(status("/" + String(repeating: "a", count: limits.targetBytes)) == 414)
        #expect(status("x:1") == 400)
    }

    @Test("framing fits the client and the request")
    func framing() {
        func frame(_ status: HTTPResponseStatus, _ headers: HTTPHeaders, isHead: Bool = false, isHTTP10: Bool = false) -> (HTTPHeaders, Bool) {
            var closes = false
            let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
            return (ResponseFraming.frame(head, isHead: isHead, isHTTP10: isHTTP10, closes: &closes).headers, closes)
        }
        #expect(frame(.ok, [:]).0["transfer-encoding"] == ["chunked"])
        #expect(frame(.ok, ["Content-Length": "3"]).0.contains(name: "transfer-encoding") == false)
        #expect(frame(.ok, [:], isHead: true).0.contains(name: "transfer-encoding") == false)
        #expect(frame(.notModified, ["Content-Length": "0"]).0.contains(name: "content-length") == false)
        #expect(frame(.ok, [:], isHTTP10: true).1)
        #expect(frame(.ok, ["Content-Length": "3"], isHTTP10: true).0["connection"] == ["keep-alive"])
    }

    @Test("heads may have so many fields, the parts of a cookie taken as one, and so many bytes", arguments: [
        (98, 1, 1, true), (99, 1, 1, false), (98, 1, 400, true), (99, 1, 2, false),
        (1, 16_000, 1, true), (1, 17_000, 1, false), (50, 400, 1, false),
    ])
    func size(fields: Int, bytes: Int, cookies: Int, isTaken: Bool) {
        var headers: HTTPHeaders = ["Host": "x"]
        for number in 0..<fields { headers.add(name: "a\(number)", value: String(repeating: "x", count: bytes)) }
        for number in 0..<cookies { headers.add(name: "cookie", value: "c\(number)=1") }
        let problem = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/", headers: headers).violation(limits)
        #expect(problem == (isTaken ? nil : .headTooLarge))
    }
}
