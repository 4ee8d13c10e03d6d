// Everything works without this file. It says that the card is being read, and keeps a second press from sending the form again
// (which the agent would not act upon anyway: a form's PIN is presented once).
'use strict'

for (const form of document.querySelectorAll('form')) {
  form.addEventListener('submit', (event) => {
    if (form.dataset.sent === 'true') {
      event.preventDefault()
      return
    }
    form.dataset.sent = 'true'
    for (const button of document.querySelectorAll('button')) button.setAttribute('aria-disabled', 'true')
    say(form.dataset.busy)
  })
}

const retry = document.querySelector('#retry')
retry?.addEventListener('click', () => {
  say(retry.dataset.busy)
})

// Back from the history: the page as it was is not the page as it is.
window.addEventListener('pageshow', (event) => {
  if (event.persisted) window.location.reload()
})

function say(text) {
  const status = document.querySelector('.busy')
  if (status !== null && text !== undefined) status.textContent = text
}
