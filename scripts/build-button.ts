/**
 * `npm run button [-- --check]`: builds packages/sign-in-button into one file at public/button/<version>/button.js, from where the
 * provider serves it for ever, and into the package's own dist/ for npm. Prints size and SRI hash. With `--check` writes nothing
 * and ends with status 1 when the committed file is not what the source says.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { bundleButton, BUTTON_VERSION, declareButton, integrityOf, sizeOf } from './button/bundle-button.ts'

const PACKAGE = new URL('../packages/sign-in-button/', import.meta.url)
const COMMITTED = new URL(`../public/button/${BUTTON_VERSION}/button.js`, import.meta.url)

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } })
const code = await bundleButton()

if (values.check) {
  const isCurrent = read(COMMITTED) === code
  if (!isCurrent) console.error(`public/button/${BUTTON_VERSION}/button.js is not what the source says: npm run button`)
  process.exitCode = isCurrent ? 0 : 1
} else {
  for (const file of [COMMITTED, new URL('dist/button.js', PACKAGE)]) {
    mkdirSync(dirname(fileURLToPath(file)), { recursive: true })
    writeFileSync(file, code)
  }
  declareButton(fileURLToPath(new URL('dist', PACKAGE)))
}
const { plain, gzipped } = sizeOf(code)
console.log(`button ${BUTTON_VERSION}   ${plain} bytes, ${gzipped} gzipped`)
console.log(`integrity       ${integrityOf(code)}`)

function read(file: URL): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
