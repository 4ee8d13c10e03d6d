import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FAULTS } from '../../faults/fault-table.ts'
import { startFaultWorld, type FaultWorld } from '../../faults/fault-world.ts'
import { createHistory } from '../../faults/history.ts'
import { runFaults } from '../../faults/run-faults.ts'
import { createTempDirectory } from '../support/temp-directory.ts'

/** Of each kind one; all of them: `npm run faults`. */
const CHOSEN = ['server killed', 'PostgreSQL killed', 'answers of Redis are lost', 'Redis back in time']

const directory = createTempDirectory('faults')
let world: FaultWorld

beforeAll(async () => {
  world = await startFaultWorld({ smallDisk: false })
})
afterAll(async () => {
  await world.close()
  await directory.remove()
})

test('attacks 40 and 41: nothing that was told is lost, used twice or granted in doubt, and all recovers by itself', async () => {
  const faults = FAULTS.filter(({ name }) => CHOSEN.includes(name))
  expect(faults).toHaveLength(CHOSEN.length)
  const history = createHistory(join(directory.path, 'history.jsonl'))
  const violations = await runFaults({
    world,
    faults,
    history,
    personas: ['taro', 'hanako'],
    faultMs: 700,
    onProgress: () => undefined,
  })
  expect(violations).toEqual([])
  const granted = history.entries.filter((entry) => entry.op === 'redeem' && entry.told === 'ok')
  const refused = history.entries.filter((entry) => entry.op === 'redeem' && entry.told === 'refused')
  const linked = history.entries.filter((entry) => entry.op === 'link' && entry.told === 'ok')
  expect(linked.length).toBeGreaterThan(8)
  // a run in which nobody got anything, or nobody tried anything twice, shows nothing
  expect(granted.length).toBeGreaterThan(4)
  expect(refused.length).toBeGreaterThan(4)
}, 180_000)
