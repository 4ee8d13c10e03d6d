import { Refusal } from '../../error-registry/refusal.ts'
import type { DirectAnswer } from './answer-directly.ts'
import { openExchange, type Exchange } from './exchange.ts'

export type Step = (exchange: Exchange) => unknown

/** What is below the address of an interaction, `/card`, and by which method; the interaction itself is ``. */
export type Steps = Readonly<Record<string, Readonly<Partial<Record<'GET' | 'POST', Step>>>>>

const PREFIX = '/interaction/'

/** @param showRefusal tells the person what was thrown */
export function routeSteps(steps: Steps, showRefusal: (exchange: Exchange, fault: unknown) => void): DirectAnswer {
  const known = new Map(Object.entries(steps))

  const take = async (exchange: Exchange, path: string): Promise<void> => {
    const { req, res } = exchange
    // HEAD would take a step, and throw away where it led
    if (req.method === 'HEAD') throw new Refusal('SERVER_METHOD_NOT_ALLOWED')
    const byMethod = known.get(path)
    if (byMethod !== undefined && req.method === 'OPTIONS') {
      tellMethods(res, byMethod)
      return
    }
    const step = req.method === 'GET' || req.method === 'POST' ? byMethod?.[req.method] : undefined
    if (step === undefined) throw new Refusal('SERVER_PAGE_NOT_FOUND')
    await step(exchange)
  }

  return async (req, res, target) => {
    res.setHeader('Cache-Control', 'no-store')
    const below = target.path.slice(PREFIX.length)
    const end = below.indexOf('/')
    const id = end < 0 ? below : below.slice(0, end)
    let exchange = openExchange(req, res, target, '')
    try {
      exchange = openExchange(req, res, target, id)
      // without an id it is no interaction, whatever stands behind it
      await take(exchange, id === '' ? 'none' : end < 0 ? '' : below.slice(end))
    } catch (fault) {
      if (res.headersSent) throw fault
      showRefusal(exchange, fault)
    }
  }
}

/** RFC 9110 §9.3.7. */
function tellMethods(res: Exchange['res'], byMethod: Steps[string]): void {
  const allowed = [...('GET' in byMethod ? ['GET', 'HEAD'] : []), ...('POST' in byMethod ? ['POST'] : [])].join(', ')
  res.setHeader('Allow', allowed)
  res.setHeader('Content-Length', allowed.length)
  res.setHeader('Content-Type', 'text/plain')
  res.end(allowed)
}
