/** An address as the page writes it, made whole. `URL.parse` would do, in browsers of 2024 and later. */
export function toAddress(written: string | null | undefined): URL | undefined {
  try {
    return written === null || written === undefined ? undefined : new URL(written, document.baseURI)
  } catch {
    return undefined
  }
}
