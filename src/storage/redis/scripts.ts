/**
 * What Redis does in one step. Every script begins with the fence: ARGV[1] names the believed incarnations, `<replid>=<number> ` each,
 * and ARGV[2] is the time in milliseconds; a server whose replication id is not among them does nothing and says so. Nor does a replica, which
 * has its master's id: it may lag behind what was revoked there, and a service or a balancer may have led us to it.
 *
 * A record is a MessagePack array: 1 the number of the incarnation that wrote it, 2 its end (ms, 0: none), 3 when it was used (seconds, 0:
 * not), 4 when it was written (ms), 5 the payload, 6 the digest of its grant, 7 of a grant its generation and of a member the generation it
 * was written in, 8 the digest of a session's id; a ticket has its state in place of 6. A code or token lives while its grant is there in the same generation: ending a grant
 * is one step however many tokens it has.
 */
const FENCE = `
local info = redis.call('INFO', 'replication')
local replid = string.match(info, 'master_replid:(%x+)')
local mine = string.find(info, 'role:master', 1, true) and tonumber(string.match(ARGV[1], replid .. '=(%d+)'))
if not mine then return redis.error_reply('INCARNATION ' .. replid) end
local now = tonumber(ARGV[2])
local function read(key)
  local raw = redis.call('GET', key)
  if not raw then return nil end
  local record = cmsgpack.unpack(raw)
  if record[1] ~= mine and not string.find(ARGV[1], '=' .. record[1] .. ' ', 1, true) then return nil end
  return record
end
local function put(key, record, ttl)
  if ttl then redis.call('SET', key, cmsgpack.pack(record), 'PX', ttl) else redis.call('SET', key, cmsgpack.pack(record), 'KEEPTTL') end
end
local function beside(kind, digest) return string.match(KEYS[1], '^.-}') .. kind .. ':' .. digest end
local function living(key)
  local record = read(key)
  if not record then return nil end
  if not record[6] then return record, nil end
  local grant = read(beside('G', record[6]))
  if not grant or grant[7] ~= record[7] then return nil end
  return record, grant
end
`

const BODIES = {
  // KEYS: record → payload, used, written, end, payload of its grant
  sekishoFind: {
    numberOfKeys: 1,
    lua: `
local record, grant = living(KEYS[1])
if not record then return nil end
return { record[5], record[3], tostring(record[4]), tostring(record[2]), grant and grant[5] or false }`,
  },
  // KEYS: record. ARGV: life (ms), end, payload, once → 1, or 0 when one is there and it may be written once
  sekishoWrite: {
    numberOfKeys: 1,
    lua: `
local known = read(KEYS[1])
if ARGV[6] == '1' and known and (known[2] == 0 or known[2] > now) then return 0 end
put(KEYS[1], { mine, tonumber(ARGV[4]), known and ARGV[6] ~= '1' and known[3] or 0, now, ARGV[5] }, ARGV[3])
return 1`,
  },
  // KEYS: grant. ARGV: life, end, payload, a random number. Written again it keeps its generation; a new one, also in the place of one
  // that was ended, begins with the random number: somebody who had read it before may save it after, and must not bring back what it gave
  sekishoWriteGrant: {
    numberOfKeys: 1,
    lua: `
local known = read(KEYS[1])
put(KEYS[1], { mine, tonumber(ARGV[4]), 0, now, ARGV[5], false, known and known[7] or tonumber(ARGV[6]) }, ARGV[3])
return 1`,
  },
  // KEYS: member, grant. ARGV: life, end, payload, digest of the grant, once → 1; 0: one is there; -1: the grant is gone
  sekishoWriteMember: {
    numberOfKeys: 2,
    lua: `
local grant = read(KEYS[2])
if not grant then return -1 end
local known = read(KEYS[1])
if ARGV[7] == '1' and known and (known[2] == 0 or known[2] > now) then return 0 end
put(KEYS[1], { mine, tonumber(ARGV[4]), known and ARGV[7] ~= '1' and known[3] or 0, now, ARGV[5], ARGV[6], grant[7] }, ARGV[3])
return 1`,
  },
  // KEYS: record → 1 for one caller, ever
  sekishoConsume: {
    numberOfKeys: 1,
    lua: `
local record = living(KEYS[1])
if not record or record[3] ~= 0 then return 0 end
record[3] = math.floor(now / 1000)
put(KEYS[1], record)
return 1`,
  },
  // KEYS: record → its payload, written, end; for one caller
  sekishoTake: {
    numberOfKeys: 1,
    lua: `
local record = read(KEYS[1])
redis.call('DEL', KEYS[1])
if not record or (record[2] ~= 0 and record[2] <= now) then return nil end
return record[5]`,
  },
  // KEYS: in one slot
  sekishoDelete: { lua: `return redis.call('DEL', unpack(KEYS))` },
  // KEYS: grant. From now on what it gave is nothing
  sekishoRevokeMembers: {
    numberOfKeys: 1,
    lua: `
local grant = read(KEYS[1])
if not grant then return 0 end
grant[7] = grant[7] + 1
put(KEYS[1], grant)
return 1`,
  },
  // KEYS: member → the digest of its grant, which is ended by its own key: while a slot moves, the two may be on different servers
  sekishoGrantOf: {
    numberOfKeys: 1,
    lua: `
local record = read(KEYS[1])
return record and record[6] or nil`,
  },
  // KEYS: session by uid, its id. ARGV: life, end, payload, digests of uid and id, read before → 0: it was ended meanwhile. An id
  // that it had before is nothing any more
  sekishoWriteSession: {
    numberOfKeys: 2,
    lua: `
local known = read(KEYS[1])
if ARGV[8] == '1' and not known then return 0 end
if known and known[8] ~= ARGV[7] then redis.call('DEL', beside('I', known[8])) end
put(KEYS[1], { mine, tonumber(ARGV[4]), 0, now, ARGV[5], false, 0, ARGV[7] }, ARGV[3])
redis.call('SET', KEYS[2], ARGV[6], 'PX', ARGV[3])
return 1`,
  },
  // KEYS: id of a session. ARGV: its digest, 'find' or 'end' → payload, used, written, end
  sekishoSessionOfId: {
    numberOfKeys: 1,
    lua: `
local uid = redis.call('GET', KEYS[1])
if not uid then return nil end
local key = beside('S', uid)
local record = read(key)
if not record or record[8] ~= ARGV[3] then return nil end
if ARGV[4] == 'end' then redis.call('DEL', KEYS[1], key) end
return { record[5], 0, tostring(record[4]), tostring(record[2]), false }`,
  },
  // KEYS: session by uid
  sekishoEndSession: {
    numberOfKeys: 1,
    lua: `
local record = read(KEYS[1])
if not record then return nil end
redis.call('DEL', KEYS[1], beside('I', record[8]))
return record[5]`,
  },
  // KEYS: account. ARGV: life, end, name of a session or grant
  sekishoIndex: {
    numberOfKeys: 1,
    lua: `
redis.call('ZREMRANGEBYSCORE', KEYS[1], 1, now)
redis.call('ZADD', KEYS[1], ARGV[4], ARGV[5])
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[3]) then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
return 1`,
  },
  sekishoIndexed: { numberOfKeys: 1, lua: `return redis.call('ZRANGEBYSCORE', KEYS[1], now, '+inf')` },
  sekishoUnindex: {
    numberOfKeys: 1,
    lua: `
for i = 3, #ARGV do redis.call('ZREM', KEYS[1], ARGV[i]) end
return 1`,
  },
  // KEYS: a used proof, the marker of its bucket. ARGV: life, end, payload, when the proof was made (ms)
  // A bucket without a marker has lost its memory: what was made before, or at about that time, may have been used
  sekishoRemember: {
    numberOfKeys: 2,
    lua: `
local since = redis.call('GET', KEYS[2])
if not since then
  since = string.format('%.0f', now)
  redis.call('SET', KEYS[2], since)
end
since = tonumber(since)
local known = read(KEYS[1])
if known and known[2] > now then return 0 end
if since > 0 and tonumber(ARGV[6]) < since + 30000 and now < since + 7200000 then return -1 end
put(KEYS[1], { mine, tonumber(ARGV[4]), 0, now, ARGV[5] }, ARGV[3])
return 1`,
  },
  // KEYS: tickets of an interaction. ARGV: life, how many at most
  sekishoCount: {
    numberOfKeys: 1,
    lua: `
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
return count <= tonumber(ARGV[4]) and 1 or 0`,
  },
  // KEYS: ticket. ARGV: life, end, payload, state
  sekishoWriteTicket: {
    numberOfKeys: 1,
    lua: `
put(KEYS[1], { mine, tonumber(ARGV[4]), 0, now, ARGV[5], ARGV[6] }, ARGV[3])
return 1`,
  },
  // KEYS: ticket. ARGV: from, to, end, 'set' or 'at most' (0: as it is) → payload, end; or why not, and its state
  sekishoMoveTicket: {
    numberOfKeys: 1,
    lua: `
local record = read(KEYS[1])
if not record then return { 'not-found' } end
if record[2] <= now then return { 'expired', record[6] } end
if record[6] ~= ARGV[3] then return { 'missed', record[6] } end
record[6] = ARGV[4]
local latest = tonumber(ARGV[5])
if latest > 0 and (ARGV[6] == 'set' or latest < record[2]) then record[2] = latest end
put(KEYS[1], record)
return { 'moved', record[5], tostring(record[2]) }`,
  },
} as const

export type ScriptName = keyof typeof BODIES

/** For ioredis: sent by their SHA-1, and in full when a server does not know one. */
export const SCRIPTS: Record<string, { lua: string; numberOfKeys?: number }> = Object.fromEntries(
  Object.entries(BODIES).map(([name, script]) => [name, { ...script, lua: `${FENCE}${script.lua}` }]),
)
