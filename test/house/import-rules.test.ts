import { spawnSync } from 'node:child_process'
import { copyFileSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { linkWorkspaces, plantFiles, REPOSITORY } from '../support/plant-files.ts'
import { createTempDirectory } from '../support/temp-directory.ts'

/** rule · file · its one import. Each file is its own violation, in a house that is otherwise clean. */
const VIOLATIONS: readonly (readonly [rule: string, file: string, source: string])[] = [
  ['concept-imports-no-framework', 'src/sign-in/with-express.ts', `import type { Request } from 'express'`],
  ['concept-imports-no-framework', 'src/certificate/with-provider.ts', `import type { Provider } from 'oidc-provider'`],
  ['concept-imports-no-framework', 'src/subject/with-pg.ts', `import pg from 'pg'`],
  ['concept-imports-no-framework', 'src/relying-party/with-redis.ts', `import { Redis } from 'ioredis'`],
  ['concept-imports-no-framework', 'src/signing-key/with-undici.ts', `import { request } from 'undici'`],
  ['concept-imports-no-framework', 'src/audit/with-pglite.ts', `import { PGlite } from '@electric-sql/pglite'`],
  ['concept-imports-no-network', 'src/certificate/with-net.ts', `import { connect } from 'node:net'`],
  ['concept-imports-no-network', 'src/certificate/with-http.ts', `import { get } from 'https'`],
  ['concept-imports-no-files-or-processes', 'src/certificate/with-fs.ts', `import { readFileSync } from 'node:fs'`],
  ['concept-imports-no-files-or-processes', 'src/audit/with-fs.ts', `import { readFile } from 'node:fs/promises'`],
  [
    'concept-imports-no-files-or-processes',
    'src/sign-in/with-timer.ts',
    `import { setTimeout } from 'node:timers/promises'`,
  ],
  ['concept-imports-no-files-or-processes', 'src/subject/with-child.ts', `import { spawn } from 'node:child_process'`],
  ['concept-imports-no-adapter', 'src/sign-in/with-store.ts', `import type { Store } from '../storage/store.ts'`],
  ['asn1-only-in-certificate', 'src/outbound/with-pkijs.ts', `import { Certificate } from 'pkijs'`],
  ['asn1-only-in-certificate', 'src/signing-key/with-asn1.ts', `import { fromBER } from 'asn1js'`],
  ['asn1-only-in-certificate', 'packages/virtual-jpki/src/with-pkijs.ts', `import { Certificate } from 'pkijs'`],
  [
    'x509-issuing-only-in-virtual-jpki',
    'src/certificate/with-peculiar.ts',
    `import { X509Certificate } from '@peculiar/x509'`,
  ],
  ['oidc-provider-only-in-oidc', 'src/web/with-provider.ts', `import Provider from 'oidc-provider'`],
  ['oidc-provider-only-in-oidc', 'src/main/with-provider.ts', `import type { Provider } from 'oidc-provider'`],
  ['express-only-in-web', 'src/oidc/with-express.ts', `import express from 'express'`],
  ['express-only-in-web', 'src/main/with-express.ts', `import type { Express } from 'express'`],
  ['metrics-only-in-observability', 'src/main/with-prom-client.ts', `import { Counter } from 'prom-client'`],
  ['databases-only-in-storage', 'src/oidc/with-pg.ts', `import type { Pool } from 'pg'`],
  ['databases-only-in-storage', 'src/main/with-pglite.ts', `import { PGlite } from '@electric-sql/pglite'`],
  ['databases-only-in-storage', 'src/web/with-redis.ts', `import { Redis } from 'ioredis'`],
  ['databases-only-in-storage', 'src/config/with-migrate.ts', `import { runner } from 'node-pg-migrate'`],
  ['http-clients-only-in-outbound', 'src/oidc/with-undici.ts', `import { request } from 'undici'`],
  ['sockets-only-in-outbound', 'src/web/with-net.ts', `import { connect } from 'node:net'`],
  ['sockets-only-in-outbound', 'src/storage/with-dns.ts', `import { lookup } from 'node:dns/promises'`],
  ['sockets-only-in-outbound', 'src/oidc/with-tls.ts', `import { connect } from 'tls'`],
  ['http-only-where-served', 'src/storage/with-http.ts', `import { get } from 'node:http'`],
  ['src-imports-only-protocol-of-packages', 'src/web/with-agent.ts', `import { agent } from '@sekisho/agent'`],
  [
    'src-imports-only-protocol-of-packages',
    'src/main/with-card.ts',
    `import type { card } from '@sekisho/virtual-card'`,
  ],
  [
    'src-imports-only-protocol-of-packages',
    'src/main/with-path.ts',
    `import { jpki } from '../../packages/virtual-jpki/src/index.ts'`,
  ],
  [
    'src-imports-only-protocol-of-packages',
    'src/certificate/with-jpki.ts',
    `const jpki = await import('@sekisho/virtual-jpki')`,
  ],
  ['nothing-imports-main', 'src/web/with-main.ts', `import { serve } from '../main/serve.ts'`],
  ['src-imports-no-test-or-tool', 'src/web/with-test.ts', `import { fixture } from '../../test/support/fixture.ts'`],
  [
    'packages-import-no-src',
    'packages/virtual-jpki/src/with-src.ts',
    `import { check } from '../../../src/certificate/check.ts'`,
  ],
  [
    'packages-import-no-src',
    'packages/agent/test/with-src.ts',
    `import type { check } from '../../../src/certificate/check.ts'`,
  ],
  ['agent-imports-no-virtual-parts', 'packages/agent/src/with-card.ts', `import { card } from '@sekisho/virtual-card'`],
  ['protocol-imports-no-package', 'packages/protocol/src/with-agent.ts', `import { agent } from '@sekisho/agent'`],
  [
    'examples-import-neither-src-nor-packages',
    'examples/relying-party/with-src.ts',
    `import { check } from '../../src/certificate/check.ts'`,
  ],
  [
    'examples-import-neither-src-nor-packages',
    'examples/relying-party/with-protocol.ts',
    `import { FORMAT } from '@sekisho/protocol'`,
  ],
  ['no-circular', 'src/web/about.ts', `import './round.ts'`],
  ['not-to-unresolvable', 'src/web/with-nothing.ts', `import { nothing } from './nothing.ts'`],
  ['not-to-dev-dependency', 'src/web/with-dev.ts', `import { chromium } from 'playwright-core'`],
  ['not-to-undeclared', 'src/web/with-undeclared.ts', `import { parse } from 'acorn'`],
]

/** What the rules must leave alone. */
const CLEAN = {
  'src/certificate/check.ts': `import { createHash } from 'node:crypto'\nimport { Certificate } from 'pkijs'\nexport const check = [createHash, Certificate]`,
  'src/storage/store.ts': `import pg from 'pg'\nimport { Redis } from 'ioredis'\nimport type { check } from '../certificate/check.ts'\nexport type Store = [typeof pg, typeof Redis, typeof check]`,
  'src/oidc/provider.ts': `import Provider from 'oidc-provider'\nimport type { IncomingMessage } from 'node:http'\nexport type P = [Provider, IncomingMessage]`,
  'src/web/app.ts': `import express from 'express'\nimport { createServer } from 'node:http'\nexport const app = [express, createServer]`,
  'src/web/round.ts': `import './about.ts'`,
  'src/outbound/fetch-ocsp.ts': `import { request } from 'undici'\nimport { lookup } from 'node:dns'\nexport const ask = [request, lookup]`,
  'src/sign-in/transcript.ts': `import { FORMAT } from '@sekisho/protocol'\nexport const format = FORMAT`,
  'src/main/serve.ts': `import { app } from '../web/app.ts'\nimport { createServer } from 'node:net'\nexport const serve = [app, createServer]`,
  'src/main/demo/start.ts': `import { card } from '@sekisho/virtual-card'\nimport { jpki } from '@sekisho/virtual-jpki'\nimport { agent } from '@sekisho/agent'\nimport { request } from 'undici'\nexport const demo = [card, jpki, agent, request]`,
  'packages/protocol/src/index.ts': `export const FORMAT = 'sekisho:1'`,
  'packages/agent/src/index.ts': `import { FORMAT } from '@sekisho/protocol'\nexport const agent = FORMAT`,
  'packages/agent/test/agent.test.ts': `import { card } from '@sekisho/virtual-card'\nimport { test } from 'vitest'\ntest('x', () => card)`,
  'packages/virtual-card/src/index.ts': `export const card = 1`,
  'packages/virtual-jpki/src/index.ts': `import { X509Certificate } from '@peculiar/x509'\nexport const jpki = X509Certificate`,
  'examples/relying-party/server.ts': `import express from 'express'\nimport * as client from 'openid-client'\nexport const shop = [express, client]`,
  'test/support/fixture.ts': `import { app } from '../../src/web/app.ts'\nimport { Certificate } from 'pkijs'\nexport const fixture = [app, Certificate]`,
}

interface Violation {
  readonly from: string
  readonly rule: { readonly name: string; readonly severity: string }
}

const house = createTempDirectory('imports', join(REPOSITORY, '.test'))
let violations: readonly Violation[] = []

beforeAll(() => {
  plantFiles(house.path, CLEAN)
  plantFiles(house.path, Object.fromEntries(VIOLATIONS.map(([, file, source]) => [file, `${source}\n`])))
  const packages = ['protocol', 'agent', 'virtual-card', 'virtual-jpki'] as const
  linkWorkspaces(house.path, packages)
  for (const file of ['package.json', 'tsconfig.json']) copyFileSync(join(REPOSITORY, file), join(house.path, file))
  for (const folder of [...packages.map((name) => `packages/${name}`), 'examples/relying-party']) {
    copyFileSync(join(REPOSITORY, folder, 'package.json'), join(house.path, folder, 'package.json'))
  }
  const config = join(REPOSITORY, '.dependency-cruiser.cjs')
  const cruise = join(REPOSITORY, 'node_modules', '.bin', 'depcruise')
  const folders = ['src', 'packages', 'examples', 'test']
  const { stdout, stderr } = spawnSync(cruise, ['--config', config, '--output-type', 'json', ...folders], {
    cwd: house.path,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  expect(stderr).toBe('')
  const report = JSON.parse(stdout) as { summary: { violations: readonly Violation[] } }
  violations = report.summary.violations
})

afterAll(() => house.remove())

describe('a planted violation is an error', () => {
  test.each(VIOLATIONS)('%s: %s', (rule, file) => {
    const caught = violations.filter(({ from, rule: { severity } }) => from === file && severity === 'error')
    expect(caught.map(({ rule: { name } }) => name)).toContain(rule)
  })
})

test('every rule of the configuration has a planted violation', () => {
  const { forbidden } = createRequire(import.meta.url)(join(REPOSITORY, '.dependency-cruiser.cjs')) as {
    forbidden: readonly { name: string; severity: string }[]
  }
  expect(new Set(VIOLATIONS.map(([rule]) => rule))).toEqual(new Set(forbidden.map(({ name }) => name)))
  expect(forbidden.every(({ severity }) => severity === 'error')).toBe(true)
})

test('what is allowed is left alone', () => {
  const planted = new Set(VIOLATIONS.map(([, file]) => file))
  expect(violations.filter(({ from }) => !planted.has(from))).toEqual([])
})

test('the lint command cruises every folder that holds code', () => {
  const { scripts } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  expect(scripts['lint:imports']).toMatch(/^depcruise .* src packages examples$/)
  expect(scripts['lint']).toContain('lint:imports')
})
