import Core
import Database
import Testing

@testable import Processing

@Suite struct RenditionStoreTests {
    private func rendition(
        _ original: OriginalID, _ name: RenditionName, recipe: String = "aaaaaaaaaaaa", width: Int, key: ObjectKey? = nil
    ) -> Rendition {
        Rendition(
            originalID: original, name: name, format: .jpeg, recipe: recipe, width: width, height: width, size: 10,
            sha256: "ab", objectKey: key ?? .rendition(original, name, recipe: recipe, format: .jpeg))
    }

    @Test func `renditions are found by original, small to large, and replaced under the same name`() async throws {
        let house = try await TestHouse()
        let (first, second) = (house.job().originalID, house.job().originalID)
        let large = rendition(first, .large, width: 2560)
        let thumb = rendition(first, .thumb, width: 320)
        var changed = large
        changed.sha256 = "cd"
        let (session, renditions) = (house.session, house.renditions)
        let found = try await house.database.write { [changed] transaction in
            for one in [large, thumb, changed] { try renditions.put(one, of: session, in: transaction) }
            return try renditions.renditions(of: [first, second], transaction: transaction)
        }
        #expect(found == [first: [thumb, changed]])
    }

    @Test func `a session's renditions are forgotten once their objects are gone`() async throws {
        let house = try await TestHouse()
        let original = house.job().originalID
        let thumb = rendition(original, .thumb, width: 320)
        let stream = rendition(original, .stream, width: 320, key: .original(original))
        let (session, renditions) = (house.session, house.renditions)
        let keys = try await house.database.write { transaction in
            for one in [thumb, stream] { try renditions.put(one, of: session, in: transaction) }
            let keys = try renditions.objects(of: session, limit: 10, transaction: transaction)
            try renditions.forget(keys, of: SessionID(at: Timestamp(milliseconds: 0)), in: transaction)
            #expect(try renditions.objects(of: session, limit: 1, transaction: transaction).count == 1)
            try renditions.forget(keys, of: session, in: transaction)
            return keys
        }
        #expect(Set(keys) == [thumb.objectKey, stream.objectKey])
        let left = try await house.database.read { try renditions.renditions(of: [original], transaction: $0) }
        #expect(left.isEmpty)
    }

    @Test func `an object in whose place another is recorded can go, but no original`() async throws {
        let house = try await TestHouse()
        let original = house.job().originalID
        let late = try #require(ObjectKey("renditions/\(original)/late.jpg"))
        let (before, after) = (rendition(original, .thumb, width: 320), rendition(original, .thumb, width: 320, key: late))
        let stream = rendition(original, .stream, width: 320, key: .original(original))
        let copy = rendition(original, .stream, width: 320)
        let (session, renditions) = (house.session, house.renditions)
        let replaced = try await house.database.write { transaction in
            try [before, before, after, stream, copy].map { try renditions.put($0, of: session, in: transaction) }
        }
        #expect(replaced == [nil, nil, before.objectKey, nil, nil])
    }

    @Test func `what older recipes made can go`() async throws {
        let house = try await TestHouse()
        let original = house.job().originalID
        let old = rendition(original, .thumb, width: 320)
        let new = rendition(original, .thumb, recipe: Recipe.standard.hash, width: 320)
        let (session, renditions) = (house.session, house.renditions)
        let keys = try await house.database.write { transaction in
            for one in [old, new] { try renditions.put(one, of: session, in: transaction) }
            return try renditions.removeOthers(of: original, keeping: .standard, in: transaction)
        }
        #expect(keys == [old.objectKey])
    }
}
