import { PERSONAS } from '@sekisho/virtual-jpki'
import { SOMEBODY_NEW, type BenchState, type ServiceState } from './test-bench.ts'
import { WORDS, type Language } from './words.ts'

/** What a developer of a site tries first, in this order. */
const USUAL = ['taro', 'taro-renewed', 'expired', 'revoked', 'deceased', 'pin-locked', 'one-try-left'] as const

const USUAL_NAMES: readonly string[] = USUAL

export function drawPersonaPage(
  language: Language,
  { card, tries_left: triesLeft, ...services }: BenchState,
  shopUrl: string,
): string {
  const words = WORDS[language]
  const otherLanguage = language === 'ja' ? 'en' : 'ja'
  const personaItem = (name: string): string => {
    const persona = PERSONAS.find((one) => one.name === name)
    const end = persona?.expectedCode
    return item(language, name, persona?.description[language] ?? '', end, name === card)
  }
  const others = PERSONAS.map(({ name }) => name).filter((name) => !USUAL_NAMES.includes(name))
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>${words.title} — Sekisho</title>
<link rel="stylesheet" href="/style.css"></head>
<body><header class="bar"><strong>Sekisho</strong><a class="language" href="/?lang=${otherLanguage}" lang="${otherLanguage}" hreflang="${otherLanguage}">${words.other}</a></header>
<main><p class="warning" role="note">${words.warning}</p><h1>${words.title}</h1>
<section class="card" aria-labelledby="now"><h2 id="now">${words.onReader}</h2>
<p class="item-title" id="card">${card === null ? words.nobody : escape(card)}</p>
${triesLeft === null ? '' : `<p>${words.triesLeft}: <span id="tries">${triesLeft}</span></p>`}<p>${words.pin}</p>
${card === null ? '' : form(language, '/card', 'card', '', words.takeAway)}
<p><a href="${escape(shopUrl)}">${words.shop}</a></p></section>
<h2>${words.usual}</h2><ul class="items">${USUAL.map(personaItem).join('')}${item(language, SOMEBODY_NEW, words.somebodyNew, undefined, false)}</ul>
<p class="small">${words.replaced}</p>
<h2>${words.services}</h2><ul class="items">${service(language, 'linkage', services.linkage)}${service(language, 'revocation', services.revocation)}</ul>
<p class="small">${words.remembered}</p>
<details><summary>${words.more}</summary><ul class="items">${others.map(personaItem).join('')}</ul></details>
<p class="small">${words.programs} <code>POST /api/card</code> <code>POST /api/services</code> <code>POST /api/clients</code> <code>GET /api</code></p>
</main></body></html>`
}

function item(language: Language, name: string, says: string, end: string | undefined, isThere: boolean): string {
  const words = WORDS[language]
  return `<li class="card${isThere ? ' there' : ''}"><p class="item-title">${escape(name)}${isThere ? ` <span class="badge badge-current">${words.onReader}</span>` : ''}</p>
<p>${escape(says)}</p><p class="small">${words.ends}: ${end === undefined ? words.succeeds : `<code>${escape(end)}</code>`}</p>
${form(language, '/card', 'card', name, words.put)}</li>`
}

function service(language: Language, name: 'linkage' | 'revocation', state: ServiceState): string {
  const words = WORDS[language]
  const [next, label] = state === 'up' ? ['down', words.stop] : ['up', words.start]
  return `<li class="card${state === 'down' ? ' alert' : ''}"><p class="item-title">${words[name]} <span class="badge" id="${name}">${words[state]}</span></p>
${form(language, '/services', name, next, label, words[name])}</li>`
}

function form(language: Language, action: string, name: string, value: string, label: string, what = value): string {
  return `<form method="post" action="${action}?lang=${language}"><input type="hidden" name="${name}" value="${escape(value)}">
<button class="secondary" type="submit" aria-label="${escape(what === '' ? label : `${label}: ${what}`)}">${label}</button></form>`
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
