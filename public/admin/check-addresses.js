// Says what is wrong with an address while it is written, by the server's own rules. The server says it again when the form is sent.
import { isPrivateUse, redirectUriFault, serverUriFault } from './redirect-uri-fault.js'

const form = document.getElementById('site-form')
const words = form.dataset

/** [what the rule says, the words of this page] */
const WORDS = [
  [/^must be an https: address$/, words.notHttps],
  [/^must be https: \(http:/, words.httpElsewhere],
  [/^must not contain a user name/, words.userInfo],
  [/^must not contain a fragment/, words.fragment],
  [/^must be written as (?<value>.+)$/, words.writtenOtherwise],
]

function explain(fault) {
  for (const [pattern, text] of WORDS) {
    const found = pattern.exec(fault)
    if (found !== null) return text.replace('{value}', found.groups?.value ?? '')
  }
  return fault
}

function faultOf(address, rule) {
  if (rule === 'server') return serverUriFault(address)
  const onlyForApplications = words.kind !== '' && words.kind !== 'native' && isPrivateUse(address)
  return onlyForApplications ? words.schemeOfItsOwn : redirectUriFault(address)
}

function check(field) {
  const isList = field instanceof HTMLTextAreaElement
  const lines = isList ? field.value.split('\n') : [field.value]
  const written = lines.map((line) => line.trim()).filter((line) => line !== '')
  const faults = written.flatMap((address, at) => {
    const fault = faultOf(address, field.dataset.address)
    if (fault === undefined) return []
    const text = explain(fault)
    return [isList ? words.line.replace('{line}', String(at + 1)).replace('{fault}', text) : text]
  })
  const place = document.getElementById(`${field.id}-fault`)
  place.textContent = faults.join(' ')
  place.hidden = faults.length === 0
  field.toggleAttribute('aria-invalid', false)
  if (faults.length > 0) field.setAttribute('aria-invalid', 'true')
  field.setAttribute('aria-describedby', `${field.id}-hint${faults.length > 0 ? ` ${field.id}-fault` : ''}`)
}

for (const field of form.querySelectorAll('[data-address]')) {
  const place = document.getElementById(`${field.id}-fault`)
  place.setAttribute('aria-live', 'polite')
  let waiting
  // a word that is being written is not wrong yet
  field.addEventListener('input', () => {
    clearTimeout(waiting)
    waiting = setTimeout(() => check(field), 400)
  })
  field.addEventListener('change', () => check(field))
}
document.getElementById('faults')?.focus()
