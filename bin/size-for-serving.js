/**
 * V8 sizes its heap by the machine: with 24 GB it lets a young generation of 128 MB fill with what a log-in throws away, and old garbage lie
 * until it is four times what lives. These are the same on every machine (docs/adr/0026).
 */
const HEAP = {
  // MB, each half of the young generation: with 8 a log-in costs a twelfth more, with 64 a fortieth less
  '--max-semi-space-size': '=16',
  // MB; 45 live. The lower the ceiling, the sooner V8 collects: here at less than one and a half times what lives
  '--max-old-space-size': '=256',
  // a process is a core: several threads that copy a megabyte wait for each other
  '--no-parallel-scavenge': '',
}

/** glibc keeps eight arenas a core, and little here allocates beside V8. */
const ARENAS = { MALLOC_ARENA_MAX: '2' }

/**
 * `serve` is started again in the same process with these, unless the operator has sized it: V8 and glibc read them only at the start.
 *
 * @param {string} program path of bin/sekisho.js
 */
export function sizeForServing(program) {
  const [, , command] = process.argv
  // Windows cannot exchange a process
  if (command !== 'serve' || process.platform === 'win32' || process.execve === undefined) return
  const { env, execArgv } = process
  const given = [...execArgv, ...(env.NODE_OPTIONS ?? '').split(/\s+/)].map((option) =>
    option.split('=', 1)[0]?.replaceAll('_', '-'),
  )
  const missing = Object.entries(HEAP).filter(([name]) => !given.includes(name))
  if (missing.length === 0) return
  const options = missing.map(([name, value]) => `${name}${value}`)
  process.execve(process.execPath, [process.execPath, ...execArgv, ...options, program, ...process.argv.slice(2)], {
    ...ARENAS,
    ...env,
  })
}
