import { readResource } from './resources/read-resource.ts'

const { version } = JSON.parse(readResource('package.json').toString()) as { version: string }

export const AGENT_NAME = 'sekisho-agent'
export const AGENT_VERSION = version
