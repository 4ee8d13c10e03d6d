import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, get, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import express from 'express'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAgentPages } from '../../src/web/agent/agent-pages.ts'
import { readDownloads } from '../../src/web/agent/read-downloads.ts'
import { loadMessages } from '../../src/web/messages.ts'
import { createRender } from '../../src/web/render.ts'
import { createTempDirectory } from '../support/temp-directory.ts'

const directory = createTempDirectory('agent-downloads')
const folder = join(directory.path, 'dist')
const SECRET = 'not for handing out'
const TARBALL = Buffer.from('the npm package')
const EXECUTABLE = Buffer.from('the executable')
const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex')
const entry = (kind: string, file: string, content: Buffer) => ({
  kind,
  file,
  bytes: content.length,
  sha256: sha256(content),
})
const GOOD = {
  format: 'sekisho-agent-downloads:1',
  version: '1.2.3',
  downloads: [
    entry('npm', 'sekisho-agent-1.2.3.tgz', TARBALL),
    entry('linux-x64', 'sekisho-agent-1.2.3-linux-x64.tar.gz', EXECUTABLE),
  ],
}
let server: Server
let origin: string

function writeDownloads(content: unknown): void {
  writeFileSync(join(folder, 'downloads.json'), JSON.stringify(content))
}

beforeAll(async () => {
  mkdirSync(folder)
  writeFileSync(join(folder, 'sekisho-agent-1.2.3.tgz'), TARBALL)
  writeFileSync(join(folder, 'sekisho-agent-1.2.3-linux-x64.tar.gz'), EXECUTABLE)
  writeFileSync(join(directory.path, 'secret'), SECRET)
  writeFileSync(join(folder, 'notes.txt'), SECRET)
  writeDownloads(GOOD)
  const root = new URL('../../', import.meta.url)
  const render = createRender({
    viewsDirectory: new URL('views/', root),
    messages: loadMessages(new URL('locales/', root)),
  })
  const app = express()
  const common = { issuer: 'https://id.example.jp', render, defaultLocale: 'ja' } as const
  app.use('/agent', createAgentPages({ ...common, downloadsDirectory: folder }))
  server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve))
  await directory.remove()
})

describe('a folder that is not one of npm run build:agent', () => {
  test.each<[string, unknown]>([
    ['another format', { ...GOOD, format: 'sekisho-agent-downloads:2' }],
    ['a file outside', { ...GOOD, downloads: [entry('npm', '../secret', Buffer.from(SECRET))] }],
    ['a path', { ...GOOD, downloads: [entry('npm', 'folder/file', TARBALL)] }],
    ['a file that is missing', { ...GOOD, downloads: [entry('npm', 'missing.tgz', TARBALL)] }],
    [
      'a file that is not whole',
      { ...GOOD, downloads: [entry('npm', 'sekisho-agent-1.2.3.tgz', Buffer.from('more of it'))] },
    ],
    ['something else in it', { ...GOOD, comment: 'x' }],
  ])('%s: refused at the start, naming the setting', (_what, content) => {
    writeDownloads(content)
    try {
      expect(() => readDownloads(folder)).toThrow('AGENT_DOWNLOADS_DIR')
    } finally {
      writeDownloads(GOOD)
    }
  })

  test('none at all', () => {
    expect(() => readDownloads(directory.path)).toThrow('AGENT_DOWNLOADS_DIR: there is no readable downloads.json')
  })
})

describe('/agent', () => {
  test.each(['ja', 'en'])(
    'lists each build with its size and checksum, and this provider’s own command, in %s',
    async (lang) => {
      const page = await (await fetch(`${origin}/agent?lang=${lang}`)).text()
      expect(page).toContain(`<html lang="${lang}">`)
      expect([...page.matchAll(/data-download="([^"]+)"/g)].map(([, kind]) => kind)).toEqual(['linux-x64', 'npm'])
      for (const { file, sha256: sum } of GOOD.downloads) {
        expect(page).toContain(`href="/agent/download/${file}"`)
        expect(page).toContain(sum)
      }
      expect(page).toContain('sekisho-agent trust add https://id.example.jp</code>')
      expect(page).not.toContain('data-empty')
    },
  )

  test.each(GOOD.downloads)('$file: handed out as it is, to be kept', async ({ file, bytes, sha256: sum }) => {
    const answer = await fetch(`${origin}/agent/download/${file}`)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/gzip'])
    expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="${file}"`)
    const content = Buffer.from(await answer.arrayBuffer())
    expect([content.length, sha256(content)]).toEqual([bytes, sum])
    expect(await statusFor(`/agent/download/${file}`, { 'if-none-match': `"${sum}"` })).toBe(304)
    expect(await statusFor(`/agent/download/${file}`, { 'if-none-match': '"another"' })).toBe(200)
  })

  test.each(['notes.txt', 'downloads.json', '..%2Fsecret', '%2e%2e%2fsecret', 'SEKISHO-AGENT-1.2.3.TGZ', ''])(
    'download/%s: nothing but what is listed',
    async (file) => {
      const answer = await fetch(`${origin}/agent/download/${file}`)
      expect(answer.status).toBe(404)
      expect(await answer.text()).not.toContain(SECRET)
    },
  )
})

/** `fetch` asks every cache to look away when it is given a condition. */
function statusFor(path: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(`${origin}${path}`, { headers }, (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    }).on('error', reject)
  })
}
