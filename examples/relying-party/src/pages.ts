/** The shop's few pages. Everything that comes from outside is escaped. */

const WORDS = {
  ja: {
    title: 'サンプル商店',
    lead: 'マイナンバーカードでサインインできる、サンプルのお店です。',
    signIn: 'マイナンバーカードでサインイン',
    signOut: 'サインアウト',
    another: '別のカードでサインインする',
    welcome: 'サインインしました',
    claims: '受け取ったクレーム（ID トークンの中身）',
    note: 'sub はこのサイトだけの識別子です。カードを更新しても変わりません。',
    failed: 'サインインできませんでした',
    cancelled: 'サインインは中止されました。いつでもやり直せます。',
    later: '今はサインインできません。数分後にもう一度お試しください。',
    again: 'もう一度サインインしてください。',
    back: 'お店へ戻る',
    name: '項目',
    value: '値',
  },
  en: {
    title: 'Sample shop',
    lead: 'A sample shop that you sign in to with a My Number Card.',
    signIn: 'Sign in with My Number Card',
    signOut: 'Sign out',
    another: 'Sign in with another card',
    welcome: 'You are signed in',
    claims: 'Claims received (the ID token)',
    note: 'sub is an identifier for this site only. It stays the same when the card is renewed.',
    failed: 'You are not signed in',
    cancelled: 'The sign-in was stopped. You can try again whenever you like.',
    later: 'Signing in is not possible right now. Try again in a few minutes.',
    again: 'Please sign in again.',
    back: 'Back to the shop',
    name: 'Claim',
    value: 'Value',
  },
} as const

export type Language = keyof typeof WORDS
type Failure = 'cancelled' | 'later' | 'again'

export function languageOf(acceptLanguage: string | undefined): Language {
  return acceptLanguage !== undefined && /^\s*en\b/i.test(acceptLanguage) ? 'en' : 'ja'
}

export function welcomePage(language: Language): string {
  const words = WORDS[language]
  return page(
    language,
    words.title,
    `<p>${words.lead}</p><p><a class="button" id="sign-in" href="/sign-in">${words.signIn}</a></p>`,
  )
}

export function claimsPage(language: Language, claims: Readonly<Record<string, unknown>>): string {
  const words = WORDS[language]
  const rows = Object.entries(claims)
    .map(([name, value]) => `<tr><th scope="row">${escape(name)}</th><td>${escape(JSON.stringify(value))}</td></tr>`)
    .join('')
  return page(
    language,
    words.welcome,
    `<table><caption>${words.claims}</caption><thead><tr><th scope="col">${words.name}</th><th scope="col">${words.value}</th></tr></thead>
    <tbody>${rows}</tbody></table><p>${words.note}</p>
    <script type="application/json" id="claims">${JSON.stringify(claims).replaceAll('<', '\\u003c')}</script>
    <form method="post" action="/sign-out"><button class="button quiet">${words.signOut}</button></form>
    <p><a id="another-card" href="/sign-in?card=again">${words.another}</a></p>`,
  )
}

export function failurePage(language: Language, failure: Failure, error: string): string {
  const words = WORDS[language]
  return page(
    language,
    words.failed,
    `<p role="alert" data-oauth-error="${escape(error)}">${words[failure]}</p><p><code>${escape(error)}</code></p>
    <p><a class="button" href="/sign-in">${words.signIn}</a></p><p><a href="/">${words.back}</a></p>`,
  )
}

export const STYLE = `
:root { color-scheme: light dark; --ink: #222; --paper: #fffdf8; --accent: #1d4f5c; --on: #fff; --line: #b9b2a3 }
@media (prefers-color-scheme: dark) { :root { --ink: #eee; --paper: #191816; --accent: #8fd0de; --on: #0b2127; --line: #6d675b } }
body { margin: 0 auto; max-width: 40rem; padding: 1.5rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.7 system-ui, 'Hiragino Sans', 'Noto Sans CJK JP', sans-serif }
.button { display: inline-block; box-sizing: border-box; padding: .8rem 1.4rem; border-radius: .6rem; border: 2px solid var(--accent);
  background: var(--accent); color: var(--on); font: inherit; font-weight: 700; text-decoration: none; cursor: pointer }
.quiet { background: transparent; color: inherit }
a { color: var(--accent) } a.button { color: var(--on) }
:focus-visible { outline: 3px solid #b35c00; outline-offset: 2px }
table { width: 100%; border-collapse: collapse; table-layout: fixed } caption { text-align: start; padding: .5rem 0; font-weight: 700 }
th, td { text-align: start; vertical-align: top; padding: .5rem; border-top: 1px solid var(--line); overflow-wrap: anywhere }
th { width: 32% }
`

function page(language: Language, title: string, body: string): string {
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title><link rel="stylesheet" href="/style.css"></head>
<body><main><h1>${escape(title)}</h1>${body}</main></body></html>`
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
