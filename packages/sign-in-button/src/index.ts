export { beginSignIn, type SignInOptions } from './begin-sign-in.ts'
export type { Claims } from './check-id-token.ts'
export { finishSignIn, type SignedIn } from './finish-sign-in.ts'
export { SignInButton, type SignInStart } from './sign-in-button.ts'
export { SignInError, type ButtonErrorCode } from './sign-in-error.ts'
export { type Language } from './words.ts'

import { SignInButton } from './sign-in-button.ts'

// Where the browser is too old, or there is none (rendering on a server), the link inside the element stays what it is.
if (typeof customElements !== 'undefined' && 'adoptedStyleSheets' in Document.prototype) {
  if (!customElements.get('sign-in-with-my-number-card')) {
    customElements.define('sign-in-with-my-number-card', SignInButton)
  }
}
