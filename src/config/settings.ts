import type { z } from 'zod'
import { APPROVAL_SETTINGS } from './settings/approvals.ts'
import { ADMIN_SETTINGS } from './settings/admin.ts'
import { BEHAVIOUR_SETTINGS } from './settings/behaviour.ts'
import { CERTIFICATE_SETTINGS } from './settings/certificates.ts'
import { KEY_SETTINGS } from './settings/keys.ts'
import { LINKAGE_SETTINGS } from './settings/linkage.ts'
import { OUTBOUND_SETTINGS } from './settings/outbound.ts'
import { SERVER_SETTINGS } from './settings/server.ts'
import { STORAGE_SETTINGS } from './settings/storage.ts'

/** Every key there is, in the order of docs/config.md. One file a theme. */
export const SETTINGS = {
  ...SERVER_SETTINGS,
  ...ADMIN_SETTINGS,
  ...STORAGE_SETTINGS,
  ...KEY_SETTINGS,
  ...CERTIFICATE_SETTINGS,
  ...LINKAGE_SETTINGS,
  ...OUTBOUND_SETTINGS,
  ...APPROVAL_SETTINGS,
  ...BEHAVIOUR_SETTINGS,
} as const

export type SettingName = keyof typeof SETTINGS

/** A value for each key that was set, or has a text to stand in. */
export type SettingValues = {
  readonly [Name in SettingName]: z.infer<(typeof SETTINGS)[Name]['schema']> | undefined
}
