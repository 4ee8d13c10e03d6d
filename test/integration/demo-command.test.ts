import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTempDirectory } from '../support/temp-directory.ts'

const COMMAND = fileURLToPath(new URL('../../bin/sekisho.js', import.meta.url))
const directory = createTempDirectory('demo-command')
afterAll(() => directory.remove())

async function run(...options: string[]) {
  const child = spawn(process.execPath, [COMMAND, 'demo', '--once', ...options], { stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  const lines = stdout.trimEnd().split('\n')
  return { status: await exited, result: JSON.parse(lines.at(-1) ?? '') as unknown, lines: lines.length, stderr }
}

describe('“--once” that cannot begin ends with one line of JSON', () => {
  let busy: number
  const squatter = createServer()
  beforeAll(async () => {
    busy = await new Promise((resolve) => {
      squatter.listen(0, '127.0.0.1', () => {
        resolve((squatter.address() as { port: number }).port)
      })
    })
  })
  afterAll(() => new Promise((resolve) => squatter.close(resolve)))

  test.each([
    ['another card', ['--card', 'nobody'], 1, 'COMMAND_INVALID'],
    ['a data directory that is a file', () => ['--data', fileIn('file')], 69, 'DATA_DIRECTORY_UNUSABLE'],
    ['a directory that is somebody’s', () => ['--data', foreign()], 69, 'DATA_DIRECTORY_UNUSABLE'],
    ['a busy port', () => ['--data', join(directory.path, 'fresh'), '--port-base', String(busy - 2)], 69, 'PORT_TAKEN'],
  ] as const)('%s', async (_name, options, status, code) => {
    const ended = await run(...(typeof options === 'function' ? options() : options))
    expect(ended).toMatchObject({ status, result: { ok: false, code }, lines: 1 })
    expect(ended.stderr).not.toMatch(/\n {4}at /)
  })

  test('nothing was written into somebody’s directory', () => {
    expect(readdirSync(join(directory.path, 'foreign'))).toEqual(['letter'])
  })

  function fileIn(name: string): string {
    const file = join(directory.path, name)
    writeFileSync(file, 'x')
    return file
  }

  function foreign(): string {
    const path = join(directory.path, 'foreign')
    mkdirSync(path, { recursive: true })
    chmodSync(path, 0o755)
    writeFileSync(join(path, 'letter'), 'x')
    return path
  }
})
