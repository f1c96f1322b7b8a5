import Accounts
import Broker
import Community
import Core
import Delivery
import Ingest
import Logging
import NIOPosix
import Processing
import Sessions
import WatchParty
import WebServer
import Webhooks

/// The features, with the ports of one joined to the other.
struct HouseFeatures: Sendable {
    let accounts: AccountsFeature
    let sessions: SessionService
    let photos: PhotoService
    let desk: PhotoDesk
    let links: ShareLinkService
    let selections: SelectionService
    let marks: MarkService
    let reports: ReportService
    let tallies: MediaTallies
    let activity: ActivityWriter
    let statistics: StatisticsService
    let intake: PhotoIntake
    let ingest: Ingest
    let door: SessionDoor
    let media: MediaResponder
    let archives: ArchiveResponder
    /// Read the files that are sent.
    let fileThreads: NIOThreadPool
    let webhooks: WebhooksFeature
    let parties: WatchPartyFeature
    let community: CommunityFeature
    let jobs: JobStore
    let jobRoutes: JobRoutes
    let renditions: RenditionStore
    let wishes: RenditionWishList
    let renderings: RenderingService
    let watermarks: WatermarkService

    init(_ settings: Settings, _ storage: HouseStorage, clock: any WallClock, logger: Logger) throws {
        let database = storage.database
        accounts = AccountsFeature(
            database: database, signingKeys: try Self.signingKeys(settings),
            settings: settings.accounts, limiter: storage.broker.limiter, clock: clock, logger: logger)
        jobs = JobStore(clock: clock)
        renditions = RenditionStore(clock: clock)
        wishes = RenditionWishList(jobs, database: database, clock: clock, logger: logger)
        webhooks = WebhooksFeature(
            settings.webhooks, database: database, managers: accounts.grants, clock: clock, logger: logger)
        // Whatever the desk is told of photos is written down for webhooks in the same transaction.
        let events = webhooks.events(over: storage.outbox, photoStatus: SessionEvents.photoStatusUpdated)
        let sheet = ActivitySheet()
        activity = ActivityWriter(
            database: database, sheet: sheet, retention: settings.links.logRetention, clock: clock, logger: logger)
        intake = PhotoIntake(
            jobs: jobs, renditions: renditions, grants: accounts.grants, names: accounts.accounts, events: events, clock: clock,
            media: settings.media, recipe: settings.recipe, activity: sheet)
        renderings = RenderingService(
            database: database, queue: jobs, renditions: renditions, events: events, recipe: settings.recipe, clock: clock,
            logger: logger)
        watermarks = WatermarkService(
            database: database,
            previews: PreviewStudio(
                configuration: settings.previews, objects: storage.objects, logger: logger),
            limiter: storage.broker.limiter, recipe: settings.recipe, clock: clock)
        sessions = SessionService(
            database: database, grants: accounts.grants, signer: accounts.grantChecker, attempts: accounts.attempts,
            jobs: jobs, events: events, nudges: storage.broker, accounts: accounts.accounts, clock: clock, recipe: settings.recipe,
            activity: sheet, parties: PartyDoorkeeper(events: storage.outbox))
        photos = PhotoService(
            database: database, grants: accounts.grants, signer: accounts.grantChecker, renditions: renditions,
            intake: intake, clock: clock)
        // Webhooks hear of what becomes of files, not of what people think of them.
        door = SessionDoor(sessions, media: settings.media)
        let room = SessionRoom(configuration: settings.ingest, database: database, admission: door, clock: clock)
        desk = PhotoDesk(photos: photos, sessions: sessions, room: room, events: storage.outbox, logger: logger)
        links = ShareLinkService(
            sessions, passwords: accounts.passwords, secrets: accounts.secrets, settings: settings.links, logger: logger)
        let names = NameBook(grants: accounts.grants, names: accounts.accounts)
        selections = SelectionService(
            database: database, photos: photos, names: names, attempts: accounts.attempts, events: storage.outbox, clock: clock)
        marks = MarkService(database: database, attempts: accounts.attempts, events: storage.outbox, clock: clock)
        reports = ReportService(desk, names: names, attempts: accounts.attempts, events: storage.outbox, clock: clock)
        tallies = MediaTallies(database: database, grants: accounts.grants, clock: clock, logger: logger)
        statistics = StatisticsService(database: database, grants: accounts.grants, clock: clock)
        parties = WatchPartyFeature(
            database: database, access: door, sessions: door, films: SessionFilms(renditions: renditions, clock: clock), grants: accounts.grants,
            names: accounts.accounts, events: storage.outbox, limiter: storage.broker.limiter, clock: clock, logger: logger)
        community = CommunityFeature(
            database: database, access: door, sessions: door, grants: accounts.grants, names: accounts.accounts, parties: parties.chat,
            events: storage.outbox, limiter: storage.broker.limiter, clock: clock)
        jobRoutes = JobRoutes(
            jobs, database: database, listener: intake, sessions: door, memberships: accounts.grants)
        ingest = try Ingest(
            configuration: settings.ingest, dataFolder: settings.filesFolder, database: database,
            objects: storage.objects, events: storage.outbox, admission: door,
            completion: webhooks.completion(over: intake), access: door,
            partials: storage.partials, nudges: storage.broker, isShared: settings.storage.isFleet, clock: clock,
            logger: logger)
        fileThreads = NIOThreadPool(numberOfThreads: 8)
        fileThreads.start()
        media = MediaResponder(
            catalog: SessionMedia(database: database, renditions: renditions), objects: storage.media,
            grants: accounts.grantChecker, sessions: door, threads: fileThreads, downloads: links, tally: tallies,
            wishes: settings.makesAVIFOnDemand ? wishes : nil, clock: clock,
            configuration: settings.delivery)
        archives = ArchiveResponder(
            media,
            catalog: SessionArchives(
                database: database, grants: accounts.grants, attempts: accounts.attempts, renditions: renditions, clock: clock),
            objects: storage.media, tokens: door, credentials: accounts.authenticator, threads: fileThreads, clock: clock, logger: logger)
    }

    /// Given for a fleet, kept with the data otherwise.
    static func signingKeys(_ settings: Settings) throws -> SigningKeys {
        let given = settings.storage.signingKeys
        return try given.isEmpty ? SigningKeys.load(fromFolder: settings.dataFolder) : SigningKeys(secrets: given)
    }

    /// Everything the features answer over HTTP.
    var routes: [Route] {
        accounts.routes + SessionRoutes(sessions).routes + PhotoRoutes(photos, desk: desk, sessions: sessions).routes
            + ShareLinkRoutes(links, sessions: sessions).routes + StatisticsRoutes(statistics, sessions: sessions).routes
            + SelectionRoutes(selections, sessions: sessions).routes + MarkRoutes(marks, sessions: sessions).routes
            + ReportRoutes(reports, sessions: sessions).routes
            + WatermarkRoutes(watermarks, renderings, sessions: sessions).routes
            + ingest.routes + MediaRoutes(media).routes + ArchiveRoutes(archives).routes + webhooks.routes + jobRoutes.routes
            + community.routes + parties.routes
    }
}
