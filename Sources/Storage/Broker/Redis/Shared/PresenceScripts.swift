/// Presence in Redis: of each topic a set of nodes, and of each of these a set of its members, and behind `:named` one of those with a
/// label, that expire unless the node lives. Only the server's clock counts.
enum PresenceScripts {
    static let all = [add, beat, remove, read]

    /// Keys: the node's members, the topic's nodes. Arguments: milliseconds to live, the node, `1` to begin anew, members.
    static let add = RedisScript("""
        local named = KEYS[1] .. ':named'
        if ARGV[3] == '1' then redis.call('DEL', KEYS[1], named) end
        if #ARGV > 3 then
            for index = 4, #ARGV do
                redis.call('SADD', KEYS[1], ARGV[index])
                if string.find(ARGV[index], ' ', 1, true) then redis.call('SADD', named, ARGV[index]) end
            end
            redis.call('PEXPIRE', KEYS[1], ARGV[1])
            redis.call('PEXPIRE', named, ARGV[1])
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
                redis.call('PEXPIRE', KEYS[index] .. ':named', ARGV[1])
                redis.call('SADD', KEYS[index + 1], ARGV[2])
                redis.call('PEXPIRE', KEYS[index + 1], ARGV[1])
            else
                lost[#lost + 1] = (index + 1) / 2
            end
        end
        return lost
        """)

    /// Keys: the node's members. Argument: a member. Takes it out.
    static let remove = RedisScript("""
        return redis.call('SREM', KEYS[1], ARGV[1]) + redis.call('SREM', KEYS[1] .. ':named', ARGV[1])
        """)

    /// Key: the topic's nodes. Arguments: how many labelled members to name, and up to how many members those of all nodes are
    /// compared with each other. Returns how many there are, `1` if there are more with a label than those, and those.
    ///
    /// Beyond that many only some of each node are looked at, for as long as the script runs nobody else is answered.
    static let read = RedisScript("""
        local limit, compared = tonumber(ARGV[1]), tonumber(ARGV[2])
        local function size(sets)
            local count = 0
            for _, set in ipairs(sets) do count = count + redis.call('SCARD', set) end
            return count
        end
        local all, named = {}, {}
        for _, node in ipairs(redis.call('SMEMBERS', KEYS[1])) do
            local set = KEYS[1] .. ':' .. node
            if redis.call('EXISTS', set) == 1 then
                all[#all + 1] = set
                named[#named + 1] = set .. ':named'
            else
                redis.call('SREM', KEYS[1], node)
            end
        end
        if #all == 0 then return { 0, 0 } end
        local count, names = size(all), size(named)
        if count <= compared then count = #redis.call('SUNION', unpack(all)) end
        local found = {}
        if names <= compared then
            found = redis.call('SUNION', unpack(named))
            names = #found
        else
            local seen = {}
            for _, set in ipairs(named) do
                for _, member in ipairs(redis.call('SRANDMEMBER', set, limit)) do
                    if not seen[member] then found[#found + 1] = member end
                    seen[member] = true
                end
            end
        end
        local answer = { count, names > limit and 1 or 0 }
        for index = 1, math.min(limit, #found) do answer[#answer + 1] = found[index] end
        return answer
        """)
}
