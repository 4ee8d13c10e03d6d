import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  BUTTON_VERSION,
  bundleButton,
  declareButton,
  integrityOf,
  sizeOf,
} from '../../../scripts/button/bundle-button.ts'
import { createTempDirectory } from '../../../test/support/temp-directory.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..')
const COMMITTED = join(ROOT, 'public', 'button', BUTTON_VERSION, 'button.js')

let built: string
beforeAll(async () => {
  built = await bundleButton()
})

test('the committed file is a fresh build of the source: npm run button', () => {
  expect(readFileSync(COMMITTED, 'utf8')).toBe(built)
})

test('building again gives the same bytes', async () => {
  expect(await bundleButton()).toBe(built)
})

test('it is smaller than 6 kB gzipped', () => {
  expect(sizeOf(built).gzipped).toBeLessThan(6000)
})

test('it runs under a strict Content-Security-Policy: no eval, no markup from text, no inline style, no import', () => {
  expect(built).not.toMatch(/\beval\b|new Function|innerHTML|outerHTML|insertAdjacentHTML|\.style\b|document\.write/)
  expect(built).not.toMatch(/\bimport\b|\brequire\(/)
})

test('a server that renders pages may import it', async () => {
  const module = (await import(COMMITTED)) as Record<string, unknown>
  expect(Object.keys(module).sort()).toEqual(['SignInButton', 'SignInError', 'beginSignIn', 'finishSignIn'])
})

test('the command prints size and hash, and says when the file is current', () => {
  const { stdout, status } = spawnSync('node', [join(ROOT, 'scripts', 'build-button.ts'), '--check'], {
    encoding: 'utf8',
  })
  expect(status).toBe(0)
  expect(stdout).toContain(integrityOf(built))
})

describe('what npm ships', () => {
  const directory = createTempDirectory('button')
  afterAll(() => directory.remove())

  test('a program in TypeScript finds the element, its events and the functions', () => {
    const installed = join(directory.path, 'node_modules', '@sekisho', 'sign-in-button')
    declareButton(join(installed, 'dist'))
    writeFileSync(join(installed, 'dist', 'button.js'), built)
    const manifest = readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8')
    writeFileSync(join(installed, 'package.json'), manifest)
    mkdirSync(join(directory.path, 'src'))
    writeFileSync(
      join(directory.path, 'src', 'app.ts'),
      `import { beginSignIn, finishSignIn, SignInError, type Claims } from '@sekisho/sign-in-button'
       const button: HTMLElement = document.querySelector('sign-in-with-my-number-card')!
       document.querySelector('sign-in-with-my-number-card')!.error = 'access_denied'
       button.addEventListener('sign-in-start', () => undefined)
       export const sub: Promise<Claims['sub'] | undefined> = finishSignIn().then((signedIn) => signedIn?.claims.sub)
       export const address: Promise<string> = beginSignIn({ issuer: '', clientId: '', redirectUri: '' })
       // @ts-expect-error -- no such option
       void beginSignIn({ issuer: '', clientId: '', redirectUri: '', clientSecret: '' })
       export const code: string = new SignInError('access_denied').code\n`,
    )
    const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--moduleResolution', 'nodenext']
    const { stdout, status } = spawnSync(
      'tsc',
      [...flags, '--target', 'es2022', '--lib', 'es2022,dom,dom.iterable', 'src/app.ts'],
      { cwd: directory.path, encoding: 'utf8' },
    )
    expect([status, stdout]).toEqual([0, ''])
  })
})
