/** Why something was done, in words that are meant for the person: what an administrator wrote for the log is not. */
export const TOLD_REASONS = ['asked', 'renewed', 'lost', 'mistake', 'misuse', 'law'] as const

export type ToldReason = (typeof TOLD_REASONS)[number]
