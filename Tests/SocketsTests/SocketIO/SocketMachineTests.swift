import NIOCore
import Testing

@testable import Sockets

@Suite("Socket.IO on one session")
struct SocketMachineTests {
    typealias Action = SocketMachine.Action
    static let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    static func machine() -> SocketMachine {
        var configuration = SocketConfiguration(namespaces: ["/", "/custom"])
        configuration.maxAcknowledgements = 3
        return SocketMachine(configuration: configuration)
    }

    static func joined(_ namespaces: [String] = ["/"]) -> SocketMachine {
        var machine = machine()
        for namespace in namespaces {
            _ = text("0" + namespace, &machine)
            #expect(machine.accepted(namespace, id: "s", pid: nil).count == 2)
        }
        return machine
    }

    static func text(_ text: String, _ machine: inout SocketMachine, at time: NIODeadline = start) -> [Action] {
        machine.received(text: ByteBuffer(string: text), at: time)
    }

    static func isClosed(_ actions: [Action]) -> Bool {
        if case .close(.protocolError, _) = actions.last { actions.count == 1 } else { false }
    }

    @Test("a client asks, is let in and told so")
    func connects() {
        var machine = Self.machine()
        #expect(machine.opened() == [.start(.connect, after: .seconds(45))])
        let auth = JSONText(trusted: ByteBuffer(string: #"{"a":1}"#))
        #expect(Self.text(#"0/custom,{"a":1}"#, &machine) == [.ask(namespace: "/custom", auth: auth)])
        #expect(!machine.isJoined("/custom"))
        #expect(
            machine.accepted("/custom", id: "s", pid: "p") == [.cancel(.connect), .send(.connected("/custom", id: "s", pid: "p"))])
        #expect(machine.joined == ["/custom"])
        #expect(machine.accepted("/custom", id: "t", pid: nil) == [] && machine.accepted("/", id: "t", pid: nil) == [])
        #expect(machine.refused("/custom", message: "no", data: nil) == [])
    }

    @Test("a namespace that is unknown or forbidden is answered with an error, and the session goes on")
    func refusals() {
        var machine = Self.machine()
        #expect(Self.text("0/random", &machine) == [.send(.refused("/random", message: "Invalid namespace"))])
        _ = Self.text("0", &machine)
        #expect(machine.refused("/", message: "no", data: nil) == [.send(.refused("/", message: "no"))])
        #expect(Self.text("0", &machine) == [.ask(namespace: "/", auth: nil)])
    }

    @Test("a session in no namespace ends in time, also after the last was left")
    func connectTimeout() {
        var machine = Self.machine()
        _ = Self.text("0", &machine)
        #expect(machine.timerFired(.connect, at: Self.start) == [.close(.policyViolation, "no namespace joined")])
        machine = Self.joined()
        #expect(machine.timerFired(.connect, at: Self.start) == [])
        #expect(
            Self.text("1", &machine) == [.reportLeft(namespace: "/", .client), .start(.connect, after: .seconds(45))])
        #expect(machine.timerFired(.connect, at: Self.start).count == 1)
    }

    @Test("one namespace is left, the other stays")
    func leaves() {
        var machine = Self.joined(["/", "/custom"])
        #expect(Self.text("1/custom", &machine) == [.reportLeft(namespace: "/custom", .client)])
        #expect(Self.text(#"2["a"]"#, &machine).count == 1 && machine.joined == ["/"])
        #expect(Self.text(#"2/custom,["late"]"#, &machine) == [] && Self.text("1/custom", &machine) == [])
        #expect(Self.text("0/custom", &machine) == [.ask(namespace: "/custom", auth: nil)])
        #expect(machine.disconnected("/").prefix(2) == [.send(.disconnected("/")), .reportLeft(namespace: "/", .server)])
        #expect(machine.disconnected("/") == [])
    }

    @Test(
        "packets before the connection, and such as are none, end the session",
        arguments: [#"2["a"]"#, "1", "31[]", #"2/custom,["a"]"#, "abc", "2{}", #"4{"message":""}"#])
    func strays(text: String) {
        var machine = Self.machine()
        #expect(Self.isClosed(Self.text(text, &machine)))
        machine = Self.machine()
        _ = Self.text("0", &machine)
        #expect(Self.isClosed(Self.text(text, &machine)), "asking is not enough")
        #expect(Self.isClosed(Self.text("0", &machine)), "nor is it done twice")
    }

    @Test("binary messages out of place end the session")
    func strayBinary() {
        var machine = Self.joined()
        #expect(Self.isClosed(machine.received(binary: ByteBuffer(), at: Self.start)))
    }

    @Test("an event that wants an answer gets one, once; and only so many may wait")
    func owed() {
        var machine = Self.joined(["/", "/custom"])
        for id in 1...3 { #expect(Self.text(#"2\#(id)["a"]"#, &machine).count == 1) }
        #expect(Self.text(#"24["a"]"#, &machine) == [.close(.tooManyRequests, "too many unanswered events")])
        #expect(!machine.takeOwed("/custom", 1) && machine.takeOwed("/", 1) && !machine.takeOwed("/", 1))
        #expect(Self.text(#"25["a"]"#, &machine).count == 1)
        let later = Self.start + .seconds(11)
        #expect(Self.text(#"26["a"]"#, &machine, at: later).count == 1, "the forgotten ones make room")
        _ = machine.disconnected("/")
        #expect(machine.takeOwed("/", 6) == false)
    }

    @Test("answers of clients are matched by id and namespace")
    func awaited() throws {
        var machine = Self.joined(["/", "/custom"])
        let nowhere = machine.awaitAnswer(in: "/nowhere", at: Self.start)
        let (a, b) = (machine.awaitAnswer(in: "/", at: Self.start), machine.awaitAnswer(in: "/custom", at: Self.start + .seconds(4)))
        let (c, d) = (machine.awaitAnswer(in: "/", at: Self.start), machine.awaitAnswer(in: "/", at: Self.start))
        #expect(nowhere?.id == nil && c?.id == 3 && d?.id == nil)
        let (first, second) = (try #require(a), try #require(b))
        #expect(first.actions == [.start(.acknowledgement, after: .seconds(10))])
        #expect(second.actions == [])
        #expect(Self.text("3\(second.id)[1]", &machine) == [], "not the namespace that was asked")
        #expect(Self.text("3999[1]", &machine) == [])
        let answer = SocketAcknowledgement(arguments: [JSONText(trusted: ByteBuffer(string: "1"))])
        #expect(Self.text("3\(first.id)[1]", &machine) == [.settle(first.id, .success(answer))])
        #expect(Self.text("3\(first.id)[1]", &machine) == [])
        #expect(
            machine.timerFired(.acknowledgement, at: Self.start + .seconds(10))
                == [.settle(3, .failure(.timedOut)), .start(.acknowledgement, after: .seconds(4))])
        #expect(machine.disconnected("/custom").contains(.settle(second.id, .failure(.disconnected))))
        #expect(machine.timerFired(.acknowledgement, at: Self.start + .seconds(14)) == [])
    }

    @Test("the end tells everyone who waits")
    func end() {
        var machine = Self.joined(["/", "/custom"])
        _ = machine.awaitAnswer(in: "/", at: Self.start)
        #expect(
            machine.closed(.pingTimeout)
                == [
                    .cancel(.connect), .cancel(.acknowledgement), .settle(1, .failure(.disconnected)),
                    .reportLeft(namespace: "/", .closed(.pingTimeout)), .reportLeft(namespace: "/custom", .closed(.pingTimeout)),
                ])
        #expect(machine.joined == [] && machine.accepted("/", id: "s", pid: nil) == [])
    }
}
