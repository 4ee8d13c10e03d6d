/**
 * `node scripts/generate-docs.ts [--check]`: writes docs/config.md and docs/errors.md from the code, and into
 * docs/threat-model.md which test tries which attack; with `--check` changes nothing and ends with status 1 when a file is not what
 * the code says.
 */
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { indexAttacks, writeTestColumn } from './docs/attack-index.ts'
import { renderConfigPage } from './docs/render-config-page.ts'
import { renderErrorsPage, type Messages } from './docs/render-errors-page.ts'

const root = new URL('../', import.meta.url)
const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } })

const read = (path: string): string | undefined => {
  try {
    return readFileSync(new URL(path, root), 'utf8')
  } catch {
    return undefined
  }
}
const messagesOf = (locale: string): Messages => JSON.parse(read(`locales/${locale}.json`) ?? '{}') as Messages

/** Tests of the house itself quote numbers as examples. */
const attackTests = globSync(['{test,packages/*/test,examples/*/test}/**/*.test.ts'], {
  cwd: fileURLToPath(root),
}).filter((file) => !file.startsWith('test/house/'))

const PAGES: Readonly<Record<string, string>> = {
  'docs/config.md': renderConfigPage(),
  'docs/errors.md': renderErrorsPage({ ja: messagesOf('ja'), en: messagesOf('en') }),
  'docs/threat-model.md': writeTestColumn(
    read('docs/threat-model.md') ?? '',
    indexAttacks(fileURLToPath(root), attackTests),
  ),
}

const stale = Object.entries(PAGES).filter(([path, text]) => read(path) !== text)
if (values.check) {
  for (const [path] of stale) console.error(`${path} is not what the code says: node scripts/generate-docs.ts`)
  process.exitCode = stale.length > 0 ? 1 : 0
} else {
  mkdirSync(fileURLToPath(new URL('docs', root)), { recursive: true })
  for (const [path, text] of stale) {
    writeFileSync(new URL(path, root), text)
    console.log(`wrote ${path}`)
  }
}
