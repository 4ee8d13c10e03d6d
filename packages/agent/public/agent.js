// Everything works without this file. It keeps the page true while readers and cards come and go, says that the card is being read,
// types the keys of the page into the field, and keeps a second press from sending the form again (which the agent would not act
// upon anyway: a form's PIN is presented once).
'use strict'

const PAUSE_MS = 1000
/** After which the agent has ended, and the page stays as it is. */
const MAX_FAILURES = 5
let watching

prepare()
void watch()

function prepare() {
  for (const form of document.querySelectorAll('form')) {
    form.addEventListener('submit', (event) => {
      if (form.id === 'keypad-form') {
        event.preventDefault()
        pressKey(event.submitter)
        return
      }
      if (form.dataset.sent === 'true') {
        event.preventDefault()
        return
      }
      form.dataset.sent = 'true'
      // What the form brings is the next page; an older one must not come in between.
      watching?.abort()
      for (const button of document.querySelectorAll('button')) button.setAttribute('aria-disabled', 'true')
      say(form.dataset.busy)
    })
  }
  const retry = document.querySelector('#retry')
  retry?.addEventListener('click', () => {
    say(retry.dataset.busy)
  })
  const hint = document.querySelector('#watching')
  if (hint !== null) hint.hidden = false
  prepareCopy()
}

// Back from the history: the page as it was is not the page as it is.
window.addEventListener('pageshow', (event) => {
  if (event.persisted) window.location.reload()
})

/** Asks the agent for the page to show instead of this one, again and again, until there is nothing to wait for. */
async function watch() {
  for (let failures = 0; failures < MAX_FAILURES;) {
    const main = document.querySelector('main')
    const token = main.querySelector('input[name="token"]')?.value
    if (main.dataset.seen === undefined || token === undefined) return
    watching = new AbortController()
    const question = new URLSearchParams({ token, seen: main.dataset.seen })
    for (const name of ['lang', 'keypad']) {
      const field = main.querySelector(`input[name="${name}"]`)
      if (field !== null) question.set(name, field.value)
    }
    try {
      const answer = await fetch('/sign-in/watch', { method: 'POST', body: question, signal: watching.signal })
      failures = 0
      if (answer.status === 200) show(await answer.text())
      else if (answer.status !== 204) return
    } catch {
      if (watching.signal.aborted) return
      failures += 1
    }
    await new Promise((resolve) => {
      setTimeout(resolve, PAUSE_MS)
    })
  }
}

/** Puts the new page in place of this one, says its heading, and leaves the focus where a person would look for it. */
function show(html) {
  const page = new DOMParser().parseFromString(html, 'text/html')
  const [before, after] = [document.querySelector('main'), page.querySelector('main')]
  if (after === null) return
  const focused = document.activeElement
  const hadFocus = before.contains(focused)
  document.title = page.title
  before.replaceWith(document.adoptNode(after))
  prepare()
  document.querySelector('#announcer').textContent = after.querySelector('h1')?.textContent ?? ''
  if (!hadFocus && focused !== document.body) return
  const same = focused.id === '' ? null : document.getElementById(focused.id)
  const next = same ?? after.querySelector('[autofocus]') ?? after.querySelector('h1')
  if (next?.tagName === 'H1') next.tabIndex = -1
  next?.focus()
}

/** A key of the page: its digit goes into the field, and nothing is sent. */
function pressKey(key) {
  const [field, typed] = [document.querySelector('#pin'), document.querySelector('#typed')]
  if (key.value === 'erase') field.value = field.value.slice(0, -1)
  else if (field.value.length < 4) field.value += key.textContent.trim()
  typed.textContent = field.value.length === 0 ? '' : typed.dataset.text.replace('{digits}', String(field.value.length))
}

function prepareCopy() {
  const button = document.querySelector('#copy')
  if (button === null || navigator.clipboard === undefined) return
  document.querySelector('#copy-row').hidden = false
  button.addEventListener('click', async () => {
    const report = document.querySelector('#report')
    report.select()
    await navigator.clipboard.writeText(report.value)
    say(button.dataset.done)
  })
}

function say(text) {
  const status = document.querySelector('.busy')
  if (status !== null && text !== undefined) status.textContent = text
}
