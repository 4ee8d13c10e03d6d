import { readFileSync } from 'node:fs'
import type { ConfigFault } from './config-error.ts'
import type { Setting } from './setting.ts'
import { SETTINGS, type SettingName, type SettingValues } from './settings.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Reads every key by itself. Faults are collected, not thrown; a key with a fault has no value. */
export function readSettings(env: Environment): { values: SettingValues; faults: ConfigFault[] } {
  const faults: ConfigFault[] = []
  const values: Partial<Record<SettingName, unknown>> = {}
  for (const name of Object.keys(SETTINGS) as SettingName[]) {
    const setting: Setting<unknown> = SETTINGS[name]
    const text = setting.secret ? readSecretText(name, env, faults) : textOf(env[name])
    const chosen = text ?? setting.fallback
    if (chosen === undefined) continue
    const parsed = setting.schema.safeParse(chosen)
    if (parsed.success) values[name] = parsed.data
    else {
      const messages = new Set(parsed.error.issues.map(({ message }) => message))
      faults.push(...[...messages].map((fault) => ({ key: name, fault })))
    }
  }
  return { values: values as SettingValues, faults }
}

/** Docker and Kubernetes hand secrets over as files. */
function readSecretText(name: string, env: Environment, faults: ConfigFault[]): string | undefined {
  const key = `${name}_FILE`
  const [text, path] = [textOf(env[name]), textOf(env[key])]
  if (path === undefined) return text
  if (text !== undefined) {
    faults.push({ key, fault: `is set together with ${name}: choose one` })
    return text
  }
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (fault) {
    faults.push({ key, fault: `cannot be read (${(fault as NodeJS.ErrnoException).code ?? 'unknown'})` })
    return undefined
  }
}

/** An empty variable is one that is not set: shells and compose files cannot say it otherwise. */
function textOf(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text.trim()
}
