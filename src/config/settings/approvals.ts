import { z } from 'zod'
import { integer } from '../setting-formats.ts'
import { setting } from '../setting.ts'

/** What is done to accounts in the console; a test holds them equal to `GRAPH_ACTS`. */
export const APPROVABLE_ACTS = ['link', 'unlink', 'merge', 'split', 'suspend', 'reopen', 'close', 'undo'] as const
const FAULT = `must be all, or a list of ${APPROVABLE_ACTS.join(', ')}`

const acts = z.string().transform((text, ctx): readonly (typeof APPROVABLE_ACTS)[number][] => {
  if (text === 'all') return APPROVABLE_ACTS
  const words = text.split(',').map((word) => word.trim())
  if (words.every((word) => APPROVABLE_ACTS.some((act) => act === word))) {
    return APPROVABLE_ACTS.filter((act) => words.includes(act))
  }
  ctx.addIssue({ code: 'custom', message: FAULT })
  return z.NEVER
})

/** Two pairs of eyes (docs/administration.md). */
export const APPROVAL_SETTINGS = {
  ADMIN_APPROVALS: setting({
    schema: acts,
    summary:
      'What is done to accounts in the console only after a second administrator has approved it. Left out of it is what is ' +
      'urgent and easily undone. What concerns an administrator’s account always needs an owner’s approval.',
    format: '`all`, or a list of `link`, `unlink`, `merge`, `split`, `suspend`, `reopen`, `close`, `undo`',
    fallback: 'link,unlink,merge,split,reopen,close,undo',
  }),
  ADMIN_APPROVAL_HOURS: setting({
    schema: integer(1, 30 * 24),
    summary: 'How long a proposal waits for a second administrator.',
    format: '1–720',
    fallback: '72',
  }),
} as const
