import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import express from 'express'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createButtonPages } from '../../src/web/button/button-pages.ts'
import { readButtonFiles } from '../../src/web/button/read-button-files.ts'
import { createTempDirectory } from '../support/temp-directory.ts'

const directory = createTempDirectory('button-files')
const buttonDirectory = pathToFileURL(`${directory.path}/`)
let server: Server
let origin: string

beforeAll(async () => {
  for (const version of ['0.9.0', '0.10.0', '0.2.0']) {
    mkdirSync(join(directory.path, version))
    writeFileSync(join(directory.path, version, 'button.js'), `// ${version}`)
  }
  mkdirSync(join(directory.path, 'notes'))
  const app = express()
  app.use(
    createButtonPages({ issuer: 'https://id.example.jp', render: () => '', defaultLocale: 'ja', buttonDirectory }),
  )
  server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve))
  await directory.remove()
})

describe('a file for other sites', () => {
  test.each([
    ['/button.js', '// 0.10.0', 'public, max-age=3600'],
    ['/button/0.10.0/button.js', '// 0.10.0', 'public, max-age=31536000, immutable'],
    ['/button/0.2.0/button.js', '// 0.2.0', 'public, max-age=31536000, immutable'],
  ])('%s is %s, with the headers that integrity and crossorigin need', async (path, code, cacheControl) => {
    const answer = await fetch(`${origin}${path}`)
    expect(await answer.text()).toBe(code)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': cacheControl,
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
      etag: `"sha384-${createHash('sha384').update(code).digest('base64')}"`,
    })
  })

  test('who has it already gets no second copy', async () => {
    const etag = (await fetch(`${origin}/button.js`)).headers.get('etag') ?? ''
    // left out, fetch would ask for a fresh one
    const headers = { 'if-none-match': etag, 'cache-control': 'max-age=0' }
    expect((await fetch(`${origin}/button.js`, { headers })).status).toBe(304)
  })

  test.each([
    '/button/0.3.0/button.js',
    '/button/notes/button.js',
    '/button/..%2f0.2.0/button.js',
    '/button/',
    '/BUTTON.js',
  ])('%s is none', async (path) => {
    expect((await fetch(`${origin}${path}`)).status).toBe(404)
  })

  test('newest first, by number and not by letter', () => {
    expect(readButtonFiles(buttonDirectory).map(({ version }) => version)).toEqual(['0.10.0', '0.9.0', '0.2.0'])
  })

  test('without a single one the server does not start', () => {
    const empty = pathToFileURL(`${join(directory.path, 'notes')}/`)
    expect(() => readButtonFiles(empty)).toThrow(/npm run button/)
  })
})
