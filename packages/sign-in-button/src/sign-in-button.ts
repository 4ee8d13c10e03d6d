import { beginSignIn } from './begin-sign-in.ts'
import { drawMark } from './draw-mark.ts'
import { codeOf, SignInError } from './sign-in-error.ts'
import { STYLE } from './style.ts'
import { toAddress } from './to-address.ts'
import { chooseLanguage, messageFor, WORDS } from './words.ts'

/** `detail` of the event `sign-in-start`: by the site's own address, or by code and PKCE from here. */
export interface SignInStart {
  readonly mode: 'link' | 'code'
}

declare global {
  interface HTMLElementTagNameMap {
    'sign-in-with-my-number-card': SignInButton
  }
}

/** On a server that renders pages there are no elements; importing this must do no harm there. */
const Base = (globalThis.HTMLElement as typeof HTMLElement | undefined) ?? (Object as unknown as typeof HTMLElement)

let sheet: CSSStyleSheet | undefined

/**
 * `<sign-in-with-my-number-card>`: a link to the site's own start address (`href`, or the link inside the element), or, with
 * `issuer`, `client-id` and `redirect-uri`, a button that begins the code flow itself. Other attributes: `scope`, `acr-values`,
 * `max-age`, `language` (ja, en, ja-easy), `size` (small, medium, large), `theme` (light, dark; else as the page), `busy`, `error`.
 *
 * Events, without anything of the person: `sign-in-start` (cancelable), `sign-in-error` with `detail.code`.
 */
export class SignInButton extends Base {
  static readonly observedAttributes = ['href', 'issuer', 'client-id', 'language', 'lang', 'busy', 'error']
  #untilDisconnected = new AbortController()

  connectedCallback(): void {
    if (this.shadowRoot === null) {
      sheet ??= new CSSStyleSheet()
      sheet.replaceSync(STYLE)
      this.attachShadow({ mode: 'open', delegatesFocus: true }).adoptedStyleSheets = [sheet]
    }
    this.#untilDisconnected = new AbortController()
    // back from the provider by the browser's own button: the page is as it was left, and nothing is under way
    addEventListener('pageshow', ({ persisted }) => persisted && this.removeAttribute('busy'), {
      signal: this.#untilDisconnected.signal,
    })
    this.#draw()
  }

  disconnectedCallback(): void {
    this.#untilDisconnected.abort()
  }

  attributeChangedCallback(): void {
    if (this.isConnected && this.shadowRoot !== null) this.#draw()
  }

  get busy(): boolean {
    return this.hasAttribute('busy')
  }

  set busy(value: boolean) {
    this.toggleAttribute('busy', value)
  }

  /** An error code: of this package, or of the provider, such as `access_denied`. */
  get error(): string | null {
    return this.getAttribute('error')
  }

  set error(code: string | null) {
    if (code === null) this.removeAttribute('error')
    else this.setAttribute('error', code)
  }

  get #mode(): SignInStart['mode'] {
    return this.hasAttribute('client-id') ? 'code' : 'link'
  }

  /** The site's own start address; a link that is no address of the web is none. */
  get #href(): string | undefined {
    const written = this.getAttribute('href') ?? this.querySelector('a')?.getAttribute('href')
    const address = toAddress(written)
    return address !== undefined && /^https?:$/.test(address.protocol) ? address.href : undefined
  }

  #draw(): void {
    const root = this.shadowRoot
    if (root === null) return
    const language = chooseLanguage(this.getAttribute('language'), this.closest<HTMLElement>('[lang]')?.lang)
    const words = WORDS[language]
    const tag = this.#mode === 'code' ? 'button' : 'a'
    let control = root.querySelector<HTMLElement>('[part=button]')
    if (control?.localName !== tag) {
      control = make(tag, { part: 'button' })
      if (tag === 'button') control.setAttribute('type', 'button')
      const label = make('span', { part: 'label' })
      label.append(make('span', { class: 'idle' }), make('span', { class: 'busy' }))
      control.append(drawMark(), label)
      control.addEventListener('click', (event) => void this.#press(event))
      root.replaceChildren(control, make('p', { part: 'message', role: 'alert' }), make('span', { role: 'status' }))
    }
    if (tag === 'a') control.setAttribute('href', this.#href ?? '')
    const { busy, error } = this
    control.lang = language === 'en' ? 'en' : 'ja'
    // やさしい日本語 has spaces between its phrases, and is broken nowhere else
    for (const text of root.querySelectorAll('.idle, .busy, [part=message]')) {
      text.classList.toggle('easy', language === 'ja-easy')
    }
    control.setAttribute('aria-busy', String(busy))
    control.setAttribute('aria-disabled', String(busy))
    write(root, '.idle', words.label)
    write(root, '.busy', words.busy)
    write(root, '[role=status]', busy ? words.busy : '')
    write(root, '[part=message]', error === null ? '' : messageFor(error, words))
  }

  async #press(event: MouseEvent): Promise<void> {
    const mode = this.#mode
    const isElsewhere = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey
    const detail: SignInStart = { mode }
    if (this.busy || !this.#tell('sign-in-start', detail)) {
      event.preventDefault()
      return
    }
    this.error = null
    if (mode === 'link') {
      if (this.#href === undefined) {
        event.preventDefault()
        this.#fail(new SignInError('configuration_invalid'))
      } else if (!isElsewhere) this.busy = true
      return
    }
    this.busy = true
    try {
      const of = (name: string): string | undefined => this.getAttribute(name) ?? undefined
      location.assign(
        await beginSignIn({
          issuer: of('issuer') ?? '',
          clientId: of('client-id') ?? '',
          redirectUri: of('redirect-uri') ?? '',
          scope: of('scope'),
          acrValues: of('acr-values'),
          maxAge: of('max-age'),
          uiLocales: this.shadowRoot?.querySelector<HTMLElement>('[part=button]')?.lang,
        }),
      )
    } catch (fault) {
      this.#fail(fault)
    }
  }

  #fail(fault: unknown): void {
    this.busy = false
    this.error = codeOf(fault)
    this.#tell('sign-in-error', { code: codeOf(fault) })
  }

  /** @returns whether nobody said no */
  #tell(type: string, detail: object): boolean {
    return this.dispatchEvent(new CustomEvent(type, { bubbles: true, composed: true, cancelable: true, detail }))
  }
}

function make(tag: string, attributes: Readonly<Record<string, string>>): HTMLElement {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  return element
}

/** Only what changed, so that a screen reader says nothing twice. */
function write(root: ShadowRoot, selector: string, text: string): void {
  const element = root.querySelector(selector)
  if (element !== null && element.textContent !== text) element.textContent = text
}
