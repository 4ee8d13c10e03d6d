/**
 * `npm run bench -- <name>`: each measurement is one module in this folder with a `run()`. They print ratios within one run:
 * absolute figures of one machine say nothing about another (performance.md).
 */
const BENCHES: Readonly<Record<string, () => Promise<{ run(): Promise<void> }>>> = {
  certificate: () => import('./certificate.ts'),
  crl: () => import('./crl.ts'),
}

const names = process.argv.slice(2)
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
