import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { BUILT, buildAddressRules } from '../../scripts/build-admin-scripts.ts'
import { redirectUriFault, serverUriFault } from '../../src/relying-party/redirect-uri-fault.ts'

interface Rules {
  redirectUriFault(text: string): string | undefined
  serverUriFault(text: string): string | undefined
}

test('the browser has the rules of the server: node scripts/build-admin-scripts.ts writes them', async () => {
  expect(await readFile(BUILT, 'utf8')).toBe(await buildAddressRules())
})

test.each([
  'https://shop.example/cb',
  'https://shop.example',
  'https://shop.example/cb#here',
  'https://user@shop.example/',
  'http://shop.example/',
  'http://localhost:3000/cb',
  'com.example.shop:/cb',
  'javascript:alert(1)',
  'shop.example',
  '',
])('and says the same of “%s”', async (address) => {
  const rules = (await import(BUILT.href)) as Rules
  expect(rules.redirectUriFault(address)).toBe(redirectUriFault(address))
  expect(rules.serverUriFault(address)).toBe(serverUriFault(address))
})
