/*
 * Is the agent there? Asked after a click and never before, once, with nothing in the question (docs/adr/0020). There: the form is
 * sent as if there were no script. Not there, or nobody may say: how to get it, and a button that goes on. Without a script the form
 * does the same, and the browser says it when nothing answers.
 */
/** From the question to the answer of a program on the same computer. */
const ANSWER_WITHIN_MS = 2500
/** A person reads what the browser asks before it lets a page look (Local Network Access). */
const PERSON_WITHIN_MS = 60_000
/** After "start the agent" was pressed: how often to look, and for how long. */
const LOOK_AGAIN_MS = 1000
const LOOK_AGAIN_TIMES = 15

const form = document.getElementById('use-card')
const status = document.getElementById('looking')
const panel = document.getElementById('agent-missing')
const anyway = document.getElementById('go-anyway')
let isBusy = false

/** `granted`, `denied`, `prompt`, or undefined where the browser knows no such permission. */
async function permission() {
  for (const name of ['loopback-network', 'local-network-access']) {
    try {
      return (await navigator.permissions.query({ name })).state
    } catch {
      // another name, or none
    }
  }
  return undefined
}

/** @returns `there`, `absent`, or `unseen`: the browser did not let the page look */
async function look() {
  if ((await permission()) === 'denied') return 'unseen'
  const controller = new AbortController()
  const short = setTimeout(async () => {
    if ((await permission()) === 'prompt') status.textContent = status.dataset.asking
    else controller.abort()
  }, ANSWER_WITHIN_MS)
  const long = setTimeout(() => controller.abort(), PERSON_WITHIN_MS)
  try {
    const answer = await fetch(form.dataset.presence, {
      mode: 'cors',
      credentials: 'omit',
      cache: 'no-store',
      referrerPolicy: 'no-referrer',
      redirect: 'error',
      targetAddressSpace: 'loopback',
      signal: controller.signal,
    })
    return answer.status === 204 ? 'there' : 'absent'
  } catch {
    return (await permission()) === 'denied' ? 'unseen' : 'absent'
  } finally {
    clearTimeout(short)
    clearTimeout(long)
  }
}

/** The form as the browser would have sent it: `submit()` asks no listener. */
function goOn() {
  form.submit()
}

function showPanel(seen) {
  const wasOpen = !panel.hidden
  panel.hidden = false
  document.getElementById('agent-absent').hidden = seen === 'unseen'
  document.getElementById('agent-unseen').hidden = seen !== 'unseen'
  // where looking is not allowed, the first button goes on without
  anyway.hidden = seen === 'unseen'
  status.textContent = wasOpen ? status.dataset.still : ''
  if (!wasOpen) document.getElementById('agent-missing-title').focus()
}

form.addEventListener('submit', async (event) => {
  event.preventDefault()
  if (isBusy) return
  const isUnseen = !panel.hidden && anyway.hidden
  if (event.submitter === anyway || isUnseen) {
    goOn()
    return
  }
  isBusy = true
  status.textContent = status.dataset.looking
  try {
    const seen = await look()
    if (seen === 'there') goOn()
    else showPanel(seen)
  } finally {
    isBusy = false
  }
})

document.getElementById('start-agent').addEventListener('click', async () => {
  if (isBusy || anyway.hidden) return
  isBusy = true
  try {
    for (let times = 0; times < LOOK_AGAIN_TIMES; times += 1) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS))
      if ((await look()) !== 'there') continue
      status.textContent = status.dataset.found
      document.getElementById('continue').focus()
      return
    }
    status.textContent = status.dataset.still
  } finally {
    isBusy = false
  }
})

// back from the agent's page, as the browser kept this one
window.addEventListener('pageshow', ({ persisted }) => {
  if (persisted) status.textContent = ''
})
