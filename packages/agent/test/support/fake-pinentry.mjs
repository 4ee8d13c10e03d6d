#!/usr/bin/env node
// A pinentry that answers by script. FAKE_PINENTRY: how it behaves; FAKE_PINENTRY_LOG: where it writes what it was told.
import { appendFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

const { FAKE_PINENTRY: script = '{}', FAKE_PINENTRY_LOG: log } = process.env
const { greeting = 'OK Pleased to meet you', getpin = ['D 7294', 'OK'], confirm = ['OK'], refuse } = JSON.parse(script)
const say = (line) => process.stdout.write(line.includes('\n') ? line : `${line}\n`)

if (greeting === 'exit') process.exit(1)
if (greeting !== 'silence') say(greeting)
createInterface({ input: process.stdin }).on('line', (line) => {
  if (log !== undefined) appendFileSync(log, `${line}\n`)
  const [command] = line.split(' ')
  if (command === refuse) say('ERR 83886355 Unknown command <Pinentry>')
  else if (command === 'GETPIN' || command === 'CONFIRM') {
    const answers = command === 'GETPIN' ? getpin : confirm
    if (answers === 'exit') process.exit(1)
    if (answers !== 'silence') for (const answer of answers) say(answer)
  } else if (command === 'BYE') process.exit(0)
  else say('OK')
})
