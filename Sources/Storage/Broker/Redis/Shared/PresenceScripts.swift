/// Presence in Redis: of each topic a set of nodes, and of each of these a set of its members that expires unless the
/// node lives. Only the server's clock counts.
enum PresenceScripts {
    static let all = [add, beat, read]

    /// Keys: the node's members, the topic's nodes. Arguments: milliseconds to live, the node, `1` to begin anew, members.
    static let add = RedisScript("""
        if ARGV[3] == '1' then redis.call('DEL', KEYS[1]) end
        if #ARGV > 3 then
            redis.call('SADD', KEYS[1], unpack(ARGV, 4))
            redis.call('PEXPIRE', KEYS[1], ARGV[1])
            redis.call('SADD', KEYS[2], ARGV[2])
            redis.call('PEXPIRE', KEYS[2], ARGV[1])
        end
        return 0
        """)

    /// Keys: the same, for any number of topics. Arguments: milliseconds to live, the node. Returns which topics have
    /// lost the node's members, counted from 1.
    static let beat = RedisScript("""
        local lost = {}
        for index = 1, #KEYS, 2 do
            if redis.call('PEXPIRE', KEYS[index], ARGV[1]) == 1 then
                redis.call('SADD', KEYS[index + 1], ARGV[2])
                redis.call('PEXPIRE', KEYS[index + 1], ARGV[1])
            else
                lost[#lost + 1] = (index + 1) / 2
            end
        end
        return lost
        """)

    /// Key: the topic's nodes. Argument: how many members to name. Returns how many there are, and those.
    static let read = RedisScript("""
        local sets = {}
        for _, node in ipairs(redis.call('SMEMBERS', KEYS[1])) do
            local set = KEYS[1] .. ':' .. node
            if redis.call('EXISTS', set) == 1 then
                sets[#sets + 1] = set
            else
                redis.call('SREM', KEYS[1], node)
            end
        end
        if #sets == 0 then return { 0 } end
        local members = redis.call('SUNION', unpack(sets))
        local answer = { #members }
        for index = 1, math.min(#members, tonumber(ARGV[1])) do answer[index + 1] = members[index] end
        return answer
        """)
}
