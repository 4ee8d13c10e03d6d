import { expect, test, vi } from 'vitest'
import {
  DEBIAN_PACKAGES,
  installCommand,
  installPackages,
  missingPackages,
} from '../../scripts/testing/debian-packages.ts'
import { LAYERS } from '../../scripts/testing/layers.ts'

test('a command that is not on the path is missing', () => {
  vi.stubEnv('PATH', '/nonexistent')
  expect(missingPackages()).toEqual(expect.arrayContaining(['redis-server', 'opensc', 'openssl']))
})

test('whoever may not install is told what is missing, and nothing is tried', () => {
  vi.spyOn(process, 'getuid').mockReturnValue(1000)
  expect(installPackages(['chromium', 'opensc'])).toEqual(['chromium', 'opensc'])
})

test('root without apt-get cannot either', () => {
  vi.spyOn(process, 'getuid').mockReturnValue(0)
  vi.stubEnv('PATH', '/nonexistent')
  expect(installPackages(['chromium'])).toEqual(['chromium'])
})

test('the command can be pasted', () => {
  expect(installCommand(['chromium', 'opensc'])).toBe(
    'sudo apt-get update && sudo apt-get install --yes --no-install-recommends chromium opensc',
  )
})

test('every package is needed by some layer', () => {
  expect(new Set(LAYERS.flatMap(({ needs }) => [...needs]))).toEqual(new Set(DEBIAN_PACKAGES))
})
