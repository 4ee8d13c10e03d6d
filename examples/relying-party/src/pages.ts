import type { Member } from './members.ts'
import type { User } from './users.ts'
import { wordsIn, type Language } from './words.ts'

/** The shop's few pages. Everything that comes from outside is escaped. */

export type Failure = 'cancelled' | 'later' | 'again'

export interface ButtonScript {
  readonly src: string
  readonly integrity: string
}

/** Without JavaScript, the link inside the element is the button. */
export function welcomePage(language: Language, { src, integrity }: ButtonScript): string {
  const words = wordsIn(language)
  return page(
    language,
    words.title,
    `<p>${words.lead}</p>
    <sign-in-with-my-number-card id="sign-in" size="large"><a class="button" href="/sign-in">${words.signIn}</a></sign-in-with-my-number-card>
    <p><a id="member-page" href="/member">${words.member}</a></p>
    <script type="module" src="${escape(src)}" integrity="${escape(integrity)}" crossorigin="anonymous"></script>`,
  )
}

export function claimsPage(
  language: Language,
  claims: Readonly<Record<string, unknown>>,
  {
    user,
    member,
    hasOrders,
  }: { readonly user: User | undefined; readonly member: Member | undefined; readonly hasOrders: boolean },
): string {
  const words = wordsIn(language)
  const rows = Object.entries(claims)
    .map(([name, value]) => `<tr><th scope="row">${escape(name)}</th><td>${escape(JSON.stringify(value))}</td></tr>`)
    .join('')
  const hello = user?.nickname ? `<p id="hello">${words.hello.replace('{name}', () => escape(user.nickname))}</p>` : ''
  const known =
    member === undefined ? '' : `<p id="member">${words.youAre.replace('{name}', () => escape(member.name))}</p>`
  const orders = hasOrders ? `<a id="orders" href="/orders">${words.orders}</a>` : ''
  return page(
    language,
    words.welcome,
    `${hello}${known}<p>${words.sub}<br><strong class="sub" id="sub">${escape(String(claims['sub']))}</strong></p><p>${words.note}</p>
    <nav><a id="settings" href="/settings">${words.settings}</a>${orders}<a id="another-card" href="/sign-in?card=again">${words.another}</a></nav>
    <form method="post" action="/sign-out"><button class="button quiet">${words.signOut}</button></form>
    <table><caption>${words.claims}</caption><thead><tr><th scope="col">${words.name}</th><th scope="col">${words.value}</th></tr></thead>
    <tbody>${rows}</tbody></table>
    <script type="application/json" id="claims">${JSON.stringify(claims).replaceAll('<', '\\u003c')}</script>`,
  )
}

/** @param query of the way to the provider: which page it is for, and how the card must be used */
export function stepUpPage(
  language: Language,
  text: 'stepUpText' | 'stepUpOrders',
  query: Readonly<Record<string, string>>,
): string {
  const words = wordsIn(language)
  return page(
    language,
    words.stepUp,
    `<p>${words[text]}</p>
    <p><a class="button" id="step-up" href="/sign-in?${escape(new URLSearchParams(query).toString())}">${words.stepUpButton}</a></p>
    <p><a href="/">${words.back}</a></p>`,
  )
}

/** How members signed in before the card, and still may. */
export function memberSignInPage(language: Language, isRefused: boolean): string {
  const words = wordsIn(language)
  return page(
    language,
    words.member,
    `${isRefused ? `<p role="alert">${words.memberRefused}</p>` : ''}<p>${words.memberHint}</p>
    <form method="post" action="/member"><label for="member-id">${words.memberId}</label><input id="member-id" name="id" autocomplete="username" required>
    <label for="password">${words.password}</label><input id="password" name="password" type="password" autocomplete="current-password" required>
    <button class="button">${words.memberSignIn}</button></form><p><a href="/">${words.back}</a></p>`,
  )
}

export type LinkNotice = 'linked' | 'linkRefused' | 'notLinked'

export function memberPage(language: Language, { name }: Member, notice: LinkNotice | undefined): string {
  const words = wordsIn(language)
  return page(
    language,
    words.memberPage,
    `${notice === undefined ? '' : `<p role="status" id="notice">${words[notice]}</p>`}<p>${words.youAre.replace('{name}', () => escape(name))}</p>
    <p>${words.linkText}</p><form method="post" action="/link"><button class="button" id="link">${words.linkButton}</button></form>
    <p><a href="/">${words.back}</a></p>`,
  )
}

export interface Order {
  readonly id: number
  readonly item: string
}

export function ordersPage(language: Language, orders: readonly Order[], isPaid: boolean): string {
  const words = wordsIn(language)
  const items = orders.map(
    ({ id, item }) =>
      `<li><form method="post" action="/orders/${id}/payment">${escape(item)} <button class="button">${words.pay}</button></form></li>`,
  )
  return page(
    language,
    words.orders,
    `${isPaid ? `<p role="status">${words.paid}</p>` : ''}<ul>${items.join('')}</ul><p><a href="/">${words.back}</a></p>`,
  )
}

export function settingsPage(language: Language, { since, nickname }: User): string {
  const words = wordsIn(language)
  return page(
    language,
    words.settings,
    `<form method="post" action="/settings"><label for="nickname">${words.nickname}</label>
    <input id="nickname" name="nickname" maxlength="40" value="${escape(nickname)}"><button class="button">${words.save}</button></form>
    <p>${words.since} <time datetime="${since.toISOString()}">${dayIn(language, since)}</time></p><p><a href="/">${words.back}</a></p><hr>
    <form method="post" action="/leave"><p>${words.leaveText}</p><button class="button quiet">${words.leave}</button></form>`,
  )
}

export function leftPage(language: Language, accountPage: string): string {
  const words = wordsIn(language)
  return page(
    language,
    words.left,
    `<p role="status">${words.leftText}</p><p><a href="${escape(accountPage)}">${words.leftProvider}</a></p>
    <p><a href="/">${words.back}</a></p>`,
  )
}

export function failurePage(language: Language, failure: Failure, error: string): string {
  const words = wordsIn(language)
  return page(
    language,
    words.failed,
    `<p role="alert" data-oauth-error="${escape(error)}">${words[failure]}</p><p><code>${escape(error)}</code></p>
    <p><a class="button" href="/sign-in">${words.signIn}</a></p><p><a href="/">${words.back}</a></p>`,
  )
}

function dayIn(language: Language, date: Date): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'Asia/Tokyo' }).format(date)
}

function page(language: Language, title: string, body: string): string {
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title><link rel="stylesheet" href="/style.css"></head>
<body><main><h1>${escape(title)}</h1>${body}</main></body></html>`
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
