import { round } from '../judge/goal.ts'
import { escape, frame } from './draw-bars.ts'

/** Curves over the size of a country, or over time. */
export interface LineChart {
  readonly title: string
  readonly x: { readonly unit: string; readonly isLogarithmic: boolean }
  readonly y: { readonly unit: string }
  readonly curves: readonly { readonly label: string; readonly points: readonly { x: number; y: number }[] }[]
}

const PLOT = { left: 60, right: 600, top: 56, bottom: 296 } as const
const HEIGHT = 340
const TICKS = 4

/** An SVG that reads on a light and on a dark page, and tells in words what it shows. The scale begins at nothing. */
export function drawLines(chart: LineChart): string {
  const points = chart.curves.flatMap((curve) => curve.points)
  const along = (value: number): number => (chart.x.isLogarithmic ? Math.log10(value) : value)
  const [least, most] = [Math.min(...points.map(({ x }) => along(x))), Math.max(...points.map(({ x }) => along(x)))]
  const top = Math.max(...points.map(({ y }) => y)) * 1.1
  const toX = (x: number): number => PLOT.left + ((along(x) - least) / (most - least || 1)) * (PLOT.right - PLOT.left)
  const toY = (y: number): number => PLOT.bottom - (y / top) * (PLOT.bottom - PLOT.top)
  const body: string[] = []
  for (let tick = 0; tick <= TICKS; tick++) {
    const value = (top / TICKS) * tick
    body.push(
      `<line class="grid" x1="${PLOT.left}" x2="${PLOT.right}" y1="${toY(value).toFixed(1)}" y2="${toY(value).toFixed(1)}"/>`,
      `<text class="axis" text-anchor="end" x="${PLOT.left - 6}" y="${(toY(value) + 4).toFixed(1)}">${round(value)}</text>`,
    )
  }
  const marks = chart.x.isLogarithmic
    ? [...new Set(points.map(({ x }) => x))]
    : [points[0]?.x ?? 0, points.at(-1)?.x ?? 0]
  for (const x of marks) {
    body.push(
      `<text class="axis" text-anchor="middle" x="${toX(x).toFixed(1)}" y="${PLOT.bottom + 18}">${x >= 1000 ? `10${superscript(Math.round(Math.log10(x)))}` : round(x)}</text>`,
    )
  }
  body.push(
    `<text class="axis" text-anchor="middle" x="${(PLOT.left + PLOT.right) / 2}" y="${PLOT.bottom + 36}">${escape(chart.x.unit)}</text>`,
  )
  for (const [index, { label, points: own }] of chart.curves.entries()) {
    const path = own.map(({ x, y }) => `${toX(x).toFixed(1)},${toY(y).toFixed(1)}`).join(' ')
    body.push(`<polyline class="line${index % 4}" points="${path}"/>`)
    if (own.length < 40) {
      for (const { x, y } of own) {
        body.push(`<circle class="point${index % 4}" cx="${toX(x).toFixed(1)}" cy="${toY(y).toFixed(1)}" r="3"/>`)
      }
    }
    body.push(
      `<rect class="bar${index % 4}" x="${PLOT.right + 12}" y="${PLOT.top + index * 22}" width="10" height="10"/>`,
      `<text x="${PLOT.right + 28}" y="${PLOT.top + index * 22 + 10}">${escape(label)}</text>`,
    )
  }
  return frame({
    title: chart.title,
    subtitle: chart.y.unit,
    description: describe(chart),
    height: HEIGHT,
    body: body.join('\n'),
  })
}

function describe({ x, y, curves }: LineChart): string {
  return curves
    .map(({ label, points }) => {
      const [first, last] = [points[0], points.at(-1)]
      if (first === undefined || last === undefined) return `${label}: nothing`
      return `${label}: from ${round(first.y)} ${y.unit} at ${round(first.x)} ${x.unit} to ${round(last.y)} at ${round(last.x)}`
    })
    .join('. ')
}

function superscript(digit: number): string {
  return String(digit).replaceAll(/\d/g, (one) => '⁰¹²³⁴⁵⁶⁷⁸⁹'.charAt(Number(one)))
}
