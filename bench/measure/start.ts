import { fileURLToPath } from 'node:url'
import { AUTHENTICATION_PIN } from '@sekisho/virtual-jpki'
import { createScriptedBrowser } from '../../src/main/demo/scripted-browser.ts'
import { signInOnce } from '../../src/main/demo/sign-in-once.ts'
import { freePort } from '../../test/support/free-port.ts'
import { pollUntil } from '../../test/support/poll-until.ts'
import { createTempDirectory } from '../../test/support/temp-directory.ts'
import type { Bench } from '../bench.ts'
import { medianOf } from '../judge/statistics.ts'
import { openConnection } from '../load/http-connection.ts'
import { freePortRow } from '../process/free-port-row.ts'
import { startServer } from '../process/start-server.ts'

const COMMAND = fileURLToPath(new URL('../../bin/sekisho.js', import.meta.url))
/** Small beside what is measured. */
const POLL_MS = 4
const CEREMONIES = 7
const QUICK_CEREMONIES = 3
/** What `--port-base` takes, and one to spare. */
const DEMO_PORTS = 8

/** From the command to the first answer, and from the click to the site. */
export async function measureStart(bench: Bench): Promise<void> {
  await measureServe(bench)
  await measureDemonstration(bench)
}

/** Both start on what is there already: database and Redis run, the schema is in place. */
async function measureServe(bench: Bench): Promise<void> {
  const times = { stock: [] as number[], ours: [] as number[], firstLogIn: [] as number[] }
  const [ours, cards] = [await bench.arena.ours(), await bench.arena.cards()]
  for (let round = 0; round < bench.rounds; round++) {
    const stock = await bench.arena.anotherStock()
    times.stock.push(stock.readyMs)
    await stock.stop()

    const port = await freePort()
    const origin = `http://localhost:${port}`
    // the port in a callback does not matter; the issuer's must be the one that is listened on
    const server = await startServer({
      name: 'sekisho serve',
      command: [process.execPath, COMMAND, 'serve'],
      env: { ...ours.environment, ISSUER: origin, PORT: String(port) },
      core: bench.arena.cores.server,
      ready: `${origin}/health/ready`,
      intervalMs: POLL_MS,
    })
    times.ours.push(server.readyMs)
    const connection = openConnection(origin)
    try {
      const card = cards[round % cards.length]
      if (card === undefined) throw new Error('there is no card')
      const beganAt = performance.now()
      await ours.logInAt(origin, connection, card)
      times.firstLogIn.push(performance.now() - beganAt)
    } finally {
      await connection.close()
      await server.stop()
    }
  }
  bench.fact('stock: from the command to its first answer', medianOf(times.stock) / 1000, 's')
  bench.reach('startReady', medianOf(times.ours) / 1000)
  bench.reach('startBesideStock', medianOf(times.ours.map((ms, round) => ms / (times.stock[round] ?? Number.NaN))))
  bench.reach('firstLogIn', medianOf(times.firstLogIn))
}

/** `npm start` after an install: nothing is there yet. */
async function measureDemonstration(bench: Bench): Promise<void> {
  const directory = createTempDirectory('bench-demo')
  const base = await freePortRow(DEMO_PORTS)
  const shopUrl = `http://localhost:${base + 1}`
  const server = await startServer({
    name: 'npm start',
    command: [process.execPath, COMMAND, 'demo', '--data', directory.path, '--port-base', String(base), '--lang', 'en'],
    env: {},
    core: bench.arena.cores.server,
    ready: async () => {
      const browser = createScriptedBrowser({ acceptLanguage: 'en' })
      const page = await browser.follow(await browser.open(shopUrl), '/sign-in')
      return page.html.includes('id="use-card"')
    },
    intervalMs: POLL_MS,
  })
  try {
    bench.reach('startPage', server.readyMs / 1000)
    // the agent comes last
    await pollUntil(
      () =>
        fetch(`http://127.0.0.1:${base + 3}/`).then(
          () => true,
          () => false,
        ),
      { deadlineMs: 30_000, complaint: 'the agent did not get ready' },
    )
    const [pages, ceremonies]: [number[], number[]] = [[], []]
    // the first one creates the account and asks for consent
    for (let time = 0; time <= (bench.isQuick ? QUICK_CEREMONIES : CEREMONIES); time++) {
      const steps: { readonly step: string; readonly at: number }[] = []
      const result = await signInOnce({
        shopUrl,
        pin: AUTHENTICATION_PIN,
        locale: 'en',
        onStep: (step) => steps.push({ step, at: performance.now() }),
      })
      const endedAt = performance.now()
      if (!result.ok) throw new Error(`the demonstration refused: ${result.code}`)
      const click = steps.findIndex(({ step }) => step.includes('use my card'))
      const [clickAt, pinAt] = [steps[click]?.at ?? Number.NaN, steps[click + 1]?.at ?? Number.NaN]
      if (time === 0) continue
      pages.push(pinAt - clickAt)
      // until the site shows who it is: with the card's own time, which is this machine's too
      ceremonies.push((steps[click + 2]?.at ?? endedAt) - clickAt)
    }
    bench.reach('agentPage', medianOf(pages))
    bench.reach('ceremony', medianOf(ceremonies))
  } finally {
    await server.stop()
    await directory.remove()
  }
}
