/// Uploads that nobody will go on with: good manners, and nothing that a photo waits for.
extension TetherRun {
    private static let endingPause: Duration = .seconds(30)

    /// Ends one after the other; those that are left when the run is over are ended by the next.
    func endUploads() async {
        endings.ring()
        for await _ in endings.rings {
            while !Task.isCancelled, let url = try? await spool.nextEnding() {
                if await client.end(url), (try? await spool.ended(url)) != nil { continue }
                try? await Task.sleep(for: Self.endingPause)
            }
        }
    }
}
