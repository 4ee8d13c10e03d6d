/** One bar: what stands below it, and its parts from the bottom up. */
export interface Bar {
  readonly label: string
  readonly parts: readonly { readonly className: string; readonly value: number }[]
}

const WIDTH = 720
const HEIGHT = 220
const LEFT = 44
const BOTTOM = 34
const TOP = 12
const GAP = 0.25
/** More labels than that run into each other. */
const MAX_LABELS = 8

/**
 * Stacked bars as inline SVG, without a script or a style in it: colours come from classes (public/admin.css), in both schemes. What it
 * shows must stand beside it as a table: it is an image to those who do not see it.
 *
 * @param title what it is, for those who hear it
 */
export function drawBars(bars: readonly Bar[], { id, title }: { readonly id: string; readonly title: string }): string {
  const highest = Math.max(0, ...bars.map(({ parts }) => sum(parts)))
  const top = niceCeiling(highest)
  const height = HEIGHT - TOP - BOTTOM
  const step = (WIDTH - LEFT) / Math.max(1, bars.length)
  const y = (value: number): number => TOP + height - (value / top) * height
  const every = Math.max(1, Math.ceil(bars.length / MAX_LABELS))

  const lines = [0, top / 2, top]
    .filter(Number.isInteger)
    .map(
      (value) =>
        `<line class="chart-line" x1="${LEFT}" x2="${WIDTH}" y1="${round(y(value))}" y2="${round(y(value))}"/>` +
        `<text class="chart-text" x="${LEFT - 8}" y="${round(y(value) + 4)}" text-anchor="end">${value}</text>`,
    )
  const drawn = bars.map(({ label, parts }, at) => {
    const x = LEFT + at * step + (step * GAP) / 2
    let below = 0
    const rectangles = parts
      .filter(({ value }) => value > 0)
      .map(({ className, value }) => {
        const bottom = y(below)
        below += value
        // what happened once among thousands is still to be seen
        const tall = Math.max(1.5, bottom - y(below))
        return `<rect class="${escape(className)}" x="${round(x)}" y="${round(bottom - tall)}" width="${round(step * (1 - GAP))}" height="${round(tall)}"/>`
      })
    const text =
      at % every === 0
        ? `<text class="chart-text" x="${round(x + (step * (1 - GAP)) / 2)}" y="${HEIGHT - 12}" text-anchor="middle">${escape(label)}</text>`
        : ''
    return rectangles.join('') + text
  })
  return (
    `<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="${escape(id)}" focusable="false">` +
    `<title id="${escape(id)}">${escape(title)}</title>${lines.join('')}${drawn.join('')}</svg>`
  )
}

function sum(parts: Bar['parts']): number {
  return parts.reduce((total, { value }) => total + value, 0)
}

/** 1, 2 or 5 times a power of ten: a scale that people read. */
export function niceCeiling(value: number): number {
  if (value <= 2) return 2
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 2, 5, 10].find((factor) => value <= factor * power) ?? 10) * power
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
