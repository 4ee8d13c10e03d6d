import { parseArgs } from 'node:util'

/**
 * `npm run bench -- <name>`: each measurement is one module in this folder with a `run()`. They print ratios within one run:
 * absolute figures of one machine say nothing about another (performance.md).
 */
const BENCHES: Readonly<Record<string, () => Promise<{ run(): Promise<void> }>>> = {
  certificate: () => import('./certificate.ts'),
  crl: () => import('./crl.ts'),
  subject: () => import('./subject.ts'),
}

// what else is said on the command line is for the measurement itself
const { positionals: names } = parseArgs({
  args: process.argv.slice(2),
  options: { scale: { type: 'string' } },
  allowPositionals: true,
})
const unknown = names.filter((name) => !Object.hasOwn(BENCHES, name))
if (unknown.length > 0) {
  console.error(`no such measurement: ${unknown.join(', ')}. There are: ${Object.keys(BENCHES).join(', ')}`)
  process.exit(64)
}
for (const name of names.length === 0 ? Object.keys(BENCHES) : names) {
  const load = BENCHES[name]
  if (load === undefined) continue
  console.log(`\n== ${name}`)
  await (await load()).run()
}
