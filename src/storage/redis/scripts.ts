/**
 * What Redis does in one step. There is one script, which takes a row of steps: those that one turn of the event loop has for one server
 * (`run-script.ts`); each of them is done as a whole, or says why not, whatever becomes of the others. It begins with the fence: ARGV[1] names
 * the believed incarnations, `<replid>=<number> ` each; a server whose replication id is not among them does nothing and says so. Nor does a
 * replica, which has its master's id: it may lag behind what was revoked there, and a service or a balancer may have led us to it.
 *
 * A record is a MessagePack array: 1 the number of the incarnation that wrote it, negative where the payload is not JSON (`payload-form.ts`): a
 * release that knows no such payload believes no such number; 2 its end (ms, 0: none), 3 when it was used (seconds, 0: not), 4 when it was
 * written (ms), 5 the payload, 6 the digest of its grant, 7 of a grant its generation and of a member the generation it was written in, 8 the
 * digest of a session's id; a ticket has its state in place of 6. A code or token lives while its grant is there in the same generation:
 * ending a grant is one step however many tokens it has.
 */
const FENCE = `
local info = redis.call('INFO', 'replication')
local replid = string.match(info, 'master_replid:(%x+)')
local mine = string.find(info, 'role:master', 1, true) and tonumber(string.match(ARGV[1], replid .. '=(%d+)'))
if not mine then return redis.error_reply('INCARNATION ' .. replid) end
local believed = ARGV[1]
local function read(key)
  local raw = redis.call('GET', key)
  if not raw then return nil end
  local record = cmsgpack.unpack(raw)
  local by = math.abs(record[1])
  if by ~= mine and not string.find(believed, '=' .. by .. ' ', 1, true) then return nil end
  return record
end
local function put(key, record, ttl)
  if ttl then redis.call('SET', key, cmsgpack.pack(record), 'PX', ttl) else redis.call('SET', key, cmsgpack.pack(record), 'KEEPTTL') end
end
local function me(payload) return string.byte(payload) == 123 and mine or -mine end
local function beside(key, kind, digest) return string.match(key, '^.-}') .. kind .. ':' .. digest end
local function living(key)
  local record = read(key)
  if not record then return nil end
  if not record[6] then return record, nil end
  local grant = read(beside(key, 'G', record[6]))
  if not grant or grant[7] ~= record[7] then return nil end
  return record, grant
end
`

/** KEYS and ARGV of a step are its own, and `now` is its time in milliseconds. */
const STEPS = {
  // KEYS: record → payload, used, payload of its grant
  find: `
local record, grant = living(KEYS[1])
if not record then return nil end
if not grant and record[3] == 0 then return record[5] end
return { record[5], record[3], grant and grant[5] or false }`,
  // KEYS: record → payload, written, end
  look: `
local record = living(KEYS[1])
return record and { record[5], tostring(record[4]), tostring(record[2]) }`,
  // KEYS: record. ARGV: life (ms), end, payload, once → 1, or 0 when one is there and it may be written once
  write: `
local known = read(KEYS[1])
if ARGV[4] == '1' and known and (known[2] == 0 or known[2] > now) then return 0 end
put(KEYS[1], { me(ARGV[3]), tonumber(ARGV[2]), known and ARGV[4] ~= '1' and known[3] or 0, now, ARGV[3] }, ARGV[1])
return 1`,
  // KEYS: grant. ARGV: life, end, payload, a random number. Written again it keeps its generation; a new one, also in the place of one
  // that was ended, begins with the random number: somebody who had read it before may save it after, and must not bring back what it gave
  writeGrant: `
local known = read(KEYS[1])
put(KEYS[1], { me(ARGV[3]), tonumber(ARGV[2]), 0, now, ARGV[3], false, known and known[7] or tonumber(ARGV[4]) }, ARGV[1])
return 1`,
  // KEYS: member, grant. ARGV: life, end, payload, digest of the grant, once → 1; 0: one is there; -1: the grant is gone
  writeMember: `
local grant = read(KEYS[2])
if not grant then return -1 end
local known = read(KEYS[1])
if ARGV[5] == '1' and known and (known[2] == 0 or known[2] > now) then return 0 end
put(KEYS[1], { me(ARGV[3]), tonumber(ARGV[2]), known and ARGV[5] ~= '1' and known[3] or 0, now, ARGV[3], ARGV[4], grant[7] }, ARGV[1])
return 1`,
  // KEYS: record → 1 for one caller, ever
  consume: `
local record = living(KEYS[1])
if not record or record[3] ~= 0 then return 0 end
record[3] = math.floor(now / 1000)
put(KEYS[1], record)
return 1`,
  // KEYS: record → its payload, for one caller
  take: `
local record = read(KEYS[1])
redis.call('DEL', KEYS[1])
if not record or (record[2] ~= 0 and record[2] <= now) then return nil end
return record[5]`,
  // KEYS: in one slot
  delete: `return redis.call('DEL', unpack(KEYS))`,
  // KEYS: grant. From now on what it gave is nothing
  revokeMembers: `
local grant = read(KEYS[1])
if not grant then return 0 end
grant[7] = grant[7] + 1
put(KEYS[1], grant)
return 1`,
  // KEYS: member → the digest of its grant, which is ended by its own key: while a slot moves, the two may be on different servers
  grantOf: `
local record = read(KEYS[1])
return record and record[6] or nil`,
  // KEYS: session by uid, its id. ARGV: life, end, payload, digests of uid and id, read before → 0: it was ended meanwhile. An id
  // that it had before is nothing any more
  writeSession: `
local known = read(KEYS[1])
if ARGV[6] == '1' and not known then return 0 end
if known and known[8] ~= ARGV[5] then redis.call('DEL', beside(KEYS[1], 'I', known[8])) end
put(KEYS[1], { me(ARGV[3]), tonumber(ARGV[2]), 0, now, ARGV[3], false, 0, ARGV[5] }, ARGV[1])
redis.call('SET', KEYS[2], ARGV[4], 'PX', ARGV[1])
return 1`,
  // KEYS: id of a session. ARGV: its digest, 'find' or 'end' → payload
  sessionOfId: `
local uid = redis.call('GET', KEYS[1])
if not uid then return nil end
local key = beside(KEYS[1], 'S', uid)
local record = read(key)
if not record or record[8] ~= ARGV[1] then return nil end
if ARGV[2] == 'end' then redis.call('DEL', KEYS[1], key) end
return record[5]`,
  // KEYS: session by uid
  endSession: `
local record = read(KEYS[1])
if not record then return nil end
redis.call('DEL', KEYS[1], beside(KEYS[1], 'I', record[8]))
return record[5]`,
  // KEYS: account. ARGV: life, end, name of a session or grant
  index: `
redis.call('ZREMRANGEBYSCORE', KEYS[1], 1, now)
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[3])
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return 1`,
  indexed: `return redis.call('ZRANGEBYSCORE', KEYS[1], now, '+inf')`,
  // KEYS: a used proof, the marker of its bucket. ARGV: life, end, payload, when the proof was made (ms)
  // A bucket without a marker has lost its memory: what was made before, or at about that time, may have been used
  remember: `
local since = redis.call('GET', KEYS[2])
if not since then
  since = string.format('%.0f', now)
  redis.call('SET', KEYS[2], since)
end
since = tonumber(since)
local known = read(KEYS[1])
if known and known[2] > now then return 0 end
if since > 0 and tonumber(ARGV[4]) < since + 30000 and now < since + 7200000 then return -1 end
put(KEYS[1], { me(ARGV[3]), tonumber(ARGV[2]), 0, now, ARGV[3] }, ARGV[1])
return 1`,
  // KEYS: tickets of an interaction. ARGV: life, how many at most
  count: `
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return count <= tonumber(ARGV[2]) and 1 or 0`,
  // KEYS: what is counted. ARGV: how many at most, from the first one on (ms) → 0, or milliseconds until it begins anew
  limit: `
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
if count <= tonumber(ARGV[1]) then return 0 end
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  left = tonumber(ARGV[2])
end
return math.max(1, left)`,
  // KEYS: ticket. ARGV: life, end, payload, state
  writeTicket: `
put(KEYS[1], { me(ARGV[3]), tonumber(ARGV[2]), 0, now, ARGV[3], ARGV[4] }, ARGV[1])
return 1`,
  // KEYS: ticket. ARGV: from, to, end, 'set' or 'at most' (0: as it is) → payload, end; or why not, and its state
  moveTicket: `
local record = read(KEYS[1])
if not record then return { 'not-found' } end
if record[2] <= now then return { 'expired', record[6] } end
if record[6] ~= ARGV[1] then return { 'missed', record[6] } end
record[6] = ARGV[2]
local latest = tonumber(ARGV[3])
if latest > 0 and (ARGV[4] == 'set' or latest < record[2]) then record[2] = latest end
put(KEYS[1], record)
return { 'moved', record[5], tostring(record[2]) }`,
} as const

export type StepName = keyof typeof STEPS

/**
 * ARGV after the first: of each step `<name> <how many keys> <how many arguments> <its time>`, and its arguments. KEYS: of all of them, in their
 * order. Whatever a step brings that cannot be, its time too, is its own fault.
 */
const EACH_STEP = `
local steps, replies, key, word = {}, {}, 0, 2
while word <= #ARGV do
  local name, keys, args, at = string.match(ARGV[word], '^(%a+) (%d+) (%d+) (%S+)$')
  keys, args = tonumber(keys), tonumber(args)
  steps[name] = steps[name] or step(name)
  local done, reply = pcall(
    steps[name],
    { unpack(KEYS, key + 1, key + keys) },
    { unpack(ARGV, word + 1, word + args) },
    tonumber(at)
  )
  if not done then reply = { err = type(reply) == 'table' and reply.err or tostring(reply) } end
  replies[#replies + 1] = reply or false
  key, word = key + keys, word + 1 + args
end
return replies`

const LUA = `${FENCE}
local function step(name)
${Object.entries(STEPS)
  .map(([name, lua]) => `if name == '${name}' then return function(KEYS, ARGV, now) ${lua}\nend end`)
  .join('\n')}
end${EACH_STEP}`

/** For ioredis: sent by its SHA-1, and in full when a server does not know it. */
export const SCRIPTS = { sekisho: { lua: LUA } } as const
