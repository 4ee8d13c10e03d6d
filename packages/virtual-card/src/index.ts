export {
  createVirtualCard,
  type CertificateSlot,
  type VirtualCard,
  type VirtualCardOptions,
} from './card/virtual-card.ts'
export { MY_NUMBER_CARD_ATR } from './card/atr.ts'
export { JPKI_AP_AID } from './card/application.ts'
export { FILE, TOKEN_LABELS, type TokenLabel } from './card/elementary-files.ts'
export type { CommandRecord } from './card/command-log.ts'
export { STATUS } from './apdu/status-words.ts'
export type { InsertableCard } from './card/insertable-card.ts'
export { CardRemoved, CardTransportFailed } from './card/card-faults.ts'
export { connectToVpcd, VPCD_PORT, type VpcdConnection } from './vpcd/connect-to-vpcd.ts'
export { scriptMisbehaviour, type MisbehavingCard } from './misbehaviour/script-misbehaviour.ts'
export type {
  CommandName,
  Misbehaviour,
  MisbehaviourRule,
  MisbehaviourScript,
} from './misbehaviour/misbehaviour-script.ts'
