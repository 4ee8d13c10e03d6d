import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { ESLint } from 'eslint'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { plantFiles, REPOSITORY } from '../support/plant-files.ts'
import { createTempDirectory } from '../support/temp-directory.ts'

const GLOBALS = 'no-restricted-globals'
const PROPERTIES = 'no-restricted-properties'
const SYNTAX = 'no-restricted-syntax'
const IMPORTS = '@typescript-eslint/no-restricted-imports'
const CONCEPTS = ['sign-in', 'certificate', 'subject', 'relying-party', 'signing-key', 'audit', 'error-registry']

/** rule · folder · a line that breaks it. Planted under a name of its own. */
const VIOLATIONS: readonly (readonly [rule: string, folder: string, source: string])[] = [
  ...CONCEPTS.map((folder) => [PROPERTIES, `src/${folder}`, 'export const at = Date.now()'] as const),
  [PROPERTIES, 'src/sign-in', 'export const options = { now: Date.now }'],
  [PROPERTIES, 'src/sign-in', 'export const dice = Math.random()'],
  [PROPERTIES, 'src/sign-in', 'export const signal = AbortSignal.timeout(1000)'],
  [PROPERTIES, 'src/sign-in', 'export const answer = globalThis.fetch("https://example.org/")'],
  [SYNTAX, 'src/certificate', 'export const at = new Date()'],
  [SYNTAX, 'src/certificate', 'export const at = Date()'],
  [SYNTAX, 'src/subject', `import { randomUUID } from 'node:crypto'\nexport const id = randomUUID()`],
  [SYNTAX, 'src/subject', `import { randomBytes as bytes } from 'crypto'\nexport const nonce = bytes(32)`],
  [SYNTAX, 'src/subject', `import * as crypto from 'node:crypto'\nexport const nonce = crypto.randomBytes(32)`],
  [SYNTAX, 'src/subject', `import crypto from 'node:crypto'\nexport const nonce = crypto.randomBytes(32)`],
  [GLOBALS, 'src/subject', 'export const id = crypto.randomUUID()'],
  [GLOBALS, 'src/sign-in', 'export const timer = setTimeout(() => undefined, 5)'],
  [GLOBALS, 'src/audit', 'export const timer = setInterval(() => undefined, 5)'],
  [GLOBALS, 'src/audit', 'export const user = process.env["USER"]'],
  [GLOBALS, 'src/certificate', 'export const answer = fetch("https://example.org/")'],
  [GLOBALS, 'src/certificate', 'export const since = performance.now()'],
  [GLOBALS, 'src/web', 'export const answer = fetch("https://example.org/")'],
  [GLOBALS, 'src/main', 'export const answer = fetch("https://example.org/")'],
  [IMPORTS, 'src/web', `import { request } from 'node:http'\nexport const ask = request`],
  [IMPORTS, 'src/web', `import * as http from 'node:http'\nexport const ask = http.request`],
  [IMPORTS, 'src/web', `import https from 'https'\nexport const ask = https.get`],
  [IMPORTS, 'src/main', `import { connect } from 'node:net'\nexport const ask = connect`],
  ['no-console', 'src/sign-in', 'console.log("PIN")'],
  ['no-console', 'src/oidc', 'console.error("secret")'],
  ['no-console', 'packages/agent/src', 'console.log("PIN")'],
  ['@typescript-eslint/no-floating-promises', 'src/web', 'export function f() {\n  Promise.resolve(1)\n}'],
  [
    '@typescript-eslint/switch-exhaustiveness-check',
    'src/web',
    `export function f(v: 'good' | 'revoked'): number {\n  switch (v) {\n    case 'good':\n      return 1\n  }\n  return 0\n}`,
  ],
  [
    '@typescript-eslint/consistent-type-imports',
    'src/web',
    `import { Buffer } from 'node:buffer'\nexport type B = Buffer`,
  ],
  ['@typescript-eslint/no-non-null-assertion', 'src/web', 'export const first = (a: number[]) => a[0]!'],
  ['@typescript-eslint/no-explicit-any', 'src/web', 'export const f = (a: any): unknown => a'],
  ['@typescript-eslint/strict-boolean-expressions', 'src/web', 'export const f = (tries?: number) => (tries ? 1 : 2)'],
  [SYNTAX, 'test/unit', `import { test } from 'vitest'\ntest.only('x', () => undefined)`],
  [SYNTAX, 'test/unit', `import { test } from 'vitest'\ntest.skip('x', () => undefined)`],
  [SYNTAX, 'test/unit', `import { test } from 'vitest'\ntest.todo('x')`],
  [SYNTAX, 'test/unit', `import { test } from 'vitest'\ntest.skipIf(true)('x', () => undefined)`],
  [SYNTAX, 'test/unit', `import { test } from 'vitest'\ntest.concurrent.skip('x', () => undefined)`],
  [SYNTAX, 'test/e2e', `import { test } from 'vitest'\ntest.only.each([1])('x', () => undefined)`],
  [SYNTAX, 'packages/agent/test', `import { describe } from 'vitest'\ndescribe.skip('x', () => undefined)`],
  [SYNTAX, 'test/unit', `import { test } from 'vitest'\ntest('x', (ctx) => ctx.skip())`],
  [SYNTAX, 'test/unit', 'export const sleep = () => new Promise((resolve) => setTimeout(resolve, 100))'],
  [IMPORTS, 'test/unit', `import { setTimeout as sleep } from 'node:timers/promises'\nawait sleep(100)`],
]

/** What the bans must leave alone. */
const CLEAN: readonly (readonly [folder: string, source: string])[] = [
  ['src/sign-in', 'export const later = (now: () => Date, ms: number) => new Date(now().getTime() + ms)'],
  ['src/sign-in', 'export const id = (random: { randomUUID(): string }) => random.randomUUID()'],
  [
    'src/certificate',
    `import { createHash, type randomBytes } from 'node:crypto'\nexport const h = (r: typeof randomBytes) => [createHash, r]`,
  ],
  ['src/web', 'export const at = () => new Date()'],
  ['src/web', `import { createServer, type Agent } from 'node:http'\nexport const s = (a: Agent) => [createServer, a]`],
  ['src/outbound', `import { request } from 'node:https'\nexport const ask = [request, fetch]`],
  ['src/main/demo', 'export const look = () => fetch("http://localhost/")'],
  ['src/main', 'console.log("http://localhost:4000")'],
  ['test/unit', `import { expect, test } from 'vitest'\ntest.each([1])('x', (n) => {\n  expect(n).toBe(1)\n})`],
]

const house = createTempDirectory('lint', join(REPOSITORY, '.test'))
const nameOf = (folder: string, kind: string, index: number) => `${folder}/${kind}-${String(index)}.ts`
const rulesBroken = new Map<string, (string | null)[]>()

beforeAll(async () => {
  plantFiles(house.path, {
    ...Object.fromEntries(VIOLATIONS.map(([, folder, source], index) => [nameOf(folder, 'bad', index), `${source}\n`])),
    ...Object.fromEntries(CLEAN.map(([folder, source], index) => [nameOf(folder, 'good', index), `${source}\n`])),
  })
  for (const file of ['tsconfig.json', 'test/e2e/tsconfig.json']) {
    copyFileSync(join(REPOSITORY, file), join(house.path, file))
  }
  const eslint = new ESLint({
    cwd: house.path,
    overrideConfigFile: join(REPOSITORY, 'eslint.config.js'),
    overrideConfig: { languageOptions: { parserOptions: { tsconfigRootDir: house.path } } },
  })
  for (const { filePath, messages } of await eslint.lintFiles(['.'])) {
    rulesBroken.set(
      filePath.slice(house.path.length + 1),
      messages.map(({ ruleId, severity }) => (severity === 2 ? ruleId : null)),
    )
  }
})

afterAll(() => house.remove())

describe('a planted violation is an error', () => {
  test.each(VIOLATIONS.map((violation, index) => [...violation, index] as const))(
    '%s in %s: %s',
    (rule, folder, _, index) => {
      expect(rulesBroken.get(nameOf(folder, 'bad', index))).toContain(rule)
    },
  )
})

describe('what is allowed is left alone', () => {
  test.each(CLEAN.map((clean, index) => [...clean, index] as const))('in %s: %s', (folder, _, index) => {
    expect(rulesBroken.get(nameOf(folder, 'good', index))).toEqual([])
  })
})
