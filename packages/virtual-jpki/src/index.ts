export { createVirtualJpki, type VirtualJpki, type VirtualJpkiOptions } from './create-virtual-jpki.ts'
export type { AnchorFile } from './create-authorities.ts'
export { serveVirtualJpki, type VirtualJpkiServer } from './service/serve-virtual-jpki.ts'
export type { IssuedCertificate, IssueOrder } from './create-issuer.ts'
export type { PersonaCard, PersonaCardSlot } from './persona/make-persona-card.ts'
export type {
  CertificateKey,
  CertificateRegistry,
  IssuedStatus,
  Medium,
  RegisteredCertificate,
  Relation,
  RevocationReason,
} from './registry.ts'
export type { MovingClock } from './clock/create-moving-clock.ts'
export {
  LIFE_EVENTS,
  LifeEventRefused,
  type CertificateChange,
  type LifeEvent,
  type LifeEventName,
  type LifeEventOrder,
} from './people/life-event.ts'
export type { CertificateView, ResidentView, TokenView } from './people/view-people.ts'
export type { LinkageDesk, LinkageOrder } from './linkage/create-linkage-desk.ts'
export { LINKAGE_MISBEHAVIOURS, type LinkageMisbehaviour } from './linkage/linkage-misbehaviours.ts'
export {
  LINKAGE_ERRORS,
  type LinkageError,
  type LinkageQuestion,
  type PersonAnswer,
  type PersonQuestion,
  type PreviousAnswer,
  type PreviousCertificate,
} from './linkage/linkage-question.ts'
export type { AuthorityOrder, CertificateAuthority, Generation } from './certificate/certificate-authority.ts'
export type { CertificateOverrides } from './certificate/certificate-overrides.ts'
export type { TbsParts } from './certificate/assemble-certificate.ts'
export type { Holder } from './certificate/make-leaf.ts'
export type { HttpAnswer } from './service/http-answer.ts'
export type { ExtensionPlan, KeyUsageName } from './certificate/extensions.ts'
export { OCSP_MISBEHAVIOURS, type OcspMisbehaviour } from './ocsp/ocsp-misbehaviours.ts'
export { KEY_ALGORITHMS, type KeyAlgorithm } from './key/generate-deterministic-key.ts'
export { SIGNATURE_ALGORITHMS, type SignatureAlgorithm } from './certificate/signature-algorithm.ts'
export { encodeName, PURPOSES, type NameAttribute, type Purpose } from './certificate/distinguished-names.ts'
export { unknownExtension } from './certificate/extensions.ts'
export { OID } from './certificate/object-identifiers.ts'
export { MISBEHAVIOURS, type Misbehaviours } from './misbehaviours.ts'
export { CRL_MISBEHAVIOURS, type CrlMisbehaviour } from './crl/crl-misbehaviours.ts'
export type { CrlOrder } from './crl/create-crl-publisher.ts'
export type { CrlPlan } from './crl/build-crl.ts'
export { encodeManyCrlEntries, type CrlEntryPlan } from './crl/encode-crl-entries.ts'
export { REVOCATION_REASONS } from './registry.ts'
export { toPem } from './certificate/to-pem.ts'
export { AUTHENTICATION_PIN, type ExpectedCode, type PersonaPlan } from './persona/persona-plan.ts'
export { PERSONAS } from './persona/personas.ts'
