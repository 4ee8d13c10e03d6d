/**
 * A reader's name as a page or a report may show it. pcscd puts the device's serial number in round brackets and a slot number at
 * the end, for instance "SCR 3310 [CCID Interface] (53311507205621) 00 00".
 */
export function showReaderName(name: string): string {
  return (
    name
      .replace(/\([^()]*\d[^()]*\)/g, '')
      .replace(/( \d\d){2}$/, '')
      .replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '')
      .replace(/ {2,}/g, ' ')
      .trim()
      .slice(0, 80) || '?'
  )
}
