import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask } from '../support/browse.ts'
import { issueCard } from '../support/issue-card.ts'
import { startStage, type Stage } from '../support/start-agent.ts'

let stage: Stage
beforeAll(async () => {
  stage = await startStage({ issued: await issueCard() })
})
afterAll(async () => {
  await stage.close()
})

const presence = (headers: Record<string, string | readonly string[]>, method = 'GET') =>
  ask(`${stage.url}/presence`, { method, headers })
const corsOf = (headers: object) => Object.keys(headers).filter((name) => name.startsWith('access-control-'))

describe('attack 23: whether the agent is there', () => {
  test.each([
    ['no Origin: a link, a picture, a script that asks without CORS', () => ({})],
    ['a stranger', () => ({ origin: 'https://evil.example' })],
    ['null', () => ({ origin: 'null' })],
    ['the agent’s own pages', () => ({ origin: stage.url })],
    ['the provider’s name with another port', () => ({ origin: 'http://localhost:1' })],
    ['the provider’s origin with more behind it', () => ({ origin: `${stage.provider.origin}.evil.example` })],
    ['the provider’s origin in other letters', () => ({ origin: stage.provider.origin.toUpperCase() })],
    ['two Origins, one of them trusted', () => ({ origin: [stage.provider.origin, 'https://evil.example'] })],
    ['a foreign Host', () => ({ origin: stage.provider.origin, host: 'evil.example' })],
  ])('%s: the refusal that every request of a stranger gets, unreadable', async (_what, headers) => {
    const { status, code, headers: answered } = await presence(headers())
    expect([status, code]).toEqual([403, 'REQUEST_FOREIGN'])
    expect(corsOf(answered)).toEqual([])
    expect(answered['cross-origin-resource-policy']).toBe('same-origin')
  })

  test.each(['OPTIONS', 'POST', 'HEAD'])('%s of a trusted provider: nothing is granted', async (method) => {
    const { status, headers } = await presence({ origin: stage.provider.origin }, method)
    expect(status).toBeGreaterThanOrEqual(400)
    expect(corsOf(headers)).toEqual([])
  })

  test('a trusted provider: an empty answer that its page alone may read; nothing else opens to it', async () => {
    const { status, text, headers } = await presence({ origin: stage.provider.origin, 'sec-fetch-mode': 'cors' })
    expect([status, text]).toEqual([204, ''])
    expect(headers['access-control-allow-origin']).toBe(stage.provider.origin)
    expect(headers['vary']).toContain('Origin')
    expect(headers['cache-control']).toBe('no-store')
    expect(corsOf(headers)).toEqual(['access-control-allow-origin'])
    for (const path of ['/', '/doctor', '/assets/agent.js', '/sign-in/watch']) {
      const other = await ask(`${stage.url}${path}`, { headers: { origin: stage.provider.origin } })
      expect(corsOf(other.headers)).toEqual([])
    }
  })
})
