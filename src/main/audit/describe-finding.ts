import type { AuditFinding, AuditVerification } from '../../audit/seal/verify-audit-log.ts'

/** One line for an operator. */
export function describeFinding(finding: AuditFinding): string {
  switch (finding.fault) {
    case 'event-edited':
      return `event ${finding.sequence}: is not what was sealed`
    case 'event-deleted':
      return `event ${finding.sequence}: was sealed and is gone`
    case 'event-inserted':
      return `event ${finding.sequence}: was not there when its number was sealed`
    case 'event-moved':
      return `event ${finding.sequence}: is the record of event ${finding.from}`
    case 'seal-missing':
      return `seal ${finding.seal}: the one before it is gone`
    case 'seal-not-chained':
      return `seal ${finding.seal}: does not continue the one before it`
    case 'seal-range':
      return `seal ${finding.seal}: its numbers do not continue those before it`
    case 'seal-tree':
      return `seal ${finding.seal}: its leaves do not make its root`
    case 'seal-signature':
      return `seal ${finding.seal}: its signature is wrong`
    case 'seal-key-unknown':
      return `seal ${finding.seal}: signed with a key that is not known here`
    case 'tombstone-signature':
      return `tombstone of seal ${finding.seal}: its signature is wrong`
    case 'tombstone-key-unknown':
      return `tombstone of seal ${finding.seal}: signed with a key that is not known here`
    case 'tombstone-of-nothing':
      return `tombstone of seal ${finding.seal}: does not fit any seal`
    case 'head-differs':
      return `seal ${finding.seal}: is not the one that was expected; the log was cut or replaced`
  }
}

export function describeVerification({ findings, truncated, head, ...counts }: AuditVerification): string {
  return [
    ...findings.map(describeFinding),
    ...(truncated ? ['… and more'] : []),
    `${counts.events} events, ${counts.seals} seals, ${counts.pruned} events taken out after their time`,
    ...(counts.unsealed === 0 ? [] : [`${counts.unsealed} events are not sealed yet: nothing vouches for them`]),
    head === undefined ? 'no seal yet' : `head ${head.number}:${head.digest}`,
    findings.length === 0 ? 'nothing is wrong' : 'THE LOG WAS CHANGED',
  ].join('\n')
}
