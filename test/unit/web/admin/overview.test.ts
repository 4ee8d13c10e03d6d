import { describe, expect, test } from 'vitest'
import { drawBars, niceCeiling } from '../../../../src/web/admin/overview/draw-bars.ts'
import { beginOf, bucketsOf, RANGES, topRefusals } from '../../../../src/web/admin/overview/sign-in-buckets.ts'
import { readFilter } from '../../../../src/web/admin/audit/read-filter.ts'

/** 12:34 in Japan. */
const NOW = new Date('2026-11-22T03:34:00Z')
const at = (hour: string) => new Date(hour)

describe('sign-ins in bars', () => {
  test.each([
    ['day', '2026-11-21T04:00:00.000Z'],
    ['week', '2026-11-15T09:00:00.000Z'],
    ['month', '2026-10-23T15:00:00.000Z'],
  ] as const)('a %s begins at %s: at full hours, quarters and days of Japan', (range, begin) => {
    expect(beginOf(range, NOW).toISOString()).toBe(begin)
    const buckets = bucketsOf(range, [], NOW)
    expect(buckets).toHaveLength(RANGES[range].bars)
    expect(buckets.every(({ succeeded, refused }) => succeeded + refused === 0)).toBe(true)
  })

  test('every hour is in one bar; what is older, younger or something else is in none', () => {
    const counts = [
      { hour: at('2026-11-22T03:00:00Z'), type: 'sign_in.succeeded', code: undefined, events: 5 },
      { hour: at('2026-11-21T15:00:00Z'), type: 'sign_in.refused', code: 'CERT_EXPIRED', events: 2 },
      { hour: at('2026-11-21T14:00:00Z'), type: 'sign_in.refused', code: 'CERT_REVOKED', events: 3 },
      { hour: at('2026-11-22T02:00:00Z'), type: 'account.created', code: undefined, events: 7 },
      { hour: at('2026-10-01T00:00:00Z'), type: 'sign_in.succeeded', code: undefined, events: 9 },
    ]
    expect(bucketsOf('month', counts, NOW).slice(-2)).toEqual([
      { begin: at('2026-11-20T15:00:00Z'), succeeded: 0, refused: 3 },
      { begin: at('2026-11-21T15:00:00Z'), succeeded: 5, refused: 2 },
    ])
    expect(topRefusals(counts, 1)).toEqual([{ code: 'CERT_REVOKED', count: 3 }])
  })
})

describe('a chart', () => {
  test.each([
    [0, 2],
    [3, 5],
    [10, 10],
    [11, 20],
    [501, 1000],
    [7_000_000, 10_000_000],
  ])('of at most %d is drawn up to %d', (value, top) => {
    expect(niceCeiling(value)).toBe(top)
  })

  test('is well-formed, names itself, fits its frame, and lets no text become markup', () => {
    const svg = drawBars(
      [
        {
          label: '<b>"1"&\'',
          parts: [
            { className: 'chart-good', value: 7 },
            { className: 'chart-refused', value: 1 },
          ],
        },
        { label: '2', parts: [{ className: 'chart-good', value: 0 }] },
      ],
      { id: 'x', title: 'How <many>' },
    )
    expect(svg).toContain('<title id="x">How &#60;many&#62;</title>')
    expect(svg).not.toMatch(/<b>|style=|NaN|-\d/)
    expect(svg.match(/<rect/g)).toHaveLength(2)
    expect(drawBars([], { id: 'x', title: '' })).not.toContain('NaN')
  })

  test('what happened once among thousands is still to be seen', () => {
    const svg = drawBars(
      [
        {
          label: '1',
          parts: [
            { className: 'chart-good', value: 9999 },
            { className: 'chart-refused', value: 1 },
          ],
        },
      ],
      { id: 'x', title: '' },
    )
    expect(/class="chart-refused"[^>]* height="([\d.]+)"/.exec(svg)?.[1]).toBe('1.5')
  })
})

test('a filter of the log says what it did not understand, and looks for the rest', () => {
  const { filter, faults } = readFilter({ accountId: 'x', from: '2026-11-22T12:00', until: 'soon', type: ' a.b ' })
  expect(filter).toEqual({
    type: 'a.b',
    accountId: undefined,
    clientId: undefined,
    code: undefined,
    actor: undefined,
    from: at('2026-11-22T03:00:00Z'),
    until: undefined,
  })
  expect(faults).toEqual(['accountId', 'until'])
})
