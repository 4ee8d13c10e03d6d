// Makes /button/preview answer at once. Without it the form and its button do the same.
const form = document.getElementById('options')
document.getElementById('apply').hidden = true

async function redraw() {
  const address = `${form.getAttribute('action')}?${new URLSearchParams(new FormData(form))}`
  const response = await fetch(address)
  if (!response.ok) return
  const made = new DOMParser().parseFromString(await response.text(), 'text/html')
  document.getElementById('result').replaceChildren(...made.getElementById('result').childNodes)
  history.replaceState(null, '', address)
  const other = made.querySelector('a.language')
  document.querySelector('a.language').href = other.getAttribute('href')
  prepare()
}

function prepare() {
  for (const button of document.querySelectorAll('[data-copy]')) button.hidden = false
}

let last = Promise.resolve()
form.addEventListener('input', () => {
  last = last.then(redraw)
})
form.addEventListener('submit', (event) => {
  event.preventDefault()
  last = last.then(redraw)
})

document.addEventListener('click', async ({ target }) => {
  const button = target instanceof Element ? target.closest('[data-copy]') : null
  if (button === null) return
  const label = button.textContent
  const code = document.getElementById(button.dataset.copy)
  try {
    await navigator.clipboard.writeText(code.textContent)
    button.textContent = button.dataset.done
    setTimeout(() => (button.textContent = label), 2000)
  } catch {
    // not allowed: then at least it is selected
    getSelection().selectAllChildren(code)
  }
})

// nobody signs in on this page: the button only says that it was pressed
document.addEventListener('sign-in-start', (event) => {
  event.preventDefault()
  const pressed = document.getElementById('pressed')
  pressed.textContent = pressed.dataset.text
})
prepare()
