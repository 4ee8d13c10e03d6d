export interface ControlDeps {
  /** One line of result. */
  readonly say: (line: string) => void
  /** One line of complaint. */
  readonly complain: (line: string) => void
}

/** sysexits.h EX_UNAVAILABLE: nobody is there to ask. */
const EX_UNAVAILABLE = 69
const DEADLINE_MS = 10_000

/** Sends one order (or, without one, a question) to the control paths. Says why when it fails. @returns exit status, and the answer */
export async function askControl(
  { complain }: ControlDeps,
  url: string,
  path: string,
  order: unknown,
): Promise<{ readonly status: number; readonly answer?: unknown }> {
  let response: Response
  try {
    response = await fetch(url + path, {
      signal: AbortSignal.timeout(DEADLINE_MS),
      ...(order === undefined
        ? {}
        : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(order) }),
    })
  } catch {
    complain(`No virtual JPKI answers at ${url}. "npm start" or "sekisho-jpki serve" runs one; --url says where.`)
    return { status: EX_UNAVAILABLE }
  }
  const body = await response.text()
  if (response.ok) return { status: 0, answer: JSON.parse(body) }
  complain(complaintOf(body))
  return { status: 1 }
}

/** Refusals of events are JSON with a code, all others are a line of text. */
function complaintOf(body: string): string {
  try {
    const { error, message } = JSON.parse(body) as { readonly error: string; readonly message: string }
    return `${message} (${error})`
  } catch {
    return body.trim()
  }
}
