// @peculiar/x509 injects with tsyringe, which wants the reflection polyfill loaded first.
import 'reflect-metadata'

export * as x509 from '@peculiar/x509'
