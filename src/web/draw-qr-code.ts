/** Loaded when the first one is drawn: a server that starts does not wait for it. @returns SVG; `margin` in squares */
export async function drawQrCode(text: string, margin: number): Promise<string> {
  const { toString } = await import('qrcode')
  return toString(text, { type: 'svg', margin, errorCorrectionLevel: 'M' })
}
