/**
 * `node scripts/index-attacks.ts [--check]`: writes into docs/threat-model.md which test tries which attack, from the titles of the
 * tests; with `--check` it writes nothing and fails when the page is behind them.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { indexAttacks, writeTestColumn } from './docs/attack-index.ts'

const root = join(import.meta.dirname, '..')
const page = join(root, 'docs', 'threat-model.md')
const files = globSync('{test,packages/*/test,examples/*/test}/**/*.test.ts', { cwd: root })
// its own examples are not attacks
const index = indexAttacks(
  root,
  files.filter((file) => !file.startsWith('test/house/')),
)

const before = readFileSync(page, 'utf8')
const after = writeTestColumn(before, index)
if (after === before) console.log('docs/threat-model.md names every numbered test')
else if (process.argv.includes('--check')) {
  console.error('docs/threat-model.md is behind the tests: node scripts/index-attacks.ts')
  process.exitCode = 1
} else {
  writeFileSync(page, after)
  console.log('docs/threat-model.md written')
}
