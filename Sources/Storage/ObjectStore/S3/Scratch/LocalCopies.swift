import Core

/// Local copies of objects: one per key, however many ask for it at a time, removed with its last user.
actor LocalCopies {
    private struct Copy {
        let task: Task<ScratchFile, any Error>
        var users: Int
    }

    private let fetch: @Sendable (ObjectKey) async throws -> ScratchFile
    private var copies: [UInt64: Copy] = [:]
    /// The copy that those who come now share.
    private var current: [ObjectKey: UInt64] = [:]
    private var lastID: UInt64 = 0

    init(fetch: @escaping @Sendable (ObjectKey) async throws -> ScratchFile) { self.fetch = fetch }

    /// Gives the path of a copy for as long as the body runs.
    nonisolated func withCopy<Value: Sendable>(
        of key: ObjectKey, _ body: @Sendable (String) async throws -> Value
    ) async throws -> Value {
        let (id, task) = await join(key)
        do {
            let file = try await withTaskCancellationHandler {
                try await task.value
            } onCancel: {
                Task { await self.abandon(id, key) }
            }
            try Task.checkCancellation()
            let value = try await body(file.path)
            await leave(id, key)
            return value
        } catch {
            await leave(id, key)
            throw error
        }
    }

    private func join(_ key: ObjectKey) -> (UInt64, Task<ScratchFile, any Error>) {
        if let id = current[key], let copy = copies[id] {
            copies[id]?.users += 1
            return (id, copy.task)
        }
        lastID += 1
        let task = Task { [fetch] in try await fetch(key) }
        copies[lastID] = Copy(task: task, users: 1)
        current[key] = lastID
        return (lastID, task)
    }

    private func leave(_ id: UInt64, _ key: ObjectKey) {
        copies[id]?.users -= 1
        guard copies[id]?.users == 0 else { return }
        copies[id] = nil
        if current[key] == id { current[key] = nil }
    }

    /// One of its users does not want it any more; the last one ends the transfer.
    private func abandon(_ id: UInt64, _ key: ObjectKey) {
        guard let copy = copies[id], copy.users == 1 else { return }
        if current[key] == id { current[key] = nil }
        copy.task.cancel()
    }
}
