import { describe, expect, test } from 'vitest'
import { createHash } from 'node:crypto'
import { ForbiddenCommand, judgeCommand, type ChannelState } from '../../src/card/judge-command.ts'
import { FILES } from '../../src/card/jpki-application.ts'

const START: ChannelState = { application: false, file: undefined, pinPresented: false, answerPending: false }
const IN: ChannelState = { ...START, application: true }
const AT_INFO: ChannelState = { ...IN, file: FILES.tokenInfo }
const AT_CERTIFICATE: ChannelState = { ...IN, file: FILES.authenticationCertificate }
const AT_PIN: ChannelState = { ...IN, file: FILES.authenticationPin }
const AFTER_PIN: ChannelState = { ...AT_PIN, pinPresented: true }
const AT_KEY: ChannelState = { ...IN, file: FILES.authenticationKey, pinPresented: true }

const JPKI = '00a4040c0ad392f000260100000001'
const DIGEST_INFO = `3031300d060960864801650304020105000420${createHash('sha256').update('T').digest('hex')}`

describe('attack 24: nothing but the shapes of a sign-in reaches a card', () => {
  test.each<[string, string, ChannelState]>([
    ['no bytes at all', '', IN],
    ['the application of the individual number', '00a4040c0ad3921000310001010100', START],
    ['the text application (four attributes, individual number)', '00a4040c0ad3921000310001010408', START],
    ['the visual application', '00a4040c0ad3921000310001010402', START],
    ['an AID that begins like ours', '00a4040c0bd392f00026010000000100', START],
    ['an AID shorter than ours', '00a4040c09d392f0002601000000', START],
    ['our AID with a wrong length byte', '00a4040c09d392f000260100000001', START],
    ['our AID with FCI asked for', '00a404000ad392f000260100000001', START],
    ['the master file', '00a4000c023f00', START],
    ['a file before the application', '00a4020c020006', START],
    ['the signature certificate', '00a4020c020001', IN],
    ['the signature CA certificate', '00a4020c020002', IN],
    ['the presence file', '00a4020c020008', IN],
    ['the CA certificate', '00a4020c02000b', IN],
    ['the signature key', '00a4020c02001a', IN],
    ['the signature PIN', '00a4020c02001b', IN],
    ['a file id of three bytes', '00a4020c03000600', IN],
    ['READ BINARY with no file', '00b0000000', IN],
    ['READ BINARY of the PIN file', '00b0000000', AT_PIN],
    ['READ BINARY by short file identifier', '00b0810000', AT_CERTIFICATE],
    ['READ BINARY with data', '00b000000100', AT_CERTIFICATE],
    ['READ RECORD', '00b2010c00', AT_CERTIFICATE],
    ['VERIFY at another file', '0020008004 31323334'.replaceAll(' ', ''), AT_CERTIFICATE],
    ['VERIFY of three digits', '0020008003313233', AT_PIN],
    ['VERIFY of five digits', '00200080053132333435', AT_PIN],
    ['VERIFY of letters', '002000800441424344', AT_PIN],
    ['VERIFY by short file identifier', '002000980431323334', AT_PIN],
    ['a second VERIFY in one session', '002000800431323334', AFTER_PIN],
    ['a retry question that announces a PIN', '0020008004', AT_PIN],
    ['CHANGE PIN', '002401800435363738', AFTER_PIN],
    ['RESET RETRY COUNTER', '002c008000', AFTER_PIN],
    ['signing before a PIN', `802a008033${DIGEST_INFO}00`, { ...AT_KEY, pinPresented: false }],
    ['signing with no key selected', `802a008033${DIGEST_INFO}00`, AFTER_PIN],
    ['signing 32 raw bytes', `802a008020${DIGEST_INFO.slice(38)}00`, AT_KEY],
    ['signing 51 bytes that are no DigestInfo', `802a008033${'ab'.repeat(51)}00`, AT_KEY],
    ['signing a SHA-1 DigestInfo', `802a0080233021300906052b0e03021a05000414${'00'.repeat(20)}00`, AT_KEY],
    ['signing with a SHA-384 prefix', `802a008033${DIGEST_INFO.replace('0304020105', '0304020205')}00`, AT_KEY],
    ['signing with the card hashing (P1=01)', `802a018033${DIGEST_INFO}00`, AT_KEY],
    ['signing with PSS (P1=04)', `802a048033${DIGEST_INFO}00`, AT_KEY],
    ['signing by short file identifier', `802a009733${DIGEST_INFO}00`, AT_KEY],
    ['signing with chaining class byte', `902a008033${DIGEST_INFO}00`, AT_KEY],
    ['GET RESPONSE out of turn', '00c0000000', AT_CERTIFICATE],
    ['GET CHALLENGE', '0084000008', IN],
    ['INTERNAL AUTHENTICATE', '0088000008', IN],
    ['UPDATE BINARY', '00d6000001ff', AT_CERTIFICATE],
    ['the extra command of telephones', '80fc0000', IN],
    ['extended length', '00b000000000ff', AT_CERTIFICATE],
  ])('refused: %s', (_what, hex, state) => {
    expect(() => judgeCommand(Buffer.from(hex, 'hex'), state)).toThrow(ForbiddenCommand)
  })

  test.each<[string, string, ChannelState, string]>([
    ['JPKI-AP', JPKI, START, 'select-application'],
    ['token info', '00a4020c020006', IN, 'select-file'],
    ['authentication certificate', '00a4020c02000a', IN, 'select-file'],
    ['authentication key', '00a4020c020017', IN, 'select-file'],
    ['authentication PIN', '00a4020c020018', IN, 'select-file'],
    ['the label', '00b0000020', AT_INFO, 'read'],
    ['the certificate at its last offset', '00b07fff00', AT_CERTIFICATE, 'read'],
    ['tries left, four bytes', '00200080', AT_PIN, 'ask-tries'],
    ['tries left, five bytes', '0020008000', AT_PIN, 'ask-tries'],
    ['VERIFY', '002000800431323334', AT_PIN, 'verify'],
    ['the transcript', `802a008033${DIGEST_INFO}00`, AT_KEY, 'sign'],
    ['the rest of an answer', '00c0000010', { ...AT_KEY, answerPending: true }, 'get-response'],
  ])('allowed: %s', (_what, hex, state, kind) => {
    expect(judgeCommand(Buffer.from(hex, 'hex'), state).kind).toBe(kind)
  })
})
