import { describe, expect, test } from 'vitest'
import { readButtonOptions } from '../../../src/web/button/button-options.ts'
import { writeButtonSnippet } from '../../../src/web/button/button-snippet.ts'

const ISSUER = 'https://id.example.jp'
const FILE = { version: '1.2.3', integrity: 'sha384-abc' }
const TEXTS = { label: 'Sign in', needsScript: 'Switch on JavaScript.' }

const snippetFor = (query: Record<string, unknown>) => writeButtonSnippet(ISSUER, FILE, readButtonOptions(query), TEXTS)

describe('what somebody may put into an address', () => {
  test.each([
    ['href', 'javascript:alert(1)', 'href', '/sign-in'],
    ['href', 'data:text/html,x', 'href', '/sign-in'],
    ['href', ' ', 'href', '/sign-in'],
    ['href', '/a\nb', 'href', '/sign-in'],
    ['href', `/${'a'.repeat(600)}`, 'href', '/sign-in'],
    ['href', ['/a', '/b'], 'href', '/sign-in'],
    ['redirect-uri', 'javascript:alert(1)', 'redirectUri', '/signed-in'],
    ['client-id', 'two words', 'clientId', 'your-client-id'],
    ['client-id', '', 'clientId', 'your-client-id'],
    ['mode', 'implicit', 'mode', 'link'],
    ['language', 'fr', 'language', 'page'],
    ['size', 'huge', 'size', 'medium'],
    ['theme', '__proto__', 'theme', 'page'],
    ['state', 'constructor', 'state', 'ready'],
  ])('%s=%j becomes the default', (name, value, field, fallback) => {
    expect(readButtonOptions({ [name]: value })).toHaveProperty(field, fallback)
  })

  test.each([
    ['href', '/"><script>alert(1)</script>'],
    ['client-id', '"><script>'],
    ['redirect-uri', '/x\'"><img>'],
  ])('%s=%s stays inside its attribute', (name, value) => {
    const { html } = snippetFor({ mode: name === 'href' ? 'link' : 'code', [name]: value })
    expect(html.match(/<script/g)).toHaveLength(1)
    expect(html).not.toContain('<img')
    expect(html).toContain('&#34;')
  })
})

describe('the lines to copy', () => {
  test('from a server: an element around a link, and one source for scripts', () => {
    expect(snippetFor({ href: '/login', size: 'large', theme: 'dark', language: 'en' })).toEqual({
      html: `<script type="module" src="https://id.example.jp/button/1.2.3/button.js"
  integrity="sha384-abc" crossorigin="anonymous"></script>

<sign-in-with-my-number-card language="en" size="large" theme="dark">
  <a href="/login">Sign in</a>
</sign-in-with-my-number-card>`,
      csp: "script-src 'self' https://id.example.jp/button/",
      callback: undefined,
    })
  })

  test('in the browser: the client, where it may connect to, and the page for the way back', () => {
    const { html, csp, callback } = snippetFor({ mode: 'code', 'client-id': 'spa', 'redirect-uri': '/back' })
    expect(html).toContain(
      '<sign-in-with-my-number-card issuer="https://id.example.jp" client-id="spa" redirect-uri="/back">',
    )
    expect(csp).toBe("script-src 'self' https://id.example.jp/button/; connect-src 'self' https://id.example.jp")
    expect(callback).toContain("from 'https://id.example.jp/button/1.2.3/button.js'")
  })

  test('what is the default is left out', () => {
    expect(snippetFor({}).html).toContain('<sign-in-with-my-number-card>')
  })
})
