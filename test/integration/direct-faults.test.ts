import { createServer, request, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { answerDirectly, type DirectAnswer } from '../../src/web/direct/answer-directly.ts'
import { readBody, type BodyFault } from '../../src/web/direct/read-body.ts'

/** What goes wrong around an answer without express (docs/adr/0025). */
let stop: () => void = () => undefined
afterEach(() => {
  stop()
})

/** @returns its port */
async function serve(answer: RequestListener): Promise<number> {
  const server = createServer(answer)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  stop = () => {
    server.close()
    server.closeAllConnections()
  }
  return (server.address() as AddressInfo).port
}

describe('a body whose sender goes away after its beginning has not come', () => {
  test.each([
    ['before it is read', true],
    ['while it is read', false],
  ])('%s', async (_when, isGoneFirst) => {
    const { promise: read, resolve, reject } = Promise.withResolvers<Buffer | BodyFault>()
    const port = await serve((req) => {
      const leave = (): void => void client.destroy()
      if (isGoneFirst) {
        req.once('close', () => {
          readBody(req, 100).then(resolve, reject)
        })
        leave()
      } else {
        readBody(req, 100).then(resolve, reject)
        leave()
      }
    })
    const client = request({ host: '127.0.0.1', port, method: 'POST', headers: { 'content-length': '10' } })
    client.on('error', () => undefined)
    client.write('{}')
    expect(await read).toBe('cut-off')
  })
})

describe('an answer that fails where even its error page fails', () => {
  const ask = async (interactions: DirectAnswer): Promise<Response> => {
    const headers = [['X-Of-All', 'yes']] as const
    const port = await serve(answerDirectly({ headers, interactions, agent: interactions, others: () => undefined }))
    return fetch(`http://127.0.0.1:${port}/interaction/x`)
  }

  test('before anything was said is a fault of the server, without its words', async () => {
    const answer = await ask(() => Promise.reject(new Error('secret')))
    expect([answer.status, answer.headers.get('x-of-all'), await answer.text()]).toEqual([500, 'yes', ''])
  })

  test('in its middle ends there', async () => {
    const answer = await ask((_req, res) => {
      res.setHeader('Content-Length', 10)
      res.write('half')
      return Promise.reject(new Error('secret'))
    })
    await expect(answer.text()).rejects.toThrow()
  })
})
