/// Somebody who follows a topic, by however many connections.
public struct PresenceMember: Sendable, Hashable {
    /// What is kept of a label, in Unicode scalars.
    public static let maxLabel = 80

    /// Without spaces.
    public let id: String
    /// What others are shown; `nil`: whoever it is is only counted.
    public let label: String?

    /// - Parameter label: is cut where it is too long; a blank one is none.
    public init(id: String, label: String? = nil) {
        self.id = id
        let kept = label.map { String(String.UnicodeScalarView($0.unicodeScalars.prefix(Self.maxLabel))) } ?? ""
        self.label = kept.allSatisfy(\.isWhitespace) ? nil : kept
    }
}

/// Who follows a topic.
public struct Attendance: Sendable, Equatable {
    /// How many they are.
    public var count: Int
    /// Those with a label, in no order.
    public var members: [PresenceMember]
    /// Whether there are more of these than `members` has.
    public var isSample: Bool

    /// See the properties of the same names.
    public init(count: Int, members: [PresenceMember], isSample: Bool) {
        self.count = count
        self.members = members
        self.isSample = isSample
    }
}

/// Who follows a topic, over all nodes. Implemented by the Broker.
public protocol PresenceRegistry: Sendable {
    /// Counts one more connection of a member on this node. Never waits.
    func enter(_ topic: Topic, _ member: PresenceMember)

    /// Counts one connection less; a node that dies leaves everything after some seconds.
    func leave(_ topic: Topic, _ member: PresenceMember)

    /// Who is in the topic; this node's alone while the others cannot be asked. One question however many there are, and never a list
    /// of thousands: of so many, who is on several nodes at once is counted on each.
    /// - Parameter limit: of the members with a label at most so many; of more than that, some.
    func attendance(of topic: Topic, limit: Int) async -> Attendance
}

/// Says what those who follow something are called. Implemented by Accounts.
public protocol PrincipalNames: Sendable {
    /// - Returns: an account's name, or what a guest gave on entering; `nil` for strangers and scripts.
    /// - Throws: `DatabaseError`.
    func name(of principal: Principal) async throws -> String?
}
