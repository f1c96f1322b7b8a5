import Core
import Testing

@Suite("The policy")
struct PolicyTests {
    static let now = Timestamp(milliseconds: 1_000_000)
    static let session = SessionID(at: now)
    static let other = SessionID(at: now)
    static let user = UserID(at: now)
    static let guest = Principal.guest(
        GrantToken(grantID: GrantID(at: now), sessionID: session, rights: .guest, expiresAt: now))

    static func person(_ role: Role) -> Principal { .user(user, role: role, device: DeviceID(at: now)) }
    static func key(_ scopes: Set<Scope>, _ role: Role = .photographer) -> Principal {
        .key(GrantID(at: now), owner: user, role: role, scopes: scopes)
    }

    struct Case: Sendable {
        var principal: Principal
        var action: Action
        var resource: Resource
        var decision: Policy.Decision
        init(_ principal: Principal, _ action: Action, _ resource: Resource, _ decision: Policy.Decision) {
            (self.principal, self.action, self.resource, self.decision) = (principal, action, resource, decision)
        }
    }

    static let cases = [
        Case(.anonymous, .signIn, .house, .allow),
        Case(.anonymous, .readProfile, .house, .authenticate),
        Case(.anonymous, .readSession, .session(session, held: []), .authenticate),
        Case(.anonymous, .beginUpload, .house, .authenticate),
        Case(person(.member), .createSession, .house, .forbid),
        Case(person(.photographer), .createSession, .house, .allow),
        Case(person(.photographer), .readMetrics, .house, .forbid),
        Case(person(.admin), .readMetrics, .house, .allow),
        Case(person(.photographer), .readSession, .session(session, held: .owner), .allow),
        Case(person(.photographer), .readSession, .session(session, held: []), .hide),
        Case(person(.photographer), .readPhoto, .house, .hide),
        Case(person(.photographer), .updateSession, .session(session, held: [.view]), .forbid),
        Case(person(.photographer), .manageLinks, .session(session, held: [.view, .desk]), .forbid),
        Case(key([.read]), .manageLinks, .session(session, held: .owner), .forbid),
        Case(guest, .manageLinks, .session(session, held: .guest), .forbid),
        // Keys may make links, but only those that may manage, where their owner may.
        Case(key([.manage]), .manageLinks, .session(session, held: .owner), .allow),
        Case(key([.upload, .read]), .manageLinks, .session(session, held: .owner), .forbid),
        Case(key([.manage]), .manageLinks, .session(session, held: [.view, .desk]), .forbid),
        Case(key([.manage]), .manageLinks, .session(session, held: []), .hide),
        Case(key([.manage]), .manageGuests, .session(session, held: .owner), .allow),
        Case(key([.read]), .manageGuests, .session(session, held: .owner), .forbid),
        Case(person(.photographer), .manageGuests, .session(session, held: [.view, .desk]), .forbid),
        Case(guest, .manageGuests, .session(session, held: .guest), .forbid),
        Case(guest, .manageGuests, .session(other, held: .guest), .hide),
        Case(person(.admin), .updateSession, .session(session, held: []), .allow),
        Case(guest, .readSession, .session(session, held: .guest), .allow),
        Case(guest, .readSession, .session(other, held: .guest), .hide),
        Case(guest, .followDesk, .session(session, held: .guest), .forbid),
        // Guests talk, and staff moderates.
        Case(guest, .readMessages, .session(session, held: .guest), .allow),
        Case(guest, .sendMessage, .session(session, held: .view), .allow),
        Case(guest, .sendMessage, .session(other, held: .guest), .hide),
        Case(guest, .moderateChat, .session(session, held: .guest), .forbid),
        Case(person(.photographer), .moderateChat, .session(session, held: [.view, .desk]), .allow),
        Case(person(.photographer), .sendMessage, .session(session, held: []), .hide),
        Case(key([.read, .upload]), .sendMessage, .session(session, held: .owner), .forbid),
        Case(key([.read]), .readMessages, .session(session, held: .owner), .allow),
        Case(guest, .readOriginal, .session(session, held: .guest), .forbid),
        Case(guest, .savePhoto, .session(session, held: .guest), .allow),
        Case(guest, .savePhoto, .session(session, held: .view), .forbid),
        Case(guest, .savePhoto, .session(session, held: .download), .hide),
        Case(guest, .savePhoto, .session(other, held: .guest), .hide),
        Case(guest, .readProfile, .house, .forbid),
        Case(guest, .manageDevices, .house, .forbid),
        Case(key([.upload]), .continueUpload, .session(session, held: .owner), .allow),
        Case(key([.upload]), .readSession, .session(session, held: .owner), .forbid),
        Case(key([.upload]), .readSession, .session(session, held: []), .hide),
        Case(key([.read]), .updateSession, .session(session, held: .owner), .forbid),
        Case(key([.read]), .manageDevices, .house, .forbid),
        Case(key([.manage]), .createSession, .house, .allow),
        Case(key([.manage], .member), .createSession, .house, .forbid),
        Case(.anonymous, .manageWebhooks, .house, .authenticate),
        Case(guest, .listWebhooks, .house, .forbid),
        Case(key([.read]), .listWebhooks, .house, .forbid),
        Case(key([.manage]), .manageWebhooks, .house, .allow),
        Case(key([.manage]), .configureWebhook, .house, .forbid),
        Case(person(.member), .configureWebhook, .house, .allow),
        Case(.anonymous, .configureWebhook, .house, .authenticate),
        Case(.anonymous, .listJobs, .house, .authenticate),
        Case(guest, .listJobs, .house, .forbid),
        Case(key([.upload]), .listJobs, .house, .forbid),
        Case(key([.read]), .listJobs, .house, .allow),
        Case(person(.member), .listJobs, .house, .allow),
        Case(guest, .retryJob, .session(session, held: .guest), .forbid),
        Case(person(.photographer), .retryJob, .session(session, held: .owner), .allow),
        Case(person(.photographer), .cancelJob, .session(session, held: []), .hide),
        Case(person(.photographer), .cancelJob, .session(session, held: [.view, .desk]), .forbid),
        Case(person(.admin), .cancelJob, .session(session, held: []), .allow),
        Case(person(.admin), .cancelJob, .house, .hide),
        Case(key([.read]), .retryJob, .session(session, held: .owner), .forbid),
    ]

    @Test("decides as the table says", arguments: cases)
    func decision(example: Case) {
        #expect(Policy.allows(example.principal, example.action, example.resource) == example.decision)
    }

    @Test("a stranger is let into nothing that needs anything", arguments: Action.allCases)
    func strangers(action: Action) {
        let decision = Policy.allows(.anonymous, action, .session(Self.session, held: .owner))
        #expect(decision == (action.requirement == .none ? .allow : .authenticate))
    }
}
