/** Application identifier of the JPKI application, the only one this card has (jpki.md §1.1). */
export const JPKI_AP_AID: Uint8Array = Uint8Array.of(0xd3, 0x92, 0xf0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01)
