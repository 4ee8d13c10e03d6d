import { z } from 'zod'
import type { Confirmation, PageAnswer, PageRequest, PageRoute } from './define-page.ts'

/** What is confirmed, or the form once more where it cannot be carried out as it is: `confirm` says so by a ZodError. */
export async function confirmAct(
  { confirm, invalid }: Pick<PageRoute, 'confirm' | 'invalid'>,
  request: PageRequest<unknown>,
  fields: Readonly<Record<string, unknown>>,
): Promise<{ readonly confirmation: Confirmation } | { readonly answer: PageAnswer }> {
  if (confirm === undefined) throw new Error('an act that nobody confirms')
  try {
    return { confirmation: await confirm(request) }
  } catch (fault) {
    if (!(fault instanceof z.ZodError) || invalid === undefined) throw fault
    return { answer: asInvalid(await invalid({ ...request, fields }, fault)) }
  }
}

/** 422, unless the page says better. */
export function asInvalid(answer: PageAnswer): PageAnswer {
  return answer.kind === 'page' && (answer.status ?? 200) < 400 ? { ...answer, status: 422 } : answer
}
