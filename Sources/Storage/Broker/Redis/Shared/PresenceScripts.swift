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

    /// Key: the topic's nodes. Arguments: how many labelled members to name, and up to how many members those of all nodes are
    /// compared with each other. Returns how many there are, `1` if there are more with a label than those, and those.
    ///
    /// Beyond that many only some of each node are looked at, for as long as the script runs nobody else is answered.
    static let read = RedisScript("""
        local limit, sets, count = tonumber(ARGV[1]), {}, 0
        for _, node in ipairs(redis.call('SMEMBERS', KEYS[1])) do
            local set = KEYS[1] .. ':' .. node
            local size = redis.call('SCARD', set)
            if size > 0 then
                sets[#sets + 1] = set
                count = count + size
            else
                redis.call('SREM', KEYS[1], node)
            end
        end
        if #sets == 0 then return { 0, 0 } end
        local isLarge = count > tonumber(ARGV[2])
        local lists = {}
        if isLarge then
            for index, set in ipairs(sets) do lists[index] = redis.call('SRANDMEMBER', set, math.ceil(5 * limit / #sets)) end
        else
            lists[1] = redis.call('SUNION', unpack(sets))
            count = #lists[1]
        end
        local answer, seen, named, index, more = { count, 0 }, {}, 0, 1, true
        while more do
            more = false
            for _, list in ipairs(lists) do
                local member = list[index]
                if member then
                    more = true
                    if not seen[member] and string.find(member, ' ', 1, true) then
                        seen[member] = true
                        named = named + 1
                        if named <= limit then answer[#answer + 1] = member end
                    end
                end
            end
            index = index + 1
        end
        if isLarge or named > limit then answer[2] = 1 end
        return answer
        """)
}
