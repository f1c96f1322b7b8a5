import Core
import NIOPosix

/// What the folder tells.
extension TetherRun {
    func follow(_ watcher: FolderWatcher) async {
        for await news in watcher.inlet.news {
            await take(news)
            watcher.inlet.taken()
        }
    }

    private func take(_ news: WatchNews) async {
        switch news {
        case .ready(let files): await notice(files)
        case .quiet: isFolderQuiet = true
        case .missing: display.tell(.folderMissing)
        case .back: display.tell(.folderBack)
        case .note(let text): display.tell(.note(text))
        }
        bell.ring()
    }

    /// Puts files into the spool.
    func notice(_ files: [ReadyFile]) async {
        await insistently {
            if try await self.spool.notice(files, at: self.clock.now()) > 0 { await self.noticed() }
        }
    }

    private func noticed() {
        areTotalsOld = true
        bell.ring()
    }

    // MARK: Hooks

    func followInbox(_ watcher: FolderWatcher) async {
        for await news in watcher.inlet.news {
            switch news {
            case .ready(let notes): await takeNotes(notes.map(\.path))
            case .quiet: isInboxQuiet = true
            case .missing, .back, .note: break
            }
            watcher.inlet.taken()
            bell.ring()
        }
    }

    private func takeNotes(_ paths: [String]) async {
        idleSince = nil
        let files = (try? await threads.runIfActive { [reach, inbox] in
            paths.compactMap { HookNote.read($0, in: FolderReach(folder: inbox), about: reach) }
        }) ?? []
        guard !Task.isCancelled else { return }
        await notice(files.filter { settings.filter.takes(file: FileName.last($0.path)) })
        // A note goes once its file is in the spool.
        if !Task.isCancelled { try? await threads.runIfActive { paths.forEach(HookNote.remove) } }
    }
}
