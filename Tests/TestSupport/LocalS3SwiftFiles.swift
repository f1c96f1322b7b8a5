/// The configuration of `LocalSwiftS3`.
enum SwiftS3Files {
    static let servers = ["account", "container", "object", "proxy"]

    /// File names and what they hold.
    static func all(in folder: String, devices: String, ports: [String: Int], user: String) -> [(String, String)] {
        var files = [("swift.conf", swift), ("local_cache.py", cache), ("launch.py", launch), ("prepare.py", prepare)]
        for name in servers {
            let common = """
                [DEFAULT]
                bind_ip = 127.0.0.1
                bind_port = \(ports[name] ?? 0)
                user = \(user)
                workers = 0
                swift_dir = \(folder)
                log_level = WARNING

                """
            files.append(("\(name).conf", common + (name == "proxy" ? proxy : storage(name, devices))))
        }
        return files
    }

    /// Arguments of `prepare.py`.
    static func rings(_ ports: [String: Int]) -> [String] {
        servers.filter { $0 != "proxy" }.map { "\($0):\(ports[$0] ?? 0)" }
    }

    private static let swift = """
        [swift-hash]
        swift_hash_path_suffix = tests
        [storage-policy:0]
        name = default
        default = yes

        """

    private static func storage(_ name: String, _ devices: String) -> String {
        """
        devices = \(devices)
        mount_check = false
        disable_fallocate = true
        fallocate_reserve = 0
        [pipeline:main]
        pipeline = \(name)-server
        [app:\(name)-server]
        use = egg:swift#\(name)

        """
    }

    private static let proxy = """
        [pipeline:main]
        pipeline = catch_errors gatekeeper cache listing_formats s3api tempauth slo dlo versioned_writes proxy-server
        [app:proxy-server]
        use = egg:swift#proxy
        account_autocreate = true
        [filter:catch_errors]
        use = egg:swift#catch_errors
        [filter:gatekeeper]
        use = egg:swift#gatekeeper
        [filter:cache]
        paste.filter_factory = local_cache:filter_factory
        [filter:listing_formats]
        use = egg:swift#listing_formats
        [filter:s3api]
        use = egg:swift#s3api
        location = us-east-1
        [filter:tempauth]
        use = egg:swift#tempauth
        user_test_tester = testing .admin
        [filter:slo]
        use = egg:swift#slo
        [filter:dlo]
        use = egg:swift#dlo
        [filter:versioned_writes]
        use = egg:swift#versioned_writes
        allow_versioned_writes = true

        """

    /// Stands in for memcached: there is one proxy process.
    private static let cache = """
        class Cache:
            def __init__(self):
                self.values = {}
            def get(self, key, *args, **kwargs):
                return self.values.get(key)
            def set(self, key, value, *args, **kwargs):
                self.values[key] = value
            def delete(self, key, *args, **kwargs):
                self.values.pop(key, None)
            def incr(self, key, delta=1, *args, **kwargs):
                self.values[key] = self.values.get(key, 0) + delta
                return self.values[key]

        def filter_factory(global_conf, **local_conf):
            cache = Cache()
            def factory(app):
                def call(env, start_response):
                    env['swift.cache'] = cache
                    return app(env, start_response)
                return call
            return factory

        """

    /// Builds rings of one device.
    private static let prepare = """
        import os, sys
        folder = sys.argv[1]
        from swift.common.ring import RingBuilder
        for name, port in (word.split(':') for word in sys.argv[2:]):
            builder = RingBuilder(4, 1, 0)
            builder.add_dev({'id': 0, 'region': 1, 'zone': 1, 'weight': 1, 'ip': '127.0.0.1', 'port': int(port),
                             'replication_ip': '127.0.0.1', 'replication_port': int(port), 'device': 'd1', 'meta': ''})
            builder.rebalance()
            builder.get_ring().save(os.path.join(folder, name + '.ring.gz'))

        """

    private static let launch = """
        import os, sys
        folder, name = sys.argv[1:3]
        sys.path.insert(0, folder)
        from swift.common import utils
        utils.set_swift_dir(folder)
        from swift.common.wsgi import run_wsgi
        sys.exit(run_wsgi(os.path.join(folder, name + '.conf'), name + '-server', verbose=True))

        """
}
