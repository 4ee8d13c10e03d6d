import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { untilStopped } from '../../../src/main/until-stopped.ts'

function start() {
  const signals = new EventEmitter()
  const exits: number[] = []
  let time = 0
  const stopped = untilStopped({ signals, now: () => time, exit: (code) => void exits.push(code) })
  return {
    stopped,
    exits,
    send: (signal: NodeJS.Signals, at: number) => {
      time = at
      signals.emit(signal)
    },
  }
}

test('one Ctrl-C that arrives twice, from the terminal and from who started us, is one request', async () => {
  const { stopped, exits, send } = start()
  send('SIGINT', 0)
  send('SIGINT', 5)
  send('SIGTERM', 900)
  expect(await stopped).toBe('SIGINT')
  expect(exits).toEqual([])
})

test('a second Ctrl-C, a moment later, ends at once', async () => {
  const { stopped, exits, send } = start()
  send('SIGTERM', 0)
  expect(await stopped).toBe('SIGTERM')
  send('SIGINT', 1001)
  expect(exits).toEqual([1])
})
