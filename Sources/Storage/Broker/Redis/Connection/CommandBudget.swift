/// How much may be under way on a connection.
struct CommandBudget: Sendable {
    let commands: Int
    let bytes: Int
    private(set) var commandsInUse = 0
    private(set) var bytesInUse = 0

    init(commands: Int, bytes: Int) {
        self.commands = commands
        self.bytes = bytes
    }

    /// Takes room for a command. What can be done without leaves the last quarter to what cannot.
    mutating func take(_ size: Int, isUrgent: Bool) -> Bool {
        let share = isUrgent ? 4 : 3
        guard commandsInUse < commands * share / 4, bytesInUse + size <= bytes * share / 4 else { return false }
        commandsInUse += 1
        bytesInUse += size
        return true
    }

    mutating func giveBack(_ size: Int) {
        commandsInUse -= 1
        bytesInUse -= size
    }
}
