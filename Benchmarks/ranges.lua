-- For wrk: random MiB of a film, whose size in bytes is the first argument.
local mebibyte = 1048576
local places

function init(arguments)
  math.randomseed(42)
  places = tonumber(arguments[1]) - mebibyte
end

function request()
  local first = math.random(0, places)
  wrk.headers["Range"] = string.format("bytes=%.0f-%.0f", first, first + mebibyte - 1)
  return wrk.format()
end
