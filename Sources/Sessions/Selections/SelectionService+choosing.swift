import Core

/// Putting photos on lists, and handing lists in.
extension SelectionService {
    /// Puts a photo on a list, or other words onto one that is there.
    /// - Throws: `Problem` 404 also for a photo that those who choose are not shown, 409 `selection_full`, `selection_submitted` or
    ///   `selection_closed`, 422, 429.
    func choose(_ photo: PhotoID, _ input: ChoiceInput, on id: SelectionID, by chooser: Chooser) async throws -> ChoiceView {
        try await attempts.attempt("mark:\(chooser.person.text)")
        let note = try PlainText.checked(input.note ?? "", length: ChoiceInput.noteLength, at: "/note", called: "A note")
        return try await write(id, by: chooser) { selection, now, tx in
            let isShown = try isShown(photo, on: selection, to: chooser, tx)
            let old = try choices.find(photo, on: id, tx)
            let new = Choice(
                photoID: photo, note: note, colour: input.colour, rating: input.rating ?? 0, person: chooser.person,
                personName: try names.name(of: chooser.person, in: selection.sessionID, at: now, transaction: tx),
                chosenAt: old?.chosenAt ?? now)
            if let old, old.saysTheSame(as: new) { return view(old, on: selection, isShown: isShown, for: chooser) }
            try selection.requireOpen(to: chooser, at: now)
            if old == nil { try selection.requireRoom(beside: try counts(of: id, tx)) }
            try choices.put(new, on: id, tx)
            try tell(new, isChosen: true, isShown: isShown, on: selection, at: now, tx)
            return view(new, on: selection, isShown: isShown, for: chooser)
        }
    }

    /// Takes a photo from a list; what is not on it is so already.
    /// - Throws: `Problem` 404, 409 `selection_submitted` or `selection_closed`, 429.
    func letGo(of photo: PhotoID?, from id: SelectionID, by chooser: Chooser) async throws {
        try await attempts.attempt("mark:\(chooser.person.text)")
        try await write(id, by: chooser) { selection, now, tx in
            guard let photo, var choice = try choices.find(photo, on: id, tx) else { return }
            let isShown = try PhotoStore().find(photo, tx)?.shownAt != nil
            // Nobody learns what is on a list that they are not shown.
            guard isShown || selection.takesHidden(from: chooser) || chooser.isStaff else { return }
            try selection.requireOpen(to: chooser, at: now)
            try choices.remove(photo, from: id, tx)
            choice.person = chooser.person
            choice.personName = try names.name(of: chooser.person, in: selection.sessionID, at: now, transaction: tx)
            try tell(choice, isChosen: false, isShown: isShown, on: selection, at: now, tx)
        }
    }

    /// A page of what is on a list, in the order of choosing; guests are not told of photos that they are not shown (any more).
    /// - Throws: `Problem` 404.
    func choices(
        on id: SelectionID, after cursor: Cursor?, limit: Int, for chooser: Chooser, _ principal: Principal
    ) async throws -> Page<ChoiceView> {
        let found = try await database.read { tx in
            let selection = try seen(try selections.find(id, tx), by: chooser, tx)
            let listed = try choices.list(id, onlyShown: !chooser.isStaff, after: cursor, limit: limit + 1, tx)
            let views = try photos.views(
                listed.map(\.choice.photoID), in: selection.sessionID, for: principal, rights: chooser.rights, tx)
            return listed.map { entry in
                ChoiceView(
                    entry.choice, tellsNotes: selection.tellsNotes(chooser), isHidden: chooser.isStaff ? !entry.isShown : nil,
                    photo: views[entry.choice.photoID])
            }
        }
        return Page(found, limit: limit) { Cursor(key: $0.chosenAt.milliseconds, id: $0.photoId.description) }
    }

    /// Hands a list in: it takes no changes from here on. One that was handed in before is so already.
    /// - Throws: `Problem` 404, 409 `selection_short` or `selection_closed`.
    func submit(_ id: SelectionID, by chooser: Chooser) async throws -> SelectionView {
        try await write(id, by: chooser) { selection, now, tx in
            if selection.state == .submitted { return try view(selection, for: chooser, tx) }
            try selection.requireOpen(to: chooser, at: now)
            guard try counts(of: id, tx).shown >= selection.minimum else { throw Selection.short(of: selection.minimum) }
            var submitted = selection
            submitted.submittedAt = now
            submitted.submittedBy = try names.name(of: chooser.person, in: selection.sessionID, at: now, transaction: tx)
            try store(&submitted, at: now, tx)
            return try view(submitted, for: chooser, tx)
        }
    }

    /// Opens a list again; one that is open is so already.
    /// - Throws: `Problem` 404.
    func reopen(_ id: SelectionID, by chooser: Chooser) async throws -> SelectionView {
        try await write(id, by: chooser) { selection, now, tx in
            if selection.state == .open { return try view(selection, for: chooser, tx) }
            var open = selection
            (open.submittedAt, open.submittedBy) = (nil, nil)
            try store(&open, at: now, tx)
            return try view(open, for: chooser, tx)
        }
    }

    /// Whether guests are shown a photo.
    /// - Throws: `Problem` 404 when it is of no such session, or whoever chooses may not see it.
    private func isShown(
        _ photo: PhotoID, on selection: Selection, to chooser: Chooser, _ tx: any Transaction
    ) throws -> Bool {
        guard let found = try PhotoStore().find(photo, tx), found.sessionID == selection.sessionID,
            found.shownAt != nil || selection.takesHidden(from: chooser)
        else { throw Problem.notFound("photo") }
        return found.shownAt != nil
    }

    private func view(_ choice: Choice, on selection: Selection, isShown: Bool, for chooser: Chooser) -> ChoiceView {
        ChoiceView(choice, tellsNotes: selection.tellsNotes(chooser), isHidden: chooser.isStaff ? !isShown : nil)
    }

    private func tell(
        _ choice: Choice, isChosen: Bool, isShown: Bool, on selection: Selection, at now: Timestamp, _ tx: any Transaction
    ) throws {
        try news.changed(choice, isChosen: isChosen, isShown: isShown, on: selection, tx)
        var selection = selection
        try store(&selection, at: now, tx)
    }
}
