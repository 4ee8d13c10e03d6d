/** RFC 4648 §5, without padding. */
export function encodeBase64url(octets: Uint8Array): string {
  return btoa(String.fromCharCode(...octets))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=/g, '')
}

/** UTF-8 text. @throws DOMException when it is not base64url */
export function decodeBase64url(text: string): string {
  const binary = atob(text.replace(/-/g, '+').replace(/_/g, '/'))
  return new TextDecoder().decode(Uint8Array.from(binary, (character) => character.charCodeAt(0)))
}

/** 256 bits, 43 characters. */
export function randomText(): string {
  return encodeBase64url(crypto.getRandomValues(new Uint8Array(32)))
}
