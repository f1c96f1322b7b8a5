import Core
import Testing

@testable import Sessions

@Suite("Lists of chosen photos")
struct SelectionTests {
    @Test("guests choose together on a list for all, within its limits, until it is handed in", arguments: TestDriver.installed)
    func shared(driver: TestDriver) async throws {
        try await Gallery.with(driver) { gallery in
            let (lists, staff) = (gallery.house.selections, try gallery.staff)
            let (ann, bo) = (try await gallery.chooser("Ann"), try await gallery.chooser("Bo"))
            let list = try await lists.create(SelectionInput(name: " Album ", minimum: 2, maximum: 2), in: gallery.session, by: staff)
            #expect(list.kind == .shared && list.name == "Album" && list.holder.name == "ada" && list.state == .open)
            let note = ChoiceInput(note: "Crop it", colour: .red, rating: 5)
            let choice = try await lists.choose(gallery.photos[0], note, on: list.id, by: ann)
            #expect(choice.note == "Crop it" && choice.colour == .red && choice.rating == 5 && choice.by?.name == "Ann")
            #expect(await gallery.code { try await lists.submit(list.id, by: ann) } == "selection_short")
            gallery.house.clock.advance(by: .seconds(1))
            _ = try await lists.choose(gallery.photos[1], ChoiceInput(), on: list.id, by: bo)
            #expect(await gallery.code { try await lists.choose(gallery.photos[2], ChoiceInput(), on: list.id, by: bo) } == "selection_full")
            // What is on it can have other words.
            _ = try await lists.choose(gallery.photos[0], ChoiceInput(note: "Or not"), on: list.id, by: bo)
            let page = try await lists.choices(on: list.id, after: nil, limit: 1, for: ann, try await gallery.guest())
            let rest = try await lists.choices(
                on: list.id, after: try page.nextCursor.map(Cursor.init), limit: 1, for: ann, try await gallery.guest())
            #expect((page.items + rest.items).map(\.photoId) == Array(gallery.photos.prefix(2)) && rest.nextCursor == nil)
            #expect(page.items[0].note == "Or not" && page.items[0].by?.name == "Bo" && page.items[0].photo?.id == gallery.photos[0])
            #expect(page.items[0].isHidden == nil && page.items[0].photo?.filename == nil)
            let submitted = try await lists.submit(list.id, by: bo)
            #expect(submitted.state == .submitted && submitted.submittedBy == "Bo" && submitted.count == 2)
            for chooser in [ann, staff] {
                #expect(await gallery.code { try await lists.letGo(of: gallery.photos[0], from: list.id, by: chooser) } == "selection_submitted")
                #expect(await gallery.code { try await lists.choose(gallery.photos[2], ChoiceInput(), on: list.id, by: chooser) } == "selection_submitted")
            }
            #expect(try await lists.reopen(list.id, by: staff).state == .open)
            try await lists.letGo(of: gallery.photos[0], from: list.id, by: ann)
            #expect(try await lists.view(list.id, for: ann).count == 1)
        }
    }

    @Test("what is done again changes nothing and is told to nobody")
    func again() async throws {
        try await Gallery.with { gallery in
            let (lists, staff, ann) = (gallery.house.selections, try gallery.staff, try await gallery.chooser())
            let list = try await lists.create(SelectionInput(name: "Album"), in: gallery.session, by: staff)
            for _ in 0..<2 { _ = try await lists.choose(gallery.photos[0], ChoiceInput(note: "A"), on: list.id, by: ann) }
            for _ in 0..<2 { try await lists.letGo(of: gallery.photos[0], from: list.id, by: ann) }
            try await lists.letGo(of: nil, from: list.id, by: ann)
            for _ in 0..<2 { _ = try await lists.submit(list.id, by: ann) }
            for _ in 0..<2 { _ = try await lists.reopen(list.id, by: staff) }
            _ = try await lists.update(list.id, SelectionChange(name: "Album"), by: staff)
            let updates = try await gallery.news(.desk(gallery.session), "selection_updated")
            #expect(updates.map { $0["count"] } == [0, 1, 0, 0, 0].map { JSONValue.integer($0) })
            #expect(updates.map { $0["state"] } == ["open", "open", "open", "submitted", "open"].map { JSONValue.string($0) })
            #expect(try await gallery.news(.desk(gallery.session), "selection_photo_changed").map { $0["isChosen"] } == [.bool(true), .bool(false)])
        }
    }

    @Test("a personal list is its holder's and the staff's alone", arguments: TestDriver.installed)
    func personal(driver: TestDriver) async throws {
        try await Gallery.with(driver) { gallery in
            let (lists, staff) = (gallery.house.selections, try gallery.staff)
            let (ann, bo) = (try await gallery.chooser("Ann"), try await gallery.chooser("Bo"))
            let own = try await lists.create(SelectionInput(name: "Mine"), in: gallery.session, by: ann)
            #expect(own.kind == .personal)
            gallery.house.clock.advance(by: .seconds(1))
            let all = try await lists.create(SelectionInput(name: "All"), in: gallery.session, by: staff)
            _ = try await lists.choose(gallery.photos[0], ChoiceInput(note: "Shh"), on: own.id, by: ann)
            for work in [
                { _ = try await lists.view(own.id, for: bo) }, { _ = try await lists.submit(own.id, by: bo) },
                { _ = try await lists.choose(gallery.photos[0], ChoiceInput(), on: own.id, by: bo) },
                { try await lists.remove(own.id, by: bo) },
            ] as [() async throws -> Void] { #expect(await gallery.code(work) == "not_found") }
            func seen(by chooser: Chooser) async throws -> [SelectionID] {
                try await lists.list(of: gallery.session, after: nil, limit: 5, for: chooser).items.map(\.id)
            }
            #expect(try await seen(by: ann) == [all.id, own.id])
            #expect(try await seen(by: bo) == [all.id])
            #expect(try await seen(by: staff) == [all.id, own.id])
            #expect(try await gallery.house.events(.session(gallery.session)).filter { $0.hasPrefix("selection_") } == ["selection_updated"])
            let desk = try await gallery.news(.desk(gallery.session), "selection_photo_changed")
            #expect(desk.count == 1 && desk[0]["note"] == .string("Shh") && desk[0]["by"]?["name"] == .string("Ann"))
            try await lists.remove(own.id, by: ann)
            #expect(try await seen(by: staff) == [all.id])
            #expect(try await gallery.news(.desk(gallery.session), "selection_deleted").count == 1)
        }
    }

    @Test("a member hears of their personal lists until they are removed from the session", arguments: TestDriver.installed)
    func leaving(driver: TestDriver) async throws {
        try await Gallery.with(driver) { gallery in
            let (lists, sessions) = (gallery.house.selections, gallery.house.sessions)
            let bob = try await gallery.house.photographer("bob")
            let id = try #require(bob.userID)
            _ = try await sessions.addMember(NewMember(email: nil, userId: id, role: .editor), to: gallery.session, by: gallery.owner)
            let list = try await lists.create(
                SelectionInput(kind: .personal, name: "Mine"), in: gallery.session, by: try Chooser(bob, rights: MemberRole.editor.rights))
            _ = try await lists.update(list.id, SelectionChange(name: "His"), by: try gallery.staff)
            func heard() async throws -> [JSONValue?] { try await gallery.news(.user(id), "selection_updated").map { $0["name"] } }
            #expect(try await heard() == [.string("Mine"), .string("His")])
            try await sessions.removeMember(id, of: gallery.session, by: gallery.owner, holding: .owner)
            _ = try await lists.update(list.id, SelectionChange(name: "Ours"), by: try gallery.staff)
            try await lists.remove(list.id, by: try gallery.staff)
            #expect(try await heard().count == 2)
            #expect(try await gallery.news(.user(id), "selection_deleted").isEmpty)
            #expect(try await gallery.news(.desk(gallery.session), "selection_updated").count == 3)
        }
    }

    @Test("guests hear of what is on a list for all, without the notes and without what they are not shown")
    func live() async throws {
        try await Gallery.with(hidden: 1) { gallery in
            let (lists, staff, ann) = (gallery.house.selections, try gallery.staff, try await gallery.chooser())
            let list = try await lists.create(SelectionInput(name: "Album"), in: gallery.session, by: staff)
            _ = try await lists.choose(gallery.photos[0], ChoiceInput(note: "Shh", rating: 3), on: list.id, by: ann)
            _ = try await lists.choose(gallery.photos[3], ChoiceInput(), on: list.id, by: staff)
            let heard = try await gallery.news(.session(gallery.session), "selection_photo_changed")
            #expect(heard.count == 1 && heard[0]["rating"] == .integer(3))
            #expect(heard[0]["note"] == nil && heard[0]["by"] == nil)
            let updates = try await gallery.news(.session(gallery.session), "selection_updated")
            #expect(updates.last?["count"] == .integer(1) && updates.allSatisfy { $0["hiddenCount"] == nil })
            #expect(try await gallery.news(.desk(gallery.session), "selection_updated").last?["hiddenCount"] == .integer(1))
            for name in ["selection_updated", "selection_photo_changed"] {
                let type = try #require(SessionEvents.all.first { $0.name == name })
                for data in try await gallery.news(.desk(gallery.session), name) { try type.payload.validate(data) }
            }
        }
    }

    @Test("what people are called is told to staff and those who choose, and to nobody who only looks on")
    func names() async throws {
        try await Gallery.with { gallery in
            let (lists, staff, ann) = (gallery.house.selections, try gallery.staff, try await gallery.chooser("Ann"))
            let list = try await lists.create(SelectionInput(name: "Album"), in: gallery.session, by: staff)
            _ = try await lists.submit(list.id, by: ann)
            let onlooker = try Chooser(try await gallery.guest("Bo"), rights: .view)
            var seen = [try await lists.view(list.id, for: onlooker)]
            seen += try await lists.list(of: gallery.session, after: nil, limit: 5, for: onlooker).items
            #expect(seen.allSatisfy { $0.holder.name == nil && $0.submittedBy == nil && $0.submittedAt != nil })
            for chooser in [ann, staff] {
                let view = try await lists.view(list.id, for: chooser)
                #expect(view.holder.name == "ada" && view.submittedBy == "Ann")
            }
            let heard = try await gallery.news(.session(gallery.session), "selection_updated")
            #expect(heard.count == 2 && heard.allSatisfy { $0["holder"]?["name"] == nil && $0["submittedBy"] == nil })
            let desk = try await gallery.news(.desk(gallery.session), "selection_updated")
            #expect(desk.last?["submittedBy"] == .string("Ann"))
        }
    }

    @Test("guests choose what they are shown; what they are shown no more leaves their sight and makes room", arguments: TestDriver.installed)
    func hidden(driver: TestDriver) async throws {
        try await Gallery.with(driver, hidden: 1) { gallery in
            let (lists, staff, ann) = (gallery.house.selections, try gallery.staff, try await gallery.chooser())
            let list = try await lists.create(SelectionInput(name: "Album", maximum: 1), in: gallery.session, by: staff)
            #expect(await gallery.code { try await lists.choose(gallery.photos[3], ChoiceInput(), on: list.id, by: ann) } == "not_found")
            let own = try await lists.create(SelectionInput(name: "Mine"), in: gallery.session, by: ann)
            #expect(await gallery.code { try await lists.choose(gallery.photos[3], ChoiceInput(), on: own.id, by: staff) } == "not_found")
            _ = try await lists.choose(gallery.photos[0], ChoiceInput(), on: list.id, by: ann)
            try await gallery.hide(gallery.photos[0])
            #expect(try await lists.view(list.id, for: ann).count == 0)
            #expect(try await lists.choices(on: list.id, after: nil, limit: 5, for: ann, try await gallery.guest()).items.isEmpty)
            let marked = try await lists.choices(on: list.id, after: nil, limit: 5, for: staff, gallery.owner).items
            #expect(marked.map(\.isHidden) == [true] && marked[0].photo?.filename == "IMG_1.JPG")
            #expect(try await lists.view(list.id, for: staff).hiddenCount == 1)
            _ = try await lists.choose(gallery.photos[1], ChoiceInput(), on: list.id, by: ann)
            // The photo itself goes, and with it what was said of it.
            try await gallery.house.database.write { [photo = gallery.photos[0]] tx in try PhotoStore().remove([photo], tx) }
            #expect(try await lists.view(list.id, for: staff).hiddenCount == 0)
        }
    }

    @Test("when the time is over, staff alone changes a list")
    func deadline() async throws {
        try await Gallery.with { gallery in
            let (lists, staff, ann) = (gallery.house.selections, try gallery.staff, try await gallery.chooser())
            let end = gallery.house.clock.now() + .seconds(60)
            let list = try await lists.create(SelectionInput(name: "Album", closesAt: end), in: gallery.session, by: staff)
            _ = try await lists.choose(gallery.photos[0], ChoiceInput(), on: list.id, by: ann)
            gallery.house.clock.advance(by: .seconds(60))
            #expect(await gallery.code { try await lists.letGo(of: gallery.photos[0], from: list.id, by: ann) } == "selection_closed")
            #expect(await gallery.code { try await lists.submit(list.id, by: ann) } == "selection_closed")
            _ = try await lists.choose(gallery.photos[1], ChoiceInput(), on: list.id, by: staff)
            _ = try await lists.update(list.id, SelectionChange(closesAt: .some(nil)), by: staff)
            try await lists.letGo(of: gallery.photos[0], from: list.id, by: ann)
        }
    }

    @Test("limits, lists for all and what was handed in are not the guests' to change")
    func powers() async throws {
        try await Gallery.with { gallery in
            let (lists, staff, ann) = (gallery.house.selections, try gallery.staff, try await gallery.chooser())
            let list = try await lists.create(SelectionInput(name: "Album"), in: gallery.session, by: staff)
            let own = try await lists.create(SelectionInput(name: "Mine"), in: gallery.session, by: ann)
            for work in [
                { _ = try await lists.create(SelectionInput(kind: .shared, name: "X"), in: gallery.session, by: ann) },
                { _ = try await lists.create(SelectionInput(name: "X", maximum: 3), in: gallery.session, by: ann) },
                { _ = try await lists.update(list.id, SelectionChange(name: "X"), by: ann) },
                { _ = try await lists.update(own.id, SelectionChange(maximum: 3), by: ann) },
                { try await lists.remove(list.id, by: ann) },
            ] as [() async throws -> Void] { #expect(await gallery.code(work) == "forbidden") }
            #expect(try await lists.update(own.id, SelectionChange(name: "Ours", description: "Both"), by: ann).description == "Both")
            _ = try await lists.submit(own.id, by: ann)
            #expect(await gallery.code { try await lists.remove(own.id, by: ann) } == "selection_submitted")
            #expect(await gallery.code { try await lists.update(own.id, SelectionChange(name: "X"), by: ann) } == "selection_submitted")
            #expect(await gallery.code { try await lists.update(list.id, SelectionChange(minimum: 3, maximum: 2), by: staff) } == "invalid_field")
            try await lists.remove(own.id, by: staff)
        }
    }

    @Test("there are so many lists of a session and of a person, and staff finds room when guests do not")
    func bounds() async throws {
        try await Gallery.with { gallery in
            var lists = gallery.house.selections
            lists.limits = .init(lists: 4, personal: 3, own: 2)
            let staff = try gallery.staff
            let (ann, bo) = (try await gallery.chooser("Ann"), try await gallery.chooser("Bo"))
            func make(_ chooser: Chooser) async -> String? {
                await gallery.code { [lists] in try await lists.create(SelectionInput(name: "X"), in: gallery.session, by: chooser) }
            }
            for chooser in [ann, ann, bo] { #expect(await make(chooser) == nil) }
            for chooser in [ann, bo] { #expect(await make(chooser) == "too_many_selections") }
            #expect(await make(staff) == nil)
            #expect(await make(staff) == "too_many_selections")
        }
    }

    @Test("lists of guests who are not in any more count for nothing among guests, and make room when there is none", arguments: TestDriver.installed)
    func room(driver: TestDriver) async throws {
        try await Gallery.with(driver) { gallery in
            var lists = gallery.house.selections
            lists.limits = .init(lists: 4, personal: 3, own: 3)
            let (service, staff) = (lists, try gallery.staff)
            let (ann, bo) = (try await gallery.chooser("Ann"), try await gallery.chooser("Bo"))
            func make(_ name: String, _ chooser: Chooser) async throws -> SelectionView {
                gallery.house.clock.advance(by: .seconds(1))
                return try await service.create(SelectionInput(name: name), in: gallery.session, by: chooser)
            }
            func names() async throws -> [String] {
                try await service.list(of: gallery.session, after: nil, limit: 9, for: staff).items.map(\.name)
            }
            _ = try await make("1", ann)
            _ = try await make("2", ann)
            let submitted = try await make("3", ann)
            _ = try await service.submit(submitted.id, by: ann)
            #expect(await gallery.code { try await make("4", bo) } == "too_many_selections")
            try await gallery.house.sessions.showOut(ann.person.grantID, of: gallery.session)
            _ = try await make("4", bo)
            #expect(try await names() == ["4", "3", "2", "1"])
            _ = try await make("5", staff)
            #expect(try await names() == ["5", "4", "3", "1"])
            #expect(try await gallery.news(.desk(gallery.session), "selection_deleted").count == 1)
            _ = try await make("6", bo)
            // What was handed in stays.
            #expect(try await names() == ["6", "5", "4", "3"])
            #expect(await gallery.code { try await make("7", bo) } == "too_many_selections")
            #expect(await gallery.code { try await make("7", staff) } == "too_many_selections")
        }
    }

    @Test("guests who choose at the same time do not go beyond what a list has room for", arguments: TestDriver.installed)
    func together(driver: TestDriver) async throws {
        try await Gallery.with(driver, photos: 6) { gallery in
            let lists = gallery.house.selections
            let list = try await lists.create(SelectionInput(name: "Album", maximum: 3), in: gallery.session, by: try gallery.staff)
            let guests = [try await gallery.chooser("Ann"), try await gallery.chooser("Bo")]
            let codes = await withTaskGroup(of: String?.self) { group in
                for (index, photo) in gallery.photos.enumerated() {
                    group.addTask {
                        await gallery.code { try await lists.choose(photo, ChoiceInput(), on: list.id, by: guests[index % 2]) }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(codes.filter { $0 == nil }.count == 3 && codes.filter { $0 == "selection_full" }.count == 3)
            #expect(try await lists.view(list.id, for: guests[0]).count == 3)
        }
    }

    @Test("a guest who comes in again as who they were takes their lists and marks along, and nobody else does", arguments: TestDriver.installed)
    func again(driver: TestDriver) async throws {
        try await Gallery.with(driver) { gallery in
            let (lists, marks) = (gallery.house.selections, gallery.house.marks())
            let old = try await gallery.guest()
            let chooser = try Chooser(old, rights: [.view, .select])
            let list = try await lists.create(SelectionInput(name: "Mine"), in: gallery.session, by: chooser)
            _ = try await marks.set(.favourite, isOn: true, of: gallery.photos[0], by: chooser)
            let stranger = try Chooser(try await gallery.guest(), rights: [.view, .select])
            #expect(await gallery.code { try await lists.view(list.id, for: stranger) } == "not_found")
            let byLink = try await gallery.guest(as: old)
            #expect(try await lists.view(list.id, for: try Chooser(byLink, rights: [.view, .select])).name == "Mine")
            let token = try await gallery.house.sessions.enter(gallery.session, code: "one-1", name: nil, address: "a", as: byLink).1
            let byCode = try Chooser(.guest(token), rights: [.view, .select])
            #expect(try await lists.view(list.id, for: byCode).name == "Mine")
            #expect(await gallery.code { try await lists.view(list.id, for: chooser) } == "not_found")
            #expect(try await marks.set(.like, isOn: true, of: gallery.photos[0], by: byCode).isFavourite)
        }
    }

    @Test("nothing is left of a session's lists once it is purged")
    func purge() async throws {
        try await Gallery.with { gallery in
            let lists = gallery.house.selections
            let list = try await lists.create(SelectionInput(name: "Album"), in: gallery.session, by: try gallery.staff)
            _ = try await lists.choose(gallery.photos[0], ChoiceInput(), on: list.id, by: try await gallery.chooser())
            try await gallery.house.sessions.delete(gallery.session)
            let staff = try gallery.staff
            #expect(await gallery.code { try await lists.view(list.id, for: staff) } == "not_found")
            gallery.house.clock.advance(by: .seconds(8 * 86_400))
            try await gallery.house.purger.purge()
            let left = try await gallery.house.database.read { tx in
                try tx.query("SELECT id FROM selections UNION ALL SELECT photo_id FROM selection_photos").count
            }
            #expect(left == 0)
        }
    }
}
