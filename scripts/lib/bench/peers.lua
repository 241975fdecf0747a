-- One case of wrk: what the environment says, and what it measured as one line of JSON.
--   WRK_METHOD, WRK_BODY (a file)   the request
--   WRK_DEPTH                       so many of them in one write
--   WRK_TOKENS (a file)             a bearer token a line, one after the other
-- Without the last two wrk makes the request once.
-- SPDX-License-Identifier: Apache-2.0
local function read(name)
  local file = assert(io.open(name, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

local depth, tokens, body = os.getenv("WRK_DEPTH"), os.getenv("WRK_TOKENS"), os.getenv("WRK_BODY")
wrk.method = os.getenv("WRK_METHOD") or "GET"
if body then
  wrk.body = read(body)
  wrk.headers["Content-Type"] = "application/json"
end

local requests, turn = {}, 0
if depth or tokens then
  function init(_)
    if tokens then
      for token in read(tokens):gmatch("[^\n]+") do
        wrk.headers["Authorization"] = "Bearer " .. token
        requests[#requests + 1] = wrk.format()
      end
    else
      requests[1] = wrk.format():rep(tonumber(depth))
    end
  end

  function request()
    turn = turn % #requests + 1
    return requests[turn]
  end
end

function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "bytes": %d, "seconds": %.6f, "p50_us": %d, "p99_us": %d, '
      .. '"connect": %d, "read": %d, "write": %d, "timeout": %d, "status": %d}\n',
    summary.requests, summary.bytes, summary.duration / 1e6,
    latency:percentile(50), latency:percentile(99),
    errors.connect, errors.read, errors.write, errors.timeout, errors.status))
end
