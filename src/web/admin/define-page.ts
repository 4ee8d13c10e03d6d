import type { z } from 'zod'
import { permissionOf, type Act } from '../../administration/permissions.ts'
import type { AuditActor } from '../../audit/audit-event.ts'
import type { Locale } from '../locale.ts'
import type { Translate } from '../messages.ts'
import type { Admin } from './caller.ts'

/** What a page knows when it is asked for. Whoever gets here is signed in and has a role that may do the act. */
export interface PageRequest<Fields = undefined> {
  readonly admin: Admin
  /** `admin:<account id>`, for the log and for whatever is done. */
  readonly actor: AuditActor
  readonly locale: Locale
  readonly t: Translate
  /** Of the path. */
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  /** Of the form, as its schema made it. */
  readonly fields: Fields
}

export type PageAnswer =
  | {
      readonly kind: 'page'
      /** `views/<view>.ejs`, drawn inside `views/admin/layout.ejs`. It is also given `admin`, `csrf`, `locale`, `t`. */
      readonly view: string
      /** Message key of the document's title. */
      readonly titleKey: string
      readonly values?: Readonly<Record<string, unknown>>
      readonly status?: number
      /** A page of the console to which it goes on by itself, at once. */
      readonly refreshTo?: string
    }
  /** 303 to a page of the console. `done`: message key of what is said there, `admin.done.<done>`. */
  | { readonly kind: 'go'; readonly to: `/admin${string}`; readonly done?: string }
  | { readonly kind: 'json'; readonly value: unknown }
  | {
      readonly kind: 'file'
      readonly name: string
      readonly type: string
      readonly content: string | AsyncIterable<string | Uint8Array>
    }

export const page = (
  view: string,
  titleKey: string,
  values: Readonly<Record<string, unknown>> = {},
  status = 200,
): Extract<PageAnswer, { kind: 'page' }> => ({ kind: 'page', view, titleKey, values, status })

export const go = (to: `/admin${string}`, done?: string): PageAnswer => ({
  kind: 'go',
  to,
  ...(done === undefined ? {} : { done }),
})

/** What is shown before and after the tap of an act that needs one: the administrator sees what they confirm. */
export interface Confirmation {
  /** `admin.…` */
  readonly titleKey: string
  readonly facts: readonly { readonly label: string; readonly value: string }[]
  /** One more sentence; a text, not a key. */
  readonly note?: string
}

interface Route {
  readonly method: 'get' | 'post'
  /** Below `/admin`, as express reads it: `/accounts/:accountId`; `` is the first page. */
  readonly path: string
  readonly act: Act
  /** In the navigation, under `admin.nav.<key>`, for whose role may see it. Lower numbers first. */
  readonly nav?: { readonly key: string; readonly order: number }
  /** Files and long lists: octets of a form at most. */
  readonly formBytes?: number
}

interface Definition<Schema extends z.ZodType> extends Route {
  /** Of a POST. The field `csrf` is taken out before. One that does not fit is answered by `invalid`, else by an error page. */
  readonly form?: Schema
  /** Draws the page again with what is wrong, 422. */
  invalid?(request: PageRequest<Readonly<Record<string, unknown>>>, fault: z.ZodError): Promise<PageAnswer> | PageAnswer
  /**
   * Where the act needs a fresh tap (`PERMISSIONS`): required, and may refuse what cannot be done anyway: by a Refusal, or by a
   * ZodError where the form is to be drawn again (`invalid`).
   */
  confirm?(request: PageRequest<z.output<Schema>>): Promise<Confirmation> | Confirmation
  /** @throws Refusal: becomes an error page of the console */
  handle(request: PageRequest<z.output<Schema>>): Promise<PageAnswer> | PageAnswer
}

/** One page of the console, as the router, the navigation and the authorisation matrix read it. */
export interface PageRoute extends Route {
  readonly stepUp: boolean
  readonly form: z.ZodType | undefined
  readonly invalid:
    | ((request: PageRequest<Readonly<Record<string, unknown>>>, fault: z.ZodError) => Promise<PageAnswer> | PageAnswer)
    | undefined
  readonly confirm: ((request: PageRequest<unknown>) => Promise<Confirmation> | Confirmation) | undefined
  readonly handle: (request: PageRequest<unknown>) => Promise<PageAnswer> | PageAnswer
}

/** @throws Error when the definition contradicts the table of permissions: a fault of ours, found at start */
export function definePage<Schema extends z.ZodType = z.ZodUndefined>(definition: Definition<Schema>): PageRoute {
  const { method, path, act } = definition
  const { stepUp } = permissionOf(act)
  const isPost = method === 'post'
  if (stepUp && !isPost) throw new Error(`GET ${path}: ${act} needs a fresh tap, and a link cannot ask for one`)
  if (stepUp !== (definition.confirm !== undefined)) {
    throw new Error(`${method} ${path}: confirm() is there exactly where ${act} needs a fresh tap`)
  }
  if (!isPost && definition.form !== undefined) throw new Error(`GET ${path} has no form`)
  return {
    ...definition,
    stepUp,
    form: definition.form,
    invalid: definition.invalid?.bind(definition),
    confirm: definition.confirm?.bind(definition) as PageRoute['confirm'],
    handle: definition.handle.bind(definition) as PageRoute['handle'],
  }
}
