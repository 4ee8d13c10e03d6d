import type { ButtonFile } from './read-button-files.ts'
import type { ButtonOptions } from './button-options.ts'

/** What a site copies. */
export interface ButtonSnippet {
  readonly html: string
  /** What a strict Content-Security-Policy of the site needs on top of what it has. */
  readonly csp: string
  /** For public clients: the script of the page at the redirect address. */
  readonly callback: string | undefined
}

/** Texts of the link inside the element: what people see where no script runs. */
export interface SnippetTexts {
  readonly label: string
  readonly needsScript: string
}

export function writeButtonSnippet(
  issuer: string,
  { version, integrity }: Pick<ButtonFile, 'version' | 'integrity'>,
  options: ButtonOptions,
  texts: SnippetTexts,
): ButtonSnippet {
  const source = `${issuer}/button/${version}/button.js`
  const html = [
    `<script type="module" src="${source}"`,
    `  integrity="${integrity}" crossorigin="anonymous"></script>`,
    '',
    `<sign-in-with-my-number-card${attributesOf(issuer, options)}>`,
    options.mode === 'link' ? `  <a href="${escape(options.href)}">${texts.label}</a>` : `  ${texts.needsScript}`,
    '</sign-in-with-my-number-card>',
  ].join('\n')
  const scripts = `script-src 'self' ${issuer}/button/`
  return options.mode === 'link'
    ? { html, csp: scripts, callback: undefined }
    : { html, csp: `${scripts}; connect-src 'self' ${issuer}`, callback: callbackOf(source) }
}

/** In the order in which a reader looks for them; what is the default anyway is left out. */
function attributesOf(issuer: string, { mode, clientId, redirectUri, language, size, theme }: ButtonOptions): string {
  const client = [
    ['issuer', issuer],
    ['client-id', clientId],
    ['redirect-uri', redirectUri],
  ] as const
  const look = [
    ['language', language === 'page' ? '' : language],
    ['size', size === 'medium' ? '' : size],
    ['theme', theme === 'page' ? '' : theme],
  ] as const
  return [...(mode === 'code' ? client : []), ...look]
    .filter(([, value]) => value !== '')
    .map(([name, value]) => ` ${name}="${escape(value)}"`)
    .join('')
}

function callbackOf(source: string): string {
  return [
    `import { finishSignIn } from '${source}'`,
    '',
    'try {',
    '  const signedIn = await finishSignIn() // undefined: nobody came back from signing in',
    '  if (signedIn) greet(signedIn.claims.sub)',
    '} catch (error) {',
    "  document.querySelector('sign-in-with-my-number-card').error = error.code",
    '}',
  ].join('\n')
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}
